"""The service ~/select_view, which says which of some motions to make next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from slowfeat.bundle import ENCODER
from slowfeat.encoder import Encoder
from slowfeat.errors import SlowfeatError, UsageError
from slowfeat.geometry import Array
from slowfeat.image_files import read_image_file
from slowfeat.live.frame_engine import EmbeddedFrame
from slowfeat.live.prediction_reply import CHUNK
from slowfeat.memory import Memory, load_memory
from slowfeat.nodes.bundle_path import resolve_package_url
from slowfeat.nodes.messages import (
    float32_array,
    motions_from_transforms,
    stamp_ns,
    transforms_from_motions,
)
from slowfeat.view_selection import policies
from slowfeat.view_selection.decision import Decision, Question, decide
from slowfeat.view_selection.look_ahead import BEAM, Predict
from slowfeat.view_selection.seen import SeenViews

# Predictions at one step of looking ahead; more would take the memory and the time of the robot.
MAX_PREDICTIONS = 20_000


class ViewSelection:
    """What the service knows beside the newest frame: labelled memory, goal image, what was seen.

    Args:
        memory: folder of a labelled memory, or empty.
        encoder: whose embeddings it must hold.
        seen: what was seen.
        pose_now: stamp [ns] of the newest view to the pose (4, 4) of the body; None where odometry
            does not say.

    Raises:
        SlowfeatError: the memory cannot be used with this encoder.
    """

    def __init__(
        self,
        memory: str,
        encoder: Encoder,
        seen: SeenViews,
        pose_now: Callable[[int], Array | None],
    ) -> None:
        self.goal_image = ""
        # Called between two pieces of predictions; may wait for what is more urgent.
        self.give_way: Callable[[], None] = lambda: None
        self._path = memory
        self._seen = seen
        self._pose_now = pose_now
        self._memory: Memory | None = None
        # Path, time of change and encoder of the goal image that was embedded last, and its
        # embedding.
        self._goal: tuple[Any, npt.NDArray[np.float32]] | None = None
        if memory:
            self._memory = load_memory(resolve_package_url(memory))
            self._memory.check_bundle(encoder.info, memory)

    def answer(
        self, encoder: Encoder, newest: EmbeddedFrame | None, request: Any, response: Any
    ) -> Any:
        """Fill a SelectView response; a request that cannot be served
        gets success = False and why.
        """
        try:
            self._answer(encoder, newest, request, response)
        except SlowfeatError as error:
            response.message = str(error)
        except Exception as error:
            # A request that gets here is our mistake, yet no reason for the node to end.
            response.message = f"{type(error).__name__}: {error}"
        return response

    def _answer(
        self, encoder: Encoder, newest: EmbeddedFrame | None, request: Any, response: Any
    ) -> None:
        start = np.frombuffer(request.embedding, dtype=np.float32)
        if len(start) == 0:
            if newest is None:
                raise UsageError(
                    "no image has been embedded yet: wait for one, or send an embedding"
                )
            # Both of one bundle, also while they are being exchanged.
            encoder, start = newest.encoder, newest.embedding
        start = _sized(start, encoder, "embedding")
        motions = _motions(request, encoder)
        question = self._question(request, encoder)
        if len(request.embedding) == 0 and newest is not None and len(request.seen) == 0:
            question = self._with_ways(question, encoder, newest)
        if len(motions) * (question.beam if question.steps > 1 else 1) > MAX_PREDICTIONS:
            raise UsageError(
                f"{len(motions)} motions with a beam of {question.beam}: more than "
                f"{MAX_PREDICTIONS} predictions a step; ask for less"
            )
        found = decide(_predict(encoder, self.give_way), encoder.info, start, motions, question)
        if len(request.embedding) == 0 and newest is not None:
            response.header = newest.header
        names = self._memory.names if self._memory is not None and question.memory else []
        _fill(response, found, names)
        response.motions = list(request.motions) or transforms_from_motions(motions)
        response.model = encoder.info.name
        response.encoder_hash = encoder.info.sha256[ENCODER]
        response.success = True

    def _question(self, request: Any, encoder: Encoder) -> Question:
        policy = request.policy or "goal"
        goal: npt.NDArray[np.float32] | None = None
        seen: npt.NDArray[np.float32] | None = None
        memory = None
        if policy == "goal":
            goal = self._wanted(request, encoder)
        if policy == "novelty":
            seen = _rows(request.seen, encoder.info.dimension)
            if len(seen) == 0:
                seen = self._seen.embeddings(encoder.info.dimension)
        if policy in policies.LABELLED and self._memory is not None:
            self._memory.check_bundle(encoder.info, self._path)
            memory = self._memory.labelled()
        return Question(
            policy,
            goal=goal,
            seen=seen,
            memory=memory,
            steps=int(request.steps) or 1,
            beam=int(request.beam) or BEAM,
            neighbours=int(request.neighbours) or policies.NEIGHBOURS,
        )

    def _with_ways(self, question: Question, encoder: Encoder, newest: EmbeddedFrame) -> Question:
        """The question with the views whose place odometry told, to predict
        from; as it was without odometry.
        """
        here = self._pose_now(stamp_ns(newest.header))
        if here is None:
            return question
        seen, ways = self._seen.with_ways(encoder.info.dimension, here)
        return replace(question, seen=seen, seen_motions=ways) if len(seen) else question

    def _wanted(self, request: Any, encoder: Encoder) -> npt.NDArray[np.float32] | None:
        given = np.frombuffer(request.goal, dtype=np.float32)
        if len(given):
            return _sized(given, encoder, "goal")
        if not self.goal_image:
            return None
        path = resolve_package_url(self.goal_image)
        try:
            key = (str(path), path.stat().st_mtime_ns, encoder)
        except OSError as error:
            raise UsageError(f"goal_image {path} cannot be read: {error.strerror}") from error
        if self._goal is None or self._goal[0] != key:
            picture = read_image_file(path, encoder.info.wanted_size)
            if picture is None:
                raise UsageError(f"goal_image {path} is no image that can be read")
            self._goal = (key, encoder.embed(picture))
        return self._goal[1]


def _motions(request: Any, encoder: Encoder) -> Array:
    if len(request.motions):
        return motions_from_transforms(request.motions)
    patterns = [pattern.centroid for pattern in encoder.info.motion_patterns]
    if not patterns:
        raise UsageError(
            f"no motions are given, and bundle {encoder.info.name} has no motion patterns: there "
            "is no motion to choose among"
        )
    return np.array(patterns, dtype=np.float64)


def _sized(values: npt.NDArray[np.float32], encoder: Encoder, what: str) -> npt.NDArray[np.float32]:
    dimension = encoder.info.dimension
    if len(values) != dimension:
        raise UsageError(
            f"the {what} has {len(values)} numbers, those of bundle {encoder.info.name} have "
            f"{dimension}"
        )
    if not np.isfinite(values).all():
        raise UsageError(f"the {what} is not finite")
    return values


def _rows(flat: Any, dimension: int) -> npt.NDArray[np.float32]:
    values = np.frombuffer(flat, dtype=np.float32)
    if len(values) % dimension:
        raise UsageError(
            f"seen has {len(values)} numbers, which is not a multiple of {dimension}, the length "
            "of an embedding"
        )
    if not np.isfinite(values).all():
        raise UsageError("seen is not finite")
    return values.reshape(-1, dimension)


def _predict(encoder: Encoder, give_way: Callable[[], None]) -> Predict:
    """Predictions in pieces, between which images come first."""

    def predict(z: Array, motions: Array) -> tuple[Array, Array]:
        starts, moves = z.astype(np.float32), np.asarray(motions, dtype=np.float32)
        pieces = []
        for first in range(0, max(len(moves), 1), CHUNK):
            give_way()
            part = slice(first, first + CHUNK)
            start = starts if starts.ndim == 1 else starts[part]
            pieces.append(encoder.predict_checked(start, moves[part]))
        after, error = (np.concatenate(parts) for parts in zip(*pieces, strict=True))
        return after.astype(np.float64), error.astype(np.float64)

    return predict


def _fill(response: Any, found: Decision, names: list[str]) -> None:
    response.best = found.best
    response.distance = float32_array(found.distance)
    response.expected_error = float32_array(found.expected_error)
    response.score = float32_array(found.scores)
    response.score_of_staying = float(np.float32(found.score_of_staying))
    response.outside_range = [bool(value > 0) for value in found.excess]
    response.sequence = found.sequence
    response.classes = names
    response.class_probability = float32_array(found.class_probability)
