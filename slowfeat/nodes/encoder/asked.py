"""The services ~/predict and ~/select_view, answered in a thread beside the stream of images."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.task import Future
from slowfeat_interfaces.srv import PredictTransforms, SelectView

from slowfeat.live.side_worker import MOST_WAITING
from slowfeat.nodes.encoder.pipeline import Pipeline
from slowfeat.nodes.encoder.predict_service import answer_predict
from slowfeat.nodes.encoder.select_service import ViewSelection

InUse = tuple[Pipeline, ViewSelection]


class Asked:
    """Offers the services for as long as the node lives: a request is answered whatever becomes of
    the node's state.

    Args:
        node: offers them.
        in_use: what answers just now; None where there is no bundle.
    """

    def __init__(self, node: Any, in_use: Callable[[], InUse | None]) -> None:
        self._node = node
        self._in_use = in_use
        # A group of its own: while an answer is awaited, images get through.
        group = ReentrantCallbackGroup()
        offer = node.create_service
        self._offered = [
            offer(PredictTransforms, "~/predict", self._on_predict, callback_group=group),
            offer(SelectView, "~/select_view", self._on_select, callback_group=group),
        ]

    async def _on_predict(self, request: Any, response: Any) -> Any:
        def answer(in_use: InUse) -> None:
            pipeline, _ = in_use
            answer_predict(pipeline.encoder, pipeline.newest, request, response, pipeline.give_way)

        return await self._beside(answer, response)

    async def _on_select(self, request: Any, response: Any) -> Any:
        def answer(in_use: InUse) -> None:
            pipeline, selection = in_use
            selection.answer(pipeline.encoder, pipeline.newest, request, response)

        return await self._beside(answer, response)

    def _beside(self, answer: Callable[[InUse], None], response: Any) -> Any:
        """A future of the response, which `answer` fills in the other thread."""
        future: Any = Future()
        in_use = self._in_use()

        def finish(message: str) -> None:
            if message:
                response.message = message
            future.set_result(response)
            if self._node.executor is not None:
                # It may be waiting for messages, and looks after the answer when it wakes.
                self._node.executor.wake()

        if in_use is None:
            finish("the node has no bundle: configure it first")
            return future

        def work() -> None:
            answer(in_use)
            finish("")

        given_up = partial(finish, "the node left its state: ask again")
        if not in_use[0].beside.ask(work, given_up):
            finish(f"{MOST_WAITING} requests are waiting: ask again later")
        return future
