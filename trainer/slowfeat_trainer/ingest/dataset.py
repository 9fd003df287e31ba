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
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from slowfeat.bit_depth import FULL_BITS
from slowfeat.errors import SlowfeatError, UsageError
from slowfeat.odometry_model import OdometryModel
from slowfeat.ownership import Kind, partial_of
from slowfeat_trainer.data.clock_offset import ClockOffset
from slowfeat_trainer.data.odometry_estimate import estimate_from_dict, estimate_to_dict
from slowfeat_trainer.data.options import IngestOptions, SplitRule, options_from
from slowfeat_trainer.data.recording import Camera, Recording
from slowfeat_trainer.ingest.frames_file import array_sha256

SCHEMA = 1
DATASET, RECORDING, BAGS = "dataset.json", "recording.json", "bags"
ARRAYS = ("frames", "stamps", "poses", "episode")
# Held by the ingest that is writing.
LOCK = ".lock"


_BAG_FILES = (*(f"{name}.npy" for name in ARRAYS), RECORDING)
# A bag's folder; the last two names, and those of files being written, are what a killed ingest leaves.
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
        """All bags, memory-mapped."""
        return [load_recording(self.path / BAGS / entry.folder) for entry in self.entries]

    def verify(self) -> Iterator[str]:
        """Read everything again; yields what no longer has the hash it was written with."""
        for entry in self.entries:
            folder = self.path / BAGS / entry.folder
            hashes = _read_json(folder / RECORDING)["sha256_of_arrays"]
            for name in ARRAYS:
                if array_sha256(folder / f"{name}.npy") != hashes[name]:
                    yield f"{folder / name}.npy has changed since it was written"


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
    return dataset_of(path, state)


def dataset_of(path: Path, state: dict[str, Any]) -> Dataset:
    """The dataset that a dataset.json describes."""
    try:
        return Dataset(
            path,
            options_from(state["options"]),
            SplitRule(**state["split"]),
            [Entry(**entry) for entry in state["bags"]],
        )
    except (KeyError, TypeError) as error:
        raise DatasetError(f"{path / DATASET} lacks or has too much: {error}") from error


def is_dataset(path: Path) -> bool:
    """Whether a folder is a dataset, finished or not."""
    return (path / DATASET).is_file()


def read_state(path: Path) -> dict[str, Any]:
    """dataset.json, checked for its schema.

    Raises:
        DatasetError: it cannot be read, or is newer than this program.
    """
    state = _read_json(path / DATASET)
    schema = state.get("schema")
    if not isinstance(schema, int) or schema > SCHEMA:
        raise DatasetError(
            f"{path / DATASET} is of schema {schema!r}, this slowfeat reads up to {SCHEMA}: update slowfeat"
        )
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
    np.save(folder / "stamps.npy", recording.stamps, allow_pickle=False)
    np.save(folder / "poses.npy", recording.poses, allow_pickle=False)
    np.save(folder / "episode.npy", recording.episode, allow_pickle=False)
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
    """As JSON; a lens and a bit depth only where they matter, so that other datasets are what they always were."""
    found = asdict(camera)
    if camera.bits == FULL_BITS:
        del found["bits"]
    if camera.lens is None:
        del found["lens"]
    return found


def load_recording(folder: Path) -> Recording:
    """A bag of a dataset, its arrays memory-mapped.

    Raises:
        DatasetError: a file is missing, or the arrays do not belong together.
    """
    about = _read_json(folder / RECORDING)
    try:
        frames, stamps, poses, episode = (
            np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False) for name in ARRAYS
        )
        camera = about["camera"]
        recording = Recording(
            path=Path(about["bag"]),
            sha256=about["sha256"],
            frames_sha256=about["sha256_of_arrays"]["frames"],
            frames=frames,
            stamps=stamps,
            poses=poses,
            episode=episode,
            camera=Camera(**{**camera, "size": tuple(camera["size"])}),
            body_frame=about["body_frame"],
            image_topic=about["image_topic"],
            odom_topic=about["odom_topic"],
            motion_kind=about["motion_kind"],
            fixed_frame=about["fixed_frame"],
            clock=ClockOffset(**about["clock"]),
            odom_offset_s=about["odom_offset_s"],
            **_odometry(about.get("odometry")),
            dropped=Counter(about["dropped"]),
            warnings=about["warnings"],
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DatasetError(f"{folder} is damaged: {error}; ingest the bag again") from error
    if {len(frames), len(poses), len(episode)} != {len(stamps)} or frames.dtype != np.uint8:
        raise DatasetError(
            f"{folder} is damaged: its arrays differ in length; ingest the bag again"
        )
    return recording


def _odometry(stored: dict[str, Any] | None) -> dict[str, Any]:
    """Fields of a recording; of a dataset from before odometry was checked, what was done then: nothing."""
    if stored is None:
        return {}
    return {
        "estimate": estimate_from_dict(stored["estimate"]),
        "odometry": OdometryModel(**stored["applied"]),
        "motion": stored["motion"],
        "motion_noise_rad_sqrt_s": stored["motion_noise_rad_sqrt_s"],
    }


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write beside, then rename over: a kill leaves the old file or the new one."""
    beside = path.with_suffix(".tmp")
    beside.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    beside.replace(path)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DatasetError(f"{path} cannot be read: {error}") from error
    if not isinstance(content, dict):
        raise DatasetError(f"{path} is no description of a dataset")
    return content
