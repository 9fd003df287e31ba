"""The dataset on disk: what `slowfeat ingest` leaves and `slowfeat train` opens.

    DATASET/
      dataset.json             schema version, options, split, the list of bags; written last
      bags/<name>-<sha>/       one folder a bag, whole or not there at all
        frames.npy             (N, H, W, 3) uint8 RGB, memory-mapped, never decoded again
        stamps.npy             (N,) int64, ns
        poses.npy              (N, 4, 4) float64, pose of the body in REP-103 axes
        episode.npy            (N,) int32, changes where the odometry jumped
        recording.json         topics, frames, camera, clock offset, what was dropped, hashes

docs/dataset.md is its description for readers.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from slowfeat.bit_depth import FULL_BITS
from slowfeat.errors import SlowfeatError, UsageError
from slowfeat.files import write_array, write_whole
from slowfeat.odometry_model import OdometryModel
from slowfeat.ownership import Kind, partial_of
from slowfeat.schema import Text, build, read_json, short
from slowfeat_trainer.data.clock_offset import ClockOffset
from slowfeat_trainer.data.odometry_estimate import OdometryEstimate, estimate_to_dict
from slowfeat_trainer.data.options import IngestOptions, SplitRule, completed
from slowfeat_trainer.data.recording import Camera, Recording
from slowfeat_trainer.ingest.arrays import check_arrays, open_array
from slowfeat_trainer.ingest.frames_file import array_sha256

SCHEMA = 1
DATASET, RECORDING, BAGS = "dataset.json", "recording.json", "bags"
ARRAYS = ("frames", "stamps", "poses", "episode")
# Held by the ingest that is writing.
LOCK = ".lock"
# What makes a damaged dataset whole.
AGAIN = "slowfeat ingest BAG with the flags and the --out of before makes it again"


_BAG_FILES = (*(f"{name}.npy" for name in ARRAYS), RECORDING)
# A bag's folder; the last two names, and those of files being written, are what a killed ingest
# leaves.
BAG_FOLDER = Kind(
    "a bag of a dataset",
    (*_BAG_FILES, *map(partial_of, _BAG_FILES), "recording.tmp", "all.npy", "probe.npy"),
    lambda _: True,
)


def _is_ours(folder: Path) -> bool:
    """Whether dataset.json is one; where it is damaged or missing, whether bags lie beside it."""
    try:
        about = json.loads((folder / DATASET).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return any((folder / BAGS).glob("*/stamps.npy"))
    return isinstance(about, dict) and {"schema", "options", "bags"} <= set(about)


DATASET_FOLDER = Kind(
    "a dataset",
    (
        *(DATASET, "dataset.tmp", partial_of(DATASET), LOCK, f"{BAGS}/", f"{BAGS}/*/"),
        *BAG_FOLDER.below(f"{BAGS}/*"),
    ),
    _is_ours,
)


class DatasetError(SlowfeatError):
    """A dataset is unfinished, damaged, changed, or of a newer schema."""


def bag_folder(name: str, sha256: str) -> str:
    """Name of a bag's folder under bags/."""
    return f"{name}-{sha256[:12]}"


@dataclass(frozen=True)
class Entry:
    """A bag in the list of dataset.json."""

    # Last part of the bag's path.
    name: str
    sha256: str
    # Frames that were kept, and pairs of them 0.5 s apart.
    frames: int
    pairs: int

    @property
    def folder(self) -> str:
        """Name of its folder under bags/."""
        return bag_folder(self.name, self.sha256)


@dataclass(frozen=True)
class _Listed:
    """What dataset.json says of how, and of what, it was made."""

    options: IngestOptions
    split: SplitRule
    bags: list[Entry]


@dataclass(frozen=True)
class _Odometry:
    """What recording.json says of how the odometry was checked; datasets of before
    do not: nothing was done then.
    """

    estimate: OdometryEstimate
    applied: OdometryModel
    motion: str
    motion_noise_rad_sqrt_s: float

    def fields(self) -> dict[str, Any]:
        """As a recording has them."""
        return {
            "estimate": self.estimate,
            "odometry": self.applied,
            "motion": self.motion,
            "motion_noise_rad_sqrt_s": self.motion_noise_rad_sqrt_s,
        }


