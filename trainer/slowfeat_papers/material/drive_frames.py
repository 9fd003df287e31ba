"""Drives to learn from and to be measured on: simulated maps, and the user's bags beside them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from slowfeat_trainer.console.terminal import say
from slowfeat_trainer.data.options import IngestOptions, SplitRule
from slowfeat_trainer.data.pairs import Part, split_by_time
from slowfeat_trainer.data.recording import Camera, Recording
from slowfeat_trainer.ingest.dataset import is_dataset, open_dataset, read_state
from slowfeat_trainer.ingest.engines import open_engine
from slowfeat_trainer.ingest.ingest_bags import ingest
from slowfeat_trainer.tuning.folds import cut, joined

TRAIN_MAPS, TEST_MAPS = ("MAP01", "MAP03", "MAP05", "MAP07"), ("MAP02", "MAP06")
# Share of each of the user's bags, its end, that is measured on.
TEST_SHARE = 0.4
# Frames a second that are kept: of faster bags every scene would be one image.
RATE_HZ = 10.0
PICTURE = (160, 120)


@dataclass(frozen=True)
class Drives:
    """Recordings to learn from, and stretches that none of it has seen."""

    train: list[Recording]
    # By the name of the column: "held-out maps", and for each bag of the user's its last 40 %.
    held_out: dict[str, Part]
    # The simulated drives among those to learn from, as a dataset.
    dataset: Path

    @property
    def train_part(self) -> Part:
        """All that is learned from."""
        return joined(self.train)

    @property
    def camera(self) -> Camera:
        """Of the first recording."""
        return self.train[0].camera


def simulated_bags(
    folder: Path, maps: tuple[str, ...], seconds: float, rate: float = RATE_HZ
) -> list[Path]:
    """A drive through each map, driven unless it is there already."""
    from slowfeat_trainer.simulation.drive import SimulationConfig, simulate

    found = []
    for name in maps:
        bag = folder / f"{name}_{seconds:g}s_{rate:g}hz"
        if not bag.exists():
            say(f"  driving through {name}")
            config = SimulationConfig(name, seed=7, seconds=seconds, size=PICTURE, rate=rate)
            simulate(bag, config, progress=False)
        found.append(bag)
    return found


def read_bags(
    bags: list[Path], target: Path, size: tuple[int, int], rate_hz: float | None = RATE_HZ
) -> list[Recording]:
    """Bags as recordings of frames of (height, width), read once into a dataset at `target`."""
    if not (is_dataset(target) and read_state(target)["complete"]):
        options = IngestOptions(image_size=size, rate_hz=rate_hz, odom_offset_auto=True)
        with open_engine() as engine:
            ingest(bags, target, options, engine, split=SplitRule(), min_pairs=1)
    return open_dataset(target).recordings()


def make_drives(
    common: Path, bags: tuple[Path, ...], size: tuple[int, int], seconds: float
) -> Drives:
    """Drives through simulated maps, some learned from and others held out, and the user's bags.

    Of each bag the first 60 % is learned from as well and the rest is held out.

    Args:
        common: folder that keeps them.
        bags: the user's.
        size: (height, width) of the frames.
        seconds: of each simulated drive.
    """
    kind = f"{size[0]}x{size[1]}_{seconds:g}s"
    folder = common / "drives"
    dataset = folder / f"train_{kind}"
    train = read_bags(simulated_bags(folder, TRAIN_MAPS, seconds), dataset, size)
    others = read_bags(simulated_bags(folder, TEST_MAPS, seconds), folder / f"test_{kind}", size)
    held_out = {"held-out maps": joined(others)}
    for bag in bags:
        name = bag.resolve().name
        (recording,) = read_bags([bag], folder / f"{name}_{kind}", size)
        end = round(len(recording) * (1 - TEST_SHARE))
        train.append(cut(recording, 0, end))
        held_out[name] = split_by_time([recording], TEST_SHARE, 0.0).test
    return Drives(train, held_out, dataset)
