"""The service ~/predict, which says what the embedding would become after some motions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from slowfeat.encoder import Encoder, check_motions
from slowfeat.errors import MotionError, SlowfeatError, UsageError
from slowfeat.live.frame_engine import EmbeddedFrame
from slowfeat.live.prediction_reply import Wanted, predict_reply
from slowfeat.nodes.messages import motions_from_transforms, predictions_message


def answer_predict(
    encoder: Encoder,
    newest: EmbeddedFrame | None,
    request: Any,
    response: Any,
    give_way: Callable[[], None] = lambda: None,
) -> Any:
    """Fill a PredictTransforms response; a malformed request gets
    success = False and the reason.
    """
    try:
        _answer(encoder, newest, request, response, give_way)
    except SlowfeatError as error:
        response.message = str(error)
    except Exception as error:
        # A request that gets here is our mistake, yet no reason for the node to end.
        response.message = f"{type(error).__name__}: {error}"
    return response


def _answer(
    encoder: Encoder,
    newest: EmbeddedFrame | None,
    request: Any,
    response: Any,
    give_way: Callable[[], None],
) -> None:
    motions = motions_from_transforms(request.motions)
    given = np.frombuffer(request.embedding, dtype=np.float32)
    if len(given) == 0 and newest is not None:
        # Both of one bundle, also while they are being exchanged.
        encoder = newest.encoder
    dimension = encoder.info.dimension
    if len(given) == 0 and newest is None:
        raise UsageError("no image has been embedded yet: wait for one, or send an embedding")
    if len(given) not in {0, dimension}:
        raise UsageError(
            f"the embedding has {len(given)} numbers, those of bundle {encoder.info.name} have "
            f"{dimension}"
        )
    start = given
    if len(given) == 0 and newest is not None:
        start = newest.embedding
        response.predictions.header = newest.header
    goal = np.frombuffer(request.goal, dtype=np.float32)
    if len(goal) not in {0, dimension} or not np.isfinite(goal).all():
        raise UsageError(
            f"the goal has {len(goal)} numbers; it needs {dimension}, all of them finite"
        )
    if not np.isfinite(start).all():
        raise MotionError("the embedding to start from is not finite")
    wanted = Wanted(request.part, goal if len(goal) else None, int(request.best))
    reply = predict_reply(
        encoder.predict_checked, encoder.info, start, check_motions(motions), wanted, give_way
    )
    response.predictions = predictions_message(
        response.predictions.header, encoder.info, list(request.motions), reply, request.part
    )
    response.success = True
