"""The dead man's switch stops what moves when nobody says so any more, and nothing else."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from slowfeat.live.dead_man import DeadMan

# Far longer than any wait of this machine; only a switch that never fires runs into it.
PATIENCE_S = 20.0


class Stopped:
    """Counts the stops, and lets a test wait for one."""

    def __init__(self) -> None:
        self.happened = threading.Event()
        self.switch = DeadMan(self.happened.set, timeout_s=0.05)


@pytest.fixture
def stopped() -> Iterator[Stopped]:
    made = Stopped()
    yield made
    made.switch.close()


def test_silence_while_moving_stops_again_and_again(stopped: Stopped) -> None:
    stopped.switch.feed(moving=True)
    assert stopped.happened.wait(PATIENCE_S)
    stopped.happened.clear()
    assert stopped.happened.wait(PATIENCE_S)
    assert stopped.switch.released >= 2


def test_silence_while_standing_is_nothing(stopped: Stopped) -> None:
    assert not stopped.happened.wait(0.3)
    stopped.switch.feed(moving=True)
    stopped.switch.feed(moving=False)
    released = stopped.switch.released
    assert not stopped.happened.wait(0.3)
    assert stopped.switch.released == released


def test_a_closed_switch_stops_nothing_more(stopped: Stopped) -> None:
    stopped.switch.close()
    stopped.switch.feed(moving=True)
    assert not stopped.happened.wait(0.3)