@dataclass(frozen=True)
class _About:
    """What recording.json says. Names are the bag's own, and may be anything."""

    bag: Text
    sha256: str
    image_topic: Text
    odom_topic: Text
    motion_kind: str
    body_frame: Text
    fixed_frame: Text
    camera: Camera
    clock: ClockOffset
    odom_offset_s: float
    dropped: dict[Text, int]
    warnings: list[Text]
    sha256_of_arrays: dict[str, str]
    odometry: _Odometry | None = None


@dataclass(frozen=True)
class Dataset:
    """An opened dataset; its frames stay on disk until they are read."""

    path: Path
    options: IngestOptions
    split: SplitRule
    entries: list[Entry]

    @property
    def frames(self) -> int:
        """Frames of all bags."""
        return sum(entry.frames for entry in self.entries)

    def recordings(self) -> list[Recording]:
        """All bags, memory-mapped.

        Raises:
            DatasetError: one is missing, damaged, or not what dataset.json says.
        """
        return [self._recording(entry)[0] for entry in self.entries]

    def _recording(self, entry: Entry) -> tuple[Recording, dict[str, str]]:
        folder = self.path / BAGS / entry.folder
        recording, hashes = _open_recording(folder)
        size = recording.frames.shape[1:3]
        said = (entry.sha256, entry.frames, self.options.image_size)
        if (recording.sha256, len(recording), size) != said:
            raise DatasetError(f"{folder} is not the bag that {DATASET} says; {AGAIN}")
        return recording, hashes

    def verify(self) -> Iterator[str]:
        """Read everything again; yields what is not as it was written.

        Raises:
            DatasetError: what a bag's description says cannot be read.
        """
        for entry in self.entries:
            folder = self.path / BAGS / entry.folder
            hashes = self._recording(entry)[1]
            for name in ARRAYS:
                if array_sha256(folder / f"{name}.npy") != hashes.get(name):
                    yield f"{folder / name}.npy has changed since it was written"


def refuse_changed(datasets: Iterable[Dataset]) -> None:
    """Hash all arrays of datasets, at about the disk's speed: a second or two a gigabyte.

    Raises:
        DatasetError: one holds other bytes than ingest wrote.
    """
    for dataset in datasets:
        for damage in dataset.verify():
            raise DatasetError(f"{damage}; {AGAIN}")


def open_dataset(path: Path) -> Dataset:
    """Open what `slowfeat ingest` left; reads one small file.

    Raises:
        UsageError: nothing stands at `path`.
        DatasetError: it is no dataset, not finished, or newer than this program.
    """
    if not path.exists():
        raise UsageError(f"{path} does not exist; give the folder that slowfeat ingest wrote")
    state = read_state(path)
    if not state["complete"]:
        raise DatasetError(
            f"{path} is not finished; the slowfeat ingest command that began it continues it"
        )
    dataset = dataset_of(path, state)
    if not dataset.entries:
        raise DatasetError(f"{path / DATASET} lists no bag; {AGAIN}")
    return dataset


def dataset_of(path: Path, state: dict[str, Any]) -> Dataset:
    """The dataset that a dataset.json describes.

    Raises:
        DatasetError: a key is missing, unknown or of the wrong type, or a name leads elsewhere.
    """
    where = str(path / DATASET)
    known = {name: state[name] for name in ("options", "split", "bags") if name in state}
    if "options" in known:
        known["options"] = completed(known["options"])
    listed = build(_Listed, known, where, DatasetError, exact=True)
    try:
        listed.options.validate()
        listed.split.validate()
    except UsageError as error:
        raise DatasetError(f"{where}: {error}") from error
    for entry in listed.bags:
        is_name = entry.name not in ("", ".", "..") and "/" not in entry.name
        if not is_name or not re.fullmatch("[0-9a-f]{12,128}", entry.sha256) or entry.frames < 0:
            raise DatasetError(
                f"{where}: the bag {short(entry.name)!r} is not one that was ingested"
            )
    return Dataset(path, listed.options, listed.split, listed.bags)


def is_dataset(path: Path) -> bool:
    """Whether a folder is a dataset, finished or not."""
    return (path / DATASET).is_file()


def is_newer(path: Path) -> bool:
    """Whether a dataset.json is of a schema that this program does not
    know yet: then it is not damaged.
    """
    try:
        schema = read_json(path / DATASET, DatasetError).get("schema")
    except DatasetError:
        return False
    return type(schema) is int and schema > SCHEMA


