# make demo and make test are all that a fresh machine needs; both set up what they need first.
# PYTHON=python3.12 chooses the interpreter (3.11 to 3.13).

.DEFAULT_GOAL := help
.PHONY: help setup demo demo-live test test-slow architecture guard bench methods held-out places ablations reproduce bench-view bench-node profile fleet soak lint format constraints clean
SHELL := bash

export PYTHON
# The ROS wheels' mark for child processes; one inherited from another environment would mislead ours.
unexport _ROS_WHEELS_BOOTSTRAP_COMPLETE

BIN := .venv/bin
READY := .venv/.ready
INTERFACES := ros2_ws/src/slowfeat_interfaces
SETUP_INPUTS := pyproject.toml constraints.txt package.xml CMakeLists.txt \
	scripts/setup.sh scripts/mend_ros_wheels.py \
	$(wildcard $(INTERFACES)/* $(INTERFACES)/msg/* $(INTERFACES)/srv/*)
VIEWS := runs/view_selection
# With ROS 2 as wheels the interfaces are in .venv. With a sourced ROS 2 they are in the workspace.
WORKSPACE := if [ -n "$$ROS_DISTRO" ] && [ -f ros2_ws/install/local_setup.bash ]; then \
	. ros2_ws/install/local_setup.bash; fi;

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## */\t/' | expand -t 14

setup: $(READY)  ## make .venv: slowfeat, the trainer, the simulator, ROS 2, the built workspace

$(READY): $(SETUP_INPUTS)
	@scripts/setup.sh
	@touch $@

demo: setup  ## a bag -> a trained bundle -> a live node that predicts; results in demo/
	@$(WORKSPACE) $(BIN)/slowfeat demo --out demo

# Live nodes share the machine with others, and a pause of half a second looks like a lost message: what fails is tried
# once more, and listed. Twice is a failure.
LIVE := --reruns 1 -r fER

test: setup lint  ## lint, types, all tests but the slow ones, and the guard of speed
	@$(WORKSPACE) $(BIN)/python -m pytest -m "not slow and not ros" -n auto --dist loadfile
	@$(WORKSPACE) $(BIN)/python -m pytest -m "not slow and ros" -n 2 --dist loadfile $(LIVE)
	@$(BIN)/python -m benchmarks.performance.guard

test-slow: setup  ## the tests of more than about ten seconds each: whole trainings, kills, soak
	@$(WORKSPACE) $(BIN)/python -m pytest -m "slow and not ros" -n auto --dist loadfile
	@$(WORKSPACE) $(BIN)/python -m pytest -m "slow and ros" $(LIVE)

architecture: setup  ## the storeys of the code in figures: circles, longest chain, imports that run back, tests beside modules
	@$(BIN)/python scripts/architecture.py

guard: setup  ## is anything slower, beside its floor or peer, than it may be?
	@$(BIN)/python -m benchmarks.performance.guard

# BAGS="PATH ..." adds ingest of bags of yours; FLAGS="--quick", "--only training".
bench: setup  ## docs/performance.md: every figure beside its floor, and how each grows (quiet machine, 15 minutes)
	@$(WORKSPACE) $(BIN)/python -m benchmarks.performance $(if $(BAGS),--bag $(BAGS)) $(FLAGS)

# BAGS="--bag NAME=PATH ..." adds settings; what is trained stays in runs/methods and is not done again.
methods: setup  ## docs/methods.md: every preset side by side, resumable (an hour or two)
	@$(BIN)/python benchmarks/methods.py $(BAGS) --out docs/methods.md --notes benchmarks/methods_notes.md

bench-node: setup  ## docs/nodes/performance.md: latency and loss of the node beside their floor (quiet machine)
	@$(WORKSPACE) $(BIN)/python benchmarks/node.py --out docs/nodes/performance.md

# BAGS="PATH ..."; what is trained stays in runs/held_out and is not done again.
held-out: setup  ## docs/held_out.md: the default and the papers' method on real bags, 3 seeds, resumable
	@$(BIN)/python benchmarks/held_out.py $(BAGS)

# BAGS="PATH PATH ..." (two at least); FLAGS="--images FOLDER --peer FILE --jobs 2"; what is done stays in runs/places.
places: setup  ## docs/places.md: places and robots never seen, each place left out in turn, resumable (hours)
	@$(BIN)/python benchmarks/places.py $(BAGS) $(FLAGS)

# FLAGS="--chosen-on BAG --elsewhere BAG --jobs 2"; what is done stays in runs/ablations.
ablations: setup  ## docs/ablations.md: the default with one ingredient left out at a time, resumable (two hours)
	@$(BIN)/python benchmarks/ablations.py $(FLAGS)

# DATA="--cifar FILE --scenes FILE --turntable FILE --bags BAG ..."; what is done stays in runs/reproduce.
reproduce: setup  ## docs/results.md: the experiments of both papers, small, resumable (ten minutes each)
	@$(BIN)/slowfeat reproduce goroshin2015 --quick $(DATA) --page docs/results.md
	@$(BIN)/slowfeat reproduce jayaraman2017 --quick $(DATA) --page docs/results.md

demo-live: setup  ## a simulated robot chooses where to look; results in demo/
	@$(WORKSPACE) $(BIN)/slowfeat demo --live --out demo

# COIL=file of COIL-20, FLAGS="--onnx FILE --bundle NAME=RUN ..."; what is measured stays in runs/view_selection.
bench-view: setup  ## docs/view_selection.md: what view selection gains, resumable
	@$(BIN)/python benchmarks/view_selection.py drives --drives $(VIEWS)/drives
	@$(BIN)/slowfeat train $(VIEWS)/drives/* --out $(VIEWS)/run --steps 200
	@$(BIN)/python benchmarks/view_selection.py offline --coil $(COIL) --bundle slowfeat=$(VIEWS)/run $(FLAGS)
	@$(BIN)/python benchmarks/view_selection.py closed --run $(VIEWS)/run --drives $(VIEWS)/drives $(FLAGS)
	@$(BIN)/python benchmarks/view_selection.py latency --run $(VIEWS)/run
	@$(BIN)/python benchmarks/view_selection.py report --out docs/view_selection.md

# BEFORE=another checkout, such as git worktree add makes.
profile: setup  ## where the three slowest paths spend their time; with BEFORE docs/profile.md
	@$(BIN)/python benchmarks/profile_paths.py $(if $(BEFORE),--before $(BEFORE) --out docs/profile.md)

fleet: setup  ## docs/fleet.md: what a day of 1,000 robots takes, from rates measured here (two minutes)
	@$(BIN)/python benchmarks/fleet.py --out docs/fleet.md

soak: setup  ## half an hour of the node at 60 Hz: does anything grow?
	@$(WORKSPACE) $(BIN)/python benchmarks/soak.py --minutes 30 --hz 60

lint: setup  ## ruff, mypy --strict, and slowfeat/ still valid on Python 3.10
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/ruff check --isolated --select F --target-version py310 slowfeat launch
	@$(BIN)/vermin --quiet --no-tips --no-parse-comments --target=3.10- --violations slowfeat launch

format: setup  ## let ruff put the code in order
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

constraints: setup  ## renew constraints.txt for the newest versions that pyproject.toml allows
	@scripts/renew_constraints.sh

clean:  ## remove .venv, what colcon built, and caches; runs and bags stay
	rm -rf .venv build *.egg-info ros2_ws/build ros2_ws/install ros2_ws/log
	rm -rf .mypy_cache .ruff_cache .pytest_cache
	find . -name __pycache__ -prune -not -path './ros2_ws/*' -exec rm -rf {} +
