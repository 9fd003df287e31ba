#!/usr/bin/env bash
# Makes .venv and everything in it: slowfeat with its trainer, the simulator, ROS 2, the workspace.
#
# Needs Python 3.11 to 3.13 with venv and headers, a C and a C++ compiler, make and git. ROS 2 comes
# from a sourced install where there is one, else as wheels into .venv. Safe to run again; `make setup`
# runs it only when something it reads has changed.
#
# Variables: PYTHON (which interpreter to build on).
set -euo pipefail
cd "$(dirname "$0")/.."

readonly venv="$PWD/.venv"
readonly log="$PWD/.venv/setup.log"
# The ROS wheels leave this mark for their child processes; another environment's mark is not ours.
unset _ROS_WHEELS_BOOTSTRAP_COMPLETE

die() {
    echo "setup: $*" >&2
    exit 1
}

# quietly WHAT COMMAND...: says WHAT, keeps the noise for the log, shows its tail on failure.
quietly() {
    local what=$1
    shift
    echo "setup: $what"
    echo "== $what: $*" >>"$log"
    if ! "$@" >>"$log" 2>&1; then
        tail -n 25 "$log" >&2
        die "failed: $what; the whole log is $log"
    fi
}

is_supported() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null
}

choose_python() {
    if [ -n "${PYTHON:-}" ]; then
        is_supported "$PYTHON" || die "PYTHON=$PYTHON is not a Python 3.11 to 3.13: name one that is"
        echo "$PYTHON"
        return
    fi
    local candidate
    for candidate in python3 python3.13 python3.12 python3.11; do
        if is_supported "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    die "no Python 3.11 to 3.13 on PATH: install one, or say make PYTHON=/path/to/python3"
}

check_prerequisites() {
    local python=$1 tool include
    "$python" -c 'import ensurepip, venv' 2>/dev/null ||
        die "$python has no venv module: install it (Debian, Ubuntu: apt install python3-venv)"
    include=$("$python" -c 'import sysconfig; print(sysconfig.get_path("include"))')
    [ -f "$include/Python.h" ] ||
        die "$python has no headers ($include/Python.h): install them (Debian, Ubuntu: apt install python3-dev)"
    for tool in make git cc c++; do
        command -v "$tool" >/dev/null ||
            die "$tool is not on PATH: install it (Debian, Ubuntu: apt install build-essential git)"
    done
}

# A ROS 2 install counts as sourced when this Python really imports its rclpy, outside any .venv.
ros_is_sourced() {
    [ -n "${ROS_DISTRO:-}" ] && [ -n "${AMENT_PREFIX_PATH:-}" ] && "$1" -c 'import rclpy' 2>/dev/null
}

make_venv() {
    local python=$1 site=$2
    # Another Python, or ROS sourced since: what is installed would not fit any more.
    local wanted have
    wanted="$("$python" -c 'import sys; print(sys.version)') $site"
    have=$(cat "$venv/.made-with" 2>/dev/null || true)
    if [ "$wanted" != "$have" ]; then
        rm -rf "$venv"
        echo "setup: making .venv on $("$python" --version)"
        if [ "$site" = ros ]; then
            "$python" -m venv --system-site-packages "$venv"
        else
            "$python" -m venv "$venv"
        fi
        echo "$wanted" >"$venv/.made-with"
    fi
    # Tools that look for packages to build, or files to track, need not look in here.
    touch "$venv/COLCON_IGNORE"
    echo '*' >"$venv/.gitignore"
    : >"$log"
}

find_uv() {
    if command -v uv >/dev/null; then
        uv=uv
    else
        uv="$venv/bin/uv"
        [ -x "$uv" ] || quietly "installing uv into .venv" \
            "$venv/bin/python" -m pip install --disable-pip-version-check uv --constraint constraints.txt
    fi
}

# The system's ROS 2 was compiled against the system's numpy: keep that one, and what leans on it free.
constraints_for_sourced_ros() {
    local file="$venv/constraints.txt" version
    version=$("$1" -c 'import numpy; print(numpy.__version__)')
    grep -vE '^(numpy|opencv-python-headless|scipy|ml-dtypes|colcon-|ros-|uv==)' constraints.txt >"$file"
    echo "numpy==$version" >>"$file"
    echo "$file"
}

install_packages() {
    local what=$1 extras=$2 constraints=$3
    quietly "$what" "$uv" pip install --python "$venv/bin/python" \
        --constraint "$constraints" --editable ".[$extras]"
}

build_workspace() {
    export PATH="$venv/bin:$PATH"
    local prefixes="$venv"
    [ "$site" = ros ] && prefixes=${AMENT_PREFIX_PATH}
    export CMAKE_PREFIX_PATH="$prefixes${CMAKE_PREFIX_PATH:+:$CMAKE_PREFIX_PATH}"
    export AMENT_PREFIX_PATH="$prefixes"
    # A cache of another place (a copied clone, a renewed .venv) would be trusted over the arguments.
    if [ "$(cat ros2_ws/build/.made-with 2>/dev/null)" != "$PWD $(cat "$venv/.made-with")" ]; then
        rm -rf ros2_ws/build ros2_ws/install ros2_ws/log
        mkdir -p ros2_ws/build
        echo "$PWD $(cat "$venv/.made-with")" >ros2_ws/build/.made-with
    fi
    quietly "building ros2_ws (slowfeat_interfaces, slowfeat)" env -C ros2_ws \
        colcon build --event-handlers console_direct+ --cmake-args \
        -DBUILD_TESTING=OFF "-DPython3_EXECUTABLE=$venv/bin/python"
    if [ "$site" = wheels ]; then
        # Into .venv too, so that .venv/bin/slowfeat and the tests need nothing sourced.
        quietly "installing slowfeat_interfaces into .venv" \
            cmake --install ros2_ws/build/slowfeat_interfaces --prefix "$venv"
    fi
}

python=$(choose_python)
check_prerequisites "$python"
site=wheels
if ros_is_sourced "$python"; then
    site=ros
fi
make_venv "$python" "$site"
find_uv
if [ "$site" = ros ]; then
    echo "setup: using the sourced ROS 2 $ROS_DISTRO"
    install_packages "installing slowfeat and its trainer" cpu,train,video,cloud,cluster,sim,dev \
        "$(constraints_for_sourced_ros "$python")"
    command -v colcon >/dev/null || quietly "installing colcon into .venv" "$uv" pip install \
        --python "$venv/bin/python" colcon-common-extensions
else
    install_packages "installing slowfeat, its trainer and ROS 2 (about 6 GB, most of it torch)" \
        cpu,train,video,cloud,cluster,sim,ros,ros-build,dev constraints.txt
    "$venv/bin/python" scripts/mend_ros_wheels.py
fi
build_workspace
# uv leaves compiling to the first start, which then takes three times as long (and for ever where bytecode
# must not be written): what the node and the trainer import is compiled by importing it here.
quietly "compiling what is imported" env PYTHONDONTWRITEBYTECODE= bash -c \
    "[ $site = wheels ] || . ros2_ws/install/local_setup.bash
    '$venv/bin/python' -c 'import onnxruntime, rosidl_generator_py, slowfeat.nodes.encoder.encoder_node
import slowfeat_trainer.evaluation.evaluate_bundles, slowfeat_trainer.runs, torch._dynamo, onnxscript'"
echo "setup: done; next: make demo, or .venv/bin/slowfeat --help"
