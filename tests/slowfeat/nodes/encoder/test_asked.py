"""Every request is answered: beside the stream, without a bundle, and while the node goes down."""

from __future__ import annotations

import threading
import time
import types
from typing import Any

import pytest
from slowfeat_interfaces.srv import PredictTransforms, SelectView

from slowfeat.live.side_worker import MOST_WAITING, SideWorker
from slowfeat.nodes.encoder import asked
from slowfeat.nodes.encoder.asked import Asked


class Bench:
    """The services without a middleware; what answers can be held."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.worker, self.callbacks = SideWorker(), dict[str, Any]()
        self.let_go, self.threads = threading.Event(), list[Any]()
        monkeypatch.setattr(asked, "answer_predict", self._answer)
        pipeline = types.SimpleNamespace(
            beside=self.worker, encoder=None, newest=None, give_way=None
        )
        selection = types.SimpleNamespace(answer=self._answer)
        self.in_use: Any = (pipeline, selection)
        node: Any = types.SimpleNamespace(create_service=self._offer, executor=None)
        Asked(node, lambda: self.in_use)

    def _offer(self, _kind: Any, name: str, callback: Any, callback_group: Any) -> str:
        assert callback_group is not None
        self.callbacks[name] = callback
        return name

    def _answer(self, _encoder: Any, _newest: Any, _request: Any, response: Any, *_: Any) -> Any:
        assert self.let_go.wait(5)
        self.threads.append(threading.current_thread())
        response.success = True
        return response

    def ask(self, name: str, kind: Any) -> Waiting:
        return Waiting(self.callbacks[name](kind.Request(), kind.Response()))


class Waiting:
    """A request under way, as the executor sees it."""

    def __init__(self, coroutine: Any) -> None:
        self._coroutine, self._response = coroutine, None
        self._look()

    def _look(self) -> None:
        try:
            self._coroutine.send(None)
        except StopIteration as done:
            self._response = done.value

    def response(self) -> Any:
        end = time.monotonic() + 5
        while self._response is None:
            assert time.monotonic() < end
            time.sleep(0.005)
            self._look()
        return self._response


KINDS = {"~/predict": PredictTransforms, "~/select_view": SelectView}


@pytest.mark.parametrize("name", KINDS)
def test_an_answer_comes_from_another_thread(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    bench = Bench(monkeypatch)
    waiting = bench.ask(name, KINDS[name])
    bench.let_go.set()
    assert waiting.response().success
    assert bench.threads != [threading.current_thread()]
    bench.worker.close()


@pytest.mark.parametrize("name", KINDS)
def test_without_a_bundle_the_answer_says_so(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    bench = Bench(monkeypatch)
    bench.in_use = None
    response = bench.ask(name, KINDS[name]).response()
    assert (response.success, "configure it first" in response.message) == (False, True)
    bench.worker.close()


def test_what_waits_is_answered_when_the_node_goes_down(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(monkeypatch)
    first = bench.ask("~/predict", PredictTransforms)
    end = time.monotonic() + 5
    while bench.worker._requests and time.monotonic() < end:
        time.sleep(0.005)
    waiting = [bench.ask("~/predict", PredictTransforms) for _ in range(MOST_WAITING)]
    refused = bench.ask("~/select_view", SelectView).response()
    assert "16 requests are waiting" in refused.message
    closing = threading.Thread(target=bench.worker.close)
    closing.start()
    assert {item.response().message for item in waiting} == {"the node left its state: ask again"}
    bench.let_go.set()
    assert first.response().success
    closing.join()
