"""The report as plain JSON, for fleets; docs/inspect.md lists the keys."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from slowfeat_trainer.data.pairs import GAP_S
from slowfeat_trainer.inspection import histogram
from slowfeat_trainer.inspection import phrases as words
from slowfeat_trainer.inspection.candidates import kind_of
from slowfeat_trainer.inspection.drops import drops_of
from slowfeat_trainer.inspection.suggest import ingest_line
from slowfeat_trainer.inspection.survey import Survey
from slowfeat_trainer.inspection.topic_survey import TopicTimes
from slowfeat_trainer.inspection.verdict import headline, is_trainable, judge, turning_share

SCHEMA = 1


def record_of(survey: Survey) -> dict[str, Any]:
    """Everything of the report but its images; times in s, angles in deg, lengths in m."""
    findings = judge(survey)
    return {
        "path": str(survey.path),
        "seconds": survey.seconds,
        "started": words.started(survey),
        "storage": asdict(survey.storage),
        "damage": survey.damage,
        "left_out": survey.left_out,
        "topics": [_topic(times) for times in survey.topics],
        "images": _images(survey),
        "motion": _motion(survey),
        "extrinsic": survey.extrinsic,
        "extrinsic_from": survey.extrinsic_from,
        "lined_up": _lined_up(survey),
        "clocks": _clocks(survey),
        "driving": _driving(survey),
        "motions": _motions(survey),
        "patterns": _patterns(survey),
        "dropped": [asdict(drop) for drop in drops_of(survey)],
        "warnings": survey.warnings,
        "trainable": is_trainable(findings),
        "verdict": headline(findings),
        "findings": [asdict(finding) for finding in findings],
        # Empty where no flag would make it work.
        "ingest": ingest_line(survey, findings),
    }


def failed(path: Path, error: Exception) -> dict[str, Any]:
    """The record of a bag of which nothing can be read."""
    return {"path": str(path), "trainable": False, "error": str(error)}


def _topic(times: TopicTimes) -> dict[str, Any]:
    delays = times.delays_s
    return {
        "name": times.topic.name,
        "type": times.topic.type,
        "count": len(times),
        "size_bytes": times.size_bytes,
        "rate_hz": times.rate_hz,
        "interval_sd_s": times.interval_sd_s,
        "interval_p99_s": times.interval_p99_s,
        "longest_gap_s": times.longest_gap_s,
        "delay_median_s": float(np.median(delays)) if len(delays) else None,
        "delay_p99_s": float(np.percentile(delays, 99)) if len(delays) else None,
    }


def _images(survey: Survey) -> dict[str, Any] | None:
    found = survey.images
    if found is None:
        return None
    wide = survey.field_of_view
    return {
        "topic": found.times.topic.name,
        "candidates": [topic.name for topic in survey.image_choice.candidates],
        "count": len(found.times),
        "width": found.picture.size[0],
        "height": found.picture.size[1],
        "encoding": found.picture.encoding,
        "frame": found.picture.frame,
        "field_of_view_deg": None if wide is None else float(np.rad2deg(wide)),
        "decoded_all": found.complete,
        "tried": found.tried,
        "undecodable": found.undecodable,
        "example": found.example,
        "repeats": found.repeats,
        "dark_share": found.dark_share,
        "bright_share": found.bright_share,
    }


def _motion(survey: Survey) -> dict[str, Any] | None:
    found, choice = survey.motion, survey.motion_choice
    if found is None:
        return None
    return {
        "topic": found.track.topic,
        "kind": found.track.kind,
        "candidates": [{"topic": t.name, "kind": kind_of(t)} for t in choice.candidates],
        "commanded": found.is_commanded,
        "poses": len(found.track),
        "jumps": len(found.track.jumps),
        "frame": found.track.frame,
        "fixed_frame": found.track.fixed_frame,
    }


def _lined_up(survey: Survey) -> dict[str, Any] | None:
    found = survey.together
    if found is None:
        return None
    return {
        "images": found.images,
        "with_motion": found.with_pose,
        "kept": len(found.kept.rows),
        "nearest_median_s": found.nearest_s[0],
        "nearest_max_s": found.nearest_s[1],
    }


def _clocks(survey: Survey) -> dict[str, Any] | None:
    found = survey.together
    if found is None:
        return None
    return {
        "known": found.clock.is_known,
        "offset_s": found.clock.seconds,
        "applied_s": found.offset_s,
        "correlation": found.clock.correlation,
        # Of image shift and turn to the left; below zero the images turn against the odometry.
        "signed_correlation": None if found.shifts is None else found.shifts.correlation,
    }


def _driving(survey: Survey) -> dict[str, Any] | None:
    drive = None if survey.motion is None else survey.motion.driving
    if drive is None:
        return None
    names = (
        "distance_m",
        "turned_deg",
        "left_deg",
        "right_deg",
        "still_share",
        "mean_speed_m_s",
        "max_speed_m_s",
        "mean_turn_deg_s",
        "max_turn_deg_s",
    )
    return {name: getattr(drive, name) for name in names}


def _motions(survey: Survey) -> dict[str, Any] | None:
    found = survey.together
    if found is None:
        return None
    charts = {
        "turn_deg": histogram.turns(found.motions),
        "forward_m": histogram.forward(found.motions),
    }
    return {
        "pairs": len(found.motions),
        "gap_s": GAP_S,
        "turning_share": turning_share(found.motions),
        "histograms": {
            name: {"edges": list(chart.edges), "shares": list(chart.shares)}
            for name, chart in charts.items()
        },
    }


def _patterns(survey: Survey) -> list[dict[str, Any]]:
    found = None if survey.together is None else survey.together.patterns
    if found is None:
        return []
    told = words.patterns(found)
    return [
        {"count": count, "share": share, "motion": centroid.tolist(), "words": text}
        for (count, share, text), centroid in zip(told, found.centroids, strict=True)
    ]
