"""Child processes end with the demo, and what they said last is passed on."""

import os
import signal
import sys
import time

import pytest

from slowfeat.errors import SlowfeatError
from slowfeat_trainer.demo.children import Children, sigterm_as_interrupt, wait_until

SLEEP = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]


def wait_for_end(child):
    wait_until(lambda: child.ended, lambda: time.sleep(0.02), 20, "the child's end")


def test_all_children_end_when_the_block_is_left_by_an_error(tmp_path):
    with pytest.raises(ZeroDivisionError), Children(tmp_path / "logs") as children:  # noqa: PT012
        started = [children.start(name, SLEEP) for name in ("a", "b")]
        assert not any(child.ended for child in started)
        raise ZeroDivisionError
    assert all(child.ended for child in started)


def test_a_child_that_ignores_the_request_is_forced(tmp_path, monkeypatch):
    monkeypatch.setattr("slowfeat_trainer.demo.children.GRACE_S", 0.3)
    deaf = (
        "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); "
        "time.sleep(60)"
    )
    with Children(tmp_path) as children:
        child = children.start("deaf", [sys.executable, "-c", deaf])
        wait_until(lambda: "deaf" in child.log.read_text(), lambda: time.sleep(0.02), 20, "it")
    assert child.process.returncode == -signal.SIGKILL


def test_a_child_that_died_is_named_with_the_tail_of_its_log(tmp_path):
    command = [sys.executable, "-c", "print('one\\n\\ntwo'); raise SystemExit(3)"]
    with Children(tmp_path) as children:
        child = children.start("node", command)
        wait_for_end(child)
        with pytest.raises(
            SlowfeatError, match=r"node ended \(exit code 3\): one \| two; .*node.log"
        ):
            child.check()


def test_an_end_without_error_is_fine_only_where_it_is_expected(tmp_path):
    with Children(tmp_path) as children:
        child = children.start("replay", [sys.executable, "-c", ""])
        wait_for_end(child)
        child.check(may_end=True)
        with pytest.raises(SlowfeatError, match="it said nothing"):
            child.check()


def test_waiting_in_vain_says_for_what():
    with pytest.raises(SlowfeatError, match="for the moon, in vain"):
        wait_until(lambda: False, lambda: time.sleep(0.01), 0.05, "the moon")


def test_sigterm_becomes_an_interrupt_within_the_block_only():
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt), sigterm_as_interrupt():  # noqa: PT012
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(1)
    assert signal.getsignal(signal.SIGTERM) == before
