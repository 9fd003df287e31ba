#!/bin/sh
# Makes bags/sim_tour anew. The same versions of ViZDoom and OpenCV give the same bytes.
# Flags are passed on, such as: bags/make_sim_tour.sh --overwrite
set -eu
cd "$(dirname "$0")/.."
exec slowfeat simulate --out bags/sim_tour --map MAP05 --seed 0 --seconds 100 \
  --rate 10 --size 128x96 --jpeg-quality 80 "$@"
