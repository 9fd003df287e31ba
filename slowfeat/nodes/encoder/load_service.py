"""The service ~/load_bundle: another bundle without a gap.

The new bundle is read, checked and run once in a thread of its own while the old one goes on
serving; only then the two are exchanged, between two frames. Whatever is wrong with it, nothing has
changed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.lifecycle import LifecycleNode
from rclpy.task import Future
from slowfeat_interfaces.srv import LoadBundle

from slowfeat.encoder import Encoder
from slowfeat.errors import SlowfeatError

OUTDATED = "the node left its state while the bundle was loading: nothing was changed"

# The end of the process waits for a load under way for so long, s.
LONGEST_LOAD_S = 2.0


class BundleLoader:
    """Answers LoadBundle, one request at a time.

    Args:
        node: offers the service.
        load: path to an encoder that has run once; raises SlowfeatError. Called in another thread.
        take: put the encoder in place; called in that thread, too.
        name: name of the bundle in use.
    """

    def __init__(
        self,
        node: LifecycleNode,
        load: Callable[[str], Encoder],
        take: Callable[[Encoder, str], None],
        name: Callable[[], str],
    ) -> None:
        self._node = node
        self._load = load
        self._take = take
        self._name = name
        self._lock = threading.Lock()
        # The path that is being loaded, or "".
        self._busy_with = ""
        # What the request under way waits for; None once it is answered.
        self._waiting: Any = None
        self._thread: threading.Thread | None = None
        # A group of its own: while an answer is awaited, images and a second request get through.
        self._service = node.create_service(
            LoadBundle, "~/load_bundle", self._answer, callback_group=ReentrantCallbackGroup()
        )

    async def _answer(self, request: Any, response: Any) -> Any:
        response.message = await self._start(request.path)
        response.success = not response.message
        response.name = self._name()
        return response

    def _start(self, path: str) -> Any:
        """A future of the reason why the bundle is not in use, empty when it is."""
        future: Any = Future()
        if not path:
            future.set_result("no path is given: name a bundle's folder or a run")
            return future
        with self._lock:
            busy_with = self._busy_with
            if not busy_with:
                self._busy_with, self._waiting = path, future
        if busy_with:
            future.set_result(f"{busy_with} is being loaded: ask again when that is answered")
            return future
        self._thread = threading.Thread(target=self._work, args=(path, future), daemon=True)
        self._thread.start()
        return future

    def _work(self, path: str, future: Any) -> None:
        """The loading thread."""
        reason = ""
        try:
            encoder = self._load(path)
            with self._lock:
                # It was answered meanwhile: the node has left its state.
                if self._waiting is future:
                    self._take(encoder, path)
                else:
                    reason = OUTDATED
            del encoder
        except SlowfeatError as error:
            reason = str(error)
        except Exception as error:
            # A file can hold anything; the node has a bundle that works.
            reason = f"{path} cannot be loaded: {type(error).__name__}: {error}"
        reason = " ".join(reason.split())
        if reason:
            self._node.get_logger().error(f"load_bundle: {reason}; still using {self._name()}")
        with self._lock:
            self._busy_with = ""
            is_answered = self._waiting is not future
            self._waiting = None
        if not is_answered:
            self._answer_with(future, reason)

    def _answer_with(self, future: Any, reason: str) -> None:
        future.set_result(reason)
        if self._node.executor is not None:
            # It may be waiting for messages, and looks after the answer when it wakes.
            self._node.executor.wake()

    def give_up(self) -> None:
        """Answer the request under way: its bundle will not be used. The service stays."""
        with self._lock:
            future, self._waiting = self._waiting, None
        if future is not None:
            self._answer_with(future, OUTDATED)

    def close(self) -> None:
        """Take the service down; the process ends."""
        self.give_up()
        if self._thread is not None:
            # A thread that is at work in C++ when the process ends would abort it; one that hangs
            # does not hold it up.
            self._thread.join(timeout=LONGEST_LOAD_S)
        self._node.destroy_service(self._service)