def read_state(path: Path) -> dict[str, Any]:
    """dataset.json, checked for its schema.

    Raises:
        DatasetError: it cannot be read, or is newer than this program.
    """
    state = read_json(path / DATASET, DatasetError, AGAIN)
    schema = state.get("schema")
    if type(schema) is not int or not 0 < schema <= SCHEMA:
        raise DatasetError(
            f"{path / DATASET} is of schema {str(schema)[:20]}, this slowfeat reads up to "
            f"{SCHEMA}: update slowfeat"
        )
    if type(state.get("complete")) is not bool:
        raise DatasetError(f"{path / DATASET} does not say whether it is complete; {AGAIN}")
    return state


def write_state(
    path: Path, options: IngestOptions, split: SplitRule, entries: list[Entry], complete: bool
) -> None:
    """Replace dataset.json in one step."""
    write_json(
        path / DATASET,
        {
            "schema": SCHEMA,
            "complete": complete,
            "options": asdict(options),
            "split": asdict(split),
            "bags": [asdict(entry) for entry in entries],
        },
    )


def save_recording(recording: Recording, folder: Path) -> None:
    """Write everything but the frames, which stand in `folder` already."""
    write_array(folder / "stamps.npy", recording.stamps)
    write_array(folder / "poses.npy", recording.poses)
    write_array(folder / "episode.npy", recording.episode)
    write_json(
        folder / RECORDING,
        {
            "bag": recording.path.name,
            "sha256": recording.sha256,
            "image_topic": recording.image_topic,
            "odom_topic": recording.odom_topic,
            "motion_kind": recording.motion_kind,
            "body_frame": recording.body_frame,
            "fixed_frame": recording.fixed_frame,
            "camera": _camera(recording.camera),
            "clock": asdict(recording.clock),
            "odom_offset_s": recording.odom_offset_s,
            "odometry": {
                "estimate": estimate_to_dict(recording.estimate),
                "applied": asdict(recording.odometry),
                "motion": recording.motion,
                "motion_noise_rad_sqrt_s": recording.motion_noise_rad_sqrt_s,
            },
            "dropped": dict(recording.dropped),
            "warnings": recording.warnings,
            "sha256_of_arrays": {
                "frames": recording.frames_sha256,
                **{name: array_sha256(folder / f"{name}.npy") for name in ARRAYS[1:]},
            },
        },
    )


def _camera(camera: Camera) -> dict[str, Any]:
    """As JSON; a lens and a bit depth only where they matter, so that other
    datasets are what they always were.
    """
    found = asdict(camera)
    if camera.bits == FULL_BITS:
        del found["bits"]
    if camera.lens is None:
        del found["lens"]
    return found


def load_recording(folder: Path) -> Recording:
    """A bag of a dataset, its arrays memory-mapped.

    Raises:
        DatasetError: a file is missing or damaged, or the arrays do not belong together.
    """
    return _open_recording(folder)[0]


def _open_recording(folder: Path) -> tuple[Recording, dict[str, str]]:
    """A bag of a dataset, and the hashes that its arrays were written with."""
    where = str(folder / RECORDING)
    about = build(_About, read_json(folder / RECORDING, DatasetError, AGAIN), where, DatasetError)
    try:
        frames, stamps, poses, episode = (open_array(folder / f"{name}.npy") for name in ARRAYS)
        check_arrays(frames, stamps, poses, episode)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error).split("\n")[0]
        raise DatasetError(f"{folder} is damaged: {short(why, 200)}; {AGAIN}") from error
    motion = {} if about.odometry is None else about.odometry.fields()
    recording = Recording(
        path=Path(about.bag),
        sha256=about.sha256,
        frames_sha256=about.sha256_of_arrays.get("frames", ""),
        frames=frames,
        stamps=stamps,
        poses=poses,
        episode=episode,
        camera=about.camera,
        body_frame=about.body_frame,
        image_topic=about.image_topic,
        odom_topic=about.odom_topic,
        motion_kind=about.motion_kind,
        fixed_frame=about.fixed_frame,
        clock=about.clock,
        odom_offset_s=about.odom_offset_s,
        **motion,
        dropped=Counter(about.dropped),
        warnings=list(about.warnings),
    )
    return recording, about.sha256_of_arrays


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write beside, then rename over: a kill leaves the old file or the new one."""
    write_whole(path, json.dumps(content, indent=2) + "\n")
