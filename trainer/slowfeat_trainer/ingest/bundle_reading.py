"""How a bag is read for a bundle: as in its training, where the bag was part of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from slowfeat.bundle_info import BundleInfo
from slowfeat.errors import BundleError
from slowfeat.scaled_decoding import WHOLE
from slowfeat.schema import build
from slowfeat_trainer.data.options import IngestOptions, SplitRule, options_from
from slowfeat_trainer.data.recording import Recording
from slowfeat_trainer.data.shrink import Shrink


@dataclass(frozen=True)
class Reading:
    """How to read a bag, and what of it the bundle has not seen."""

    options: IngestOptions
    # How the training divided its bags; None where this bag was no part of it.
    trained: SplitRule | None
    # Whether the training kept the whole bag out.
    kept_out_whole: bool = False


def reading_for(info: BundleInfo, digest: str, changes: dict[str, Any]) -> Reading:
    """How to read the bag of a hash for a bundle.

    Args:
        info: the bundle's description.
        digest: the bag's SHA-256.
        changes: options that the user gave; they come first.
    """
    height, width = info.image_size
    whole: dict[str, Any] = {"image_size": (height, width), "crop": (0.0, 0.0, 0.0, 0.0)}
    of_bag = next((b for b in info.training.get("bags", []) if b.get("sha256") == digest), None)
    if of_bag is None:
        whole["decoding"] = info.image_decoding
        return Reading(replace(IngestOptions(), **{**whole, **changes}), None)
    settings: dict[str, Any] = info.training.get("configuration", {})
    options = replace(_stored_options(settings), **whole)
    split = _stored_split(settings)
    return Reading(replace(options, **changes), split, of_bag.get("part") == "test")


def of_its_camera(info: BundleInfo, recordings: list[Recording]) -> set[int]:
    """Keys of those recordings that the bundle is for.

    A training on bags of several cameras leaves a bundle for each; bags that it knows nothing of
    belong to any.
    """
    mine = info.training.get("camera", 0)
    other = {
        bag.get("sha256")
        for bag in info.training.get("bags", [])
        if bag.get("camera", mine) != mine
    }
    return {r.key for r in recordings if r.sha256 not in other}


def shrink_of(info: BundleInfo) -> Shrink:
    """What a bundle's encoder does to a whole image before the network sees it."""
    options = _stored_options(info.training.get("configuration", {}))
    if any(options.crop):
        return Shrink(options.image_size, options.crop)
    height, width = info.image_size
    return Shrink((height, width))


def _stored_options(settings: dict[str, Any]) -> IngestOptions:
    if "reading" in settings:
        stored = settings["reading"]
        # Before odometry was checked it was taken as it came.
        if isinstance(stored, dict) and "motion" not in stored:
            stored = {**stored, "trust_odometry": True}
        return options_from(stored, "bundle.json: training", BundleError)
    # Bundles of the first version had these few, flat.
    return IngestOptions(
        image_topic=settings.get("image_topic") or None,
        odom_topic=settings.get("odom_topic") or None,
        odom_offset_s=float(settings.get("odom_offset_s", 0.0)),
        odom_offset_auto=bool(settings.get("odom_offset_auto", False)),
        trust_odometry=True,
        decoding=WHOLE,
    )


def _stored_split(settings: dict[str, Any]) -> SplitRule:
    if "split" in settings:
        return build(SplitRule, settings["split"], "bundle.json: training", BundleError, exact=True)
    default = SplitRule()
    return SplitRule(
        test=float(settings.get("test_fraction", default.test)),
        calibration=float(settings.get("calibration_fraction", default.calibration)),
    )
