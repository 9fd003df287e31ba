#!/usr/bin/env bash
# Resolves pyproject.toml anew and writes constraints.txt: names and versions only, for all Pythons.
set -euo pipefail
cd "$(dirname "$0")/.."
uv=$(command -v uv || echo .venv/bin/uv)
new=$(mktemp)
trap 'rm -f "$new"' EXIT
extras=(cpu train video cloud cluster sim ros ros-build dev)
{
    sed -n '/^#/p' constraints.txt
    # 3.11 is the oldest Python that make setup takes: what it can use, the newer ones can.
    echo uv | cat - <("$uv" pip compile pyproject.toml "${extras[@]/#/--extra=}" --quiet \
        --python-version 3.11 --no-header --no-annotate --no-emit-index-url) |
        sed "s/^uv$/uv==$("$uv" --version | cut -d' ' -f2)/" | LC_ALL=C sort
} >"$new"
cat "$new" >constraints.txt
echo "renewed constraints.txt; make test shows whether all is still well"
