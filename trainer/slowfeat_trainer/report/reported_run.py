"""Which frames a report is about: those of the run itself, or of a bag or dataset that is named."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from slowfeat.bundle import Bundle
from slowfeat.errors import BagError, UsageError
from slowfeat_trainer.bags import bag_sha256
from slowfeat_trainer.data.pairs import Split, split_recordings
from slowfeat_trainer.data.recording import Camera, Recording
from slowfeat_trainer.data.shrink import Shrink
from slowfeat_trainer.evaluation.evaluate_bundles import views_for
from slowfeat_trainer.ingest.bundle_reading import of_its_camera, reading_for
from slowfeat_trainer.ingest.dataset import is_dataset, open_dataset
from slowfeat_trainer.training.run_folder import CONFIG, DATA


@dataclass(frozen=True)
class ReportedRun:
    """Frames, divided as the bundle's training divided them."""

    split: Split
    # Of the first bag.
    camera: Camera
    # Whether all poses are of one world, so that places can be compared.
    one_world: bool


def run_of(path: Path) -> Path | None:
    """The run that a path names, or that the bundle it names lies in."""
    for folder in (path, path.parent, path.parent.parent):
        if (folder / CONFIG).is_file():
            return folder
    return None


def source_of(bundle: Bundle, run: Path | None, on: Path | None) -> tuple[str, ReportedRun]:
    """The frames for one bundle, and a key that is equal for bundles of the very same frames.

    Raises:
        UsageError: the run holds no dataset and none is named, or what is named does not fit.
        BagError: no frames were held out of the training.
    """
    if on is not None:
        if not on.exists():
            raise UsageError(f"{on} does not exist; give a bag's folder or file, or a dataset")
        digest = "" if is_dataset(on) else bag_sha256(on)
        views = views_for(bundle, on, digest, None, {})
        split, fov = views.read()
        one = not is_dataset(on) or len(open_dataset(on).entries) == 1
        return views.key, ReportedRun(split, Camera(horizontal_fov=fov), one)
    if run is None or not is_dataset(run / DATA):
        raise UsageError(
            f"the frames of {run or bundle.path} are not in it; say which bag or dataset with --on"
        )
    dataset = open_dataset(run / DATA)
    shrink = Shrink(dataset.options.image_size, dataset.options.crop)
    recordings = [whole(recording, shrink) for recording in dataset.recordings()]
    rule = reading_for(bundle.info, recordings[0].sha256, {}).trained or dataset.split
    keys = of_its_camera(bundle.info, recordings)
    split = split_recordings(recordings, rule, keys)
    recordings = [recording for recording in recordings if recording.key in keys]
    if not len(split.test):
        raise BagError(
            f"nothing of the bags was held out of the training of {run}; name another bag with --on"
        )
    key = " ".join([*(r.sha256 for r in recordings), str(dataset.options), str(rule)])
    return key, ReportedRun(split, recordings[0].camera, len(recordings) == 1)


def whole(recording: Recording, shrink: Shrink) -> Recording:
    """Frames that were cut, back to the size of the whole image, which the bundle takes and cuts
    itself.

    What the bundle cuts off is filled by repeating the edge.
    """
    if shrink.whole == shrink.size:
        return recording
    (row, column), (height, width), (all_rows, all_columns) = (
        shrink.corner,
        shrink.size,
        shrink.whole,
    )
    bottom, right = all_rows - row - height, all_columns - column - width
    frames = [
        cv2.copyMakeBorder(np.asarray(f), row, bottom, column, right, cv2.BORDER_REPLICATE)
        for f in recording.frames
    ]
    return dataclasses.replace(recording, frames=np.stack(frames))
