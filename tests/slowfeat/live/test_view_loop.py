"""The loop without ROS: what makes it stand still, and what it does next."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest

from slowfeat.geometry import motion_matrix
from slowfeat.live.dead_man import DeadMan
from slowfeat.live.input_health import Level
from slowfeat.live.move import Outcome
from slowfeat.live.odometry_input import OdometryMessage
from slowfeat.live.steering import Limits, Velocity
from slowfeat.live.view_loop import Choices, Ended, LoopSettings, State, ViewLoop

FORWARD = [0.3, 0, 0, 0, 0, 0]
LEFT = [0, 0, 0, 0, 0, 0.4]
TICK_S = 0.05


class Bench:
    """A loop with an ideal robot, an encoder that answers at once, and knobs to break both."""

    def __init__(self, **settings: Any) -> None:
        self.settings = LoopSettings(limits=Limits(speed=0.5, turn_rate=1.0), **settings)
        self.now, self.stamp, self.pose = 100.0, 0, np.eye(4)
        self.velocity = Velocity(0, 0)
        self.encoder_answers = self.odometry_comes = self.views_are_fresh = True
        self.wall = False
        self.motions, self.scores = np.array([FORWARD, LEFT]), np.array([1.0, 0.5])
        self.outside, self.staying = np.array([False, False]), 0.0
        self.asked, self.told, self.chosen = 0, [], []
        self.ended: list[Ended] = []
        self.reasons: list[str] = []
        self.loop = ViewLoop(
            self.settings,
            self.ask,
            self.drive,
            lambda kind, _text: self.told.append(kind),
            lambda _choices, index: self.chosen.append(index),
            self.ended.append,
            lambda _state, reason: self.reasons.append(reason),
        )

    def ask(self) -> bool:
        self.asked += 1
        return True

    def drive(self, velocity: Velocity) -> None:
        self.velocity = velocity

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds / TICK_S)):
            self.now += TICK_S
            turn, step = self.velocity.turn * TICK_S, self.velocity.forward * TICK_S
            self.pose = self.pose @ motion_matrix([0 if self.wall else step, 0, 0, 0, 0, turn])
            if self.odometry_comes:
                self.stamp += round(TICK_S * 1e9)
                self.loop.take_odometry(OdometryMessage.of_pose(self.stamp, self.pose), self.now)
            before = self.asked
            self.loop.tick(self.now)
            if self.asked > before and self.encoder_answers:
                stamp = self.stamp if self.views_are_fresh else 1
                answer = Choices(stamp, self.motions, self.scores, self.outside, self.staying)
                self.loop.take_choices(answer, self.now)

    def go(self, seconds: float) -> None:
        self.run(0.1)
        self.loop.start(self.now)
        self.run(seconds)


def test_does_nothing_until_it_is_started() -> None:
    bench = Bench()
    bench.run(1.0)
    assert bench.asked == 0
    assert bench.loop.state is State.STOPPED


def test_asks_moves_settles_and_asks_again() -> None:
    bench = Bench()
    bench.go(5.0)
    assert len(bench.ended) >= 2
    assert all(end.outcome is Outcome.REACHED for end in bench.ended)
    assert bench.chosen[0] == 0
    assert bench.pose[0, 3] > 0.5


def test_stops_in_the_same_tick_when_told_to() -> None:
    bench = Bench()
    bench.go(0.4)
    assert bench.velocity.forward > 0
    bench.loop.stop("~/stop", bench.now)
    assert bench.velocity == (0, 0)
    assert bench.ended[-1].outcome is Outcome.STOPPED
    bench.run(2.0)
    assert bench.velocity == (0, 0)
    assert bench.loop.state is State.STOPPED


@pytest.mark.parametrize("frozen", [False, True])
def test_stops_when_odometry_stops_and_goes_on_when_it_is_back(frozen: bool) -> None:
    bench = Bench()
    bench.go(0.4)
    bench.odometry_comes = False
    for _ in range(12):
        bench.run(TICK_S)
        if frozen:  # messages come, and their stamp stands still
            bench.loop.take_odometry(OdometryMessage.of_pose(bench.stamp, bench.pose), bench.now)
    assert bench.velocity == (0, 0)
    assert bench.ended[-1].outcome is Outcome.ODOMETRY_LOST
    bench.run(3.0)
    assert len(bench.ended) == 1  # nothing is begun without odometry
    bench.odometry_comes = True
    bench.run(3.0)
    assert bench.ended[-1].outcome is Outcome.REACHED


def test_a_jump_of_odometry_ends_the_motion_at_once_and_forgets_where_walls_were() -> None:
    bench = Bench()
    bench.wall = True
    bench.go(1.8)
    assert bench.ended[0].outcome is Outcome.BLOCKED
    assert 0 not in bench.chosen[1:]  # barred
    bench.wall = False
    while bench.loop.state is not State.MOVING or bench.velocity == (0, 0):
        bench.run(TICK_S)
    before = len(bench.ended)
    bench.pose = motion_matrix([0, 3, 0, 0, 0, 0]) @ bench.pose
    bench.stamp += round(TICK_S * 1e9)
    bench.loop.take_odometry(OdometryMessage.of_pose(bench.stamp, bench.pose), bench.now)
    assert bench.velocity == (0, 0)  # with the message, not with the next tick
    assert len(bench.ended) == before + 1
    assert bench.ended[-1].outcome is Outcome.ODOMETRY_JUMPED
    assert np.linalg.norm(bench.ended[-1].made[:2]) < 0.5  # up to the jump
    assert bench.told.count("odometry jump") == 1
    count = len(bench.chosen)
    bench.run(0.5)
    assert len(bench.chosen) == count  # odometry must be calm first
    bench.run(3.0)
    assert bench.chosen[count] == 0  # the wall was in a frame that is gone
    assert bench.ended[-1].outcome is Outcome.REACHED


def test_odometry_that_lags_behind_the_images_moves_nothing() -> None:
    bench = Bench()
    bench.run(0.1)
    bench.loop.start(bench.now)
    bench.encoder_answers = False
    bench.run(0.2)
    late = Choices(bench.stamp + 600_000_000, bench.motions, bench.scores, bench.outside, 0.0)
    bench.loop.take_choices(late, bench.now)
    assert bench.chosen == []
    assert "odometry" in bench.told


def test_odometry_that_never_gets_there_spends_the_budget() -> None:
    bench = Bench()
    bench.go(0.2)
    odometry = bench.loop.take_odometry
    start = bench.now

    def drifts(message: OdometryMessage, now_s: float) -> None:
        away = motion_matrix([-0.45 * (now_s - start), 0, 0, 0, 0, 0])
        odometry(OdometryMessage.of_pose(message.stamp_ns, message.T_odom_body @ away), now_s)

    bench.loop.take_odometry = drifts  # type: ignore[method-assign]
    bench.settings.limits.blocked_s = 60.0
    bench.settings.limits.stalled_s = 60.0
    bench.run(4.0)
    assert bench.ended[0].outcome is Outcome.BUDGET_SPENT
    assert "budget" in bench.told
    assert bench.ended[0].seconds < 0.3 * 1.5 / 0.4 + 1.0


def test_the_budget_counts_by_the_robots_clock() -> None:
    clocks = {"fast": 1.0, "slow": 0.2}
    for pace in clocks.values():
        bench = Bench()
        bench.settings.limits.path_margin = 0.1
        bench.loop._robot_clock = lambda bench=bench, pace=pace: pace * bench.now
        bench.go(0.2)
        # A simulation at a fifth of the speed moves a fifth of what is commanded.
        drive = bench.drive
        bench.loop._drive = lambda v, drive=drive, pace=pace: drive(
            Velocity(pace * v[0], pace * v[1])
        )
        bench.run(12.0 if pace < 1 else 2.0)
        assert Outcome.BUDGET_SPENT not in [end.outcome for end in bench.ended]
        assert bench.ended


def test_a_loop_that_hung_stands_still_for_a_tick_and_hears_before_it_judges() -> None:
    bench = Bench()
    bench.go(0.4)
    assert bench.velocity.forward > 0
    bench.now += 0.4  # this process was not given the processor, and its messages wait
    bench.loop.tick(bench.now)
    assert bench.velocity == (0, 0)
    assert bench.ended == []
    bench.run(2.0)
    assert bench.ended[0].outcome is Outcome.REACHED


def test_without_decisions_it_stands_still_and_says_so() -> None:
    bench = Bench(decision_timeout_s=1.0)
    bench.go(0.5)
    bench.encoder_answers = False
    bench.run(5.0)
    assert bench.velocity == (0, 0)
    assert "decision" in bench.told
    ended, asked = len(bench.ended), bench.asked
    assert asked > 3  # a request that was lost is sent again
    bench.encoder_answers = True
    bench.run(3.0)
    assert len(bench.ended) > ended


def test_a_view_from_before_the_end_of_a_motion_moves_nothing() -> None:
    bench = Bench(decision_timeout_s=1.0)
    bench.go(0.5)
    bench.views_are_fresh = False
    bench.run(2.5)
    ended = len(bench.ended)
    bench.run(3.0)
    assert len(bench.ended) == ended
    assert "decision" in bench.told


def test_a_late_answer_after_a_stop_moves_nothing() -> None:
    bench = Bench()
    bench.encoder_answers = False
    bench.go(0.2)
    bench.loop.stop("~/stop", bench.now)
    late = Choices(bench.stamp, bench.motions, bench.scores, bench.outside, 0.0)
    bench.loop.take_choices(late, bench.now)
    bench.run(1.0)
    assert bench.velocity == (0, 0)


def test_against_a_wall_it_tries_something_else() -> None:
    bench = Bench()
    bench.wall = True
    bench.go(4.0)
    assert bench.chosen[:2] == [0, 1]
    first = bench.ended[0]
    assert first.outcome is Outcome.BLOCKED
    assert first.asked[0] == 0.3
    assert abs(first.made[0]) < 1e-9


def test_a_wall_is_remembered_where_it_was_after_something_else_worked() -> None:
    bench = Bench()
    bench.wall = True
    bench.scores = np.array([1.0, 0.5])
    bench.go(2.0)
    assert bench.chosen[0] == 0
    # A turn works at a wall, and the wall is still there: back in front of it nothing is tried
    # again.
    bench.motions = np.array([FORWARD, LEFT, [-v for v in LEFT]])
    bench.scores, bench.outside = np.array([1.0, 0.5, 0.4]), np.zeros(3, bool)
    bench.run(2.0)
    assert any(ended.outcome is Outcome.REACHED for ended in bench.ended)
    bench.scores = np.array([1.0, 0.4, 0.5])
    bench.run(0.9)
    for _ in range(60):
        bench.run(0.5)
        if abs(np.arctan2(bench.pose[1, 0], bench.pose[0, 0])) < 0.2:
            break
    else:
        pytest.fail("it never faced the wall again")
    count = len(bench.chosen)
    bench.run(1.0)
    assert 0 not in bench.chosen[count:]
    bench.loop.stop("enough", bench.now)
    bench.loop.start(bench.now)  # who starts it anew has perhaps moved what was there
    bench.run(0.3)
    assert bench.chosen[-1] == 0


def test_stops_when_every_motion_is_blocked() -> None:
    bench = Bench()
    bench.wall, bench.motions = True, np.array([FORWARD])
    bench.scores, bench.outside = np.ones(1), np.array([False])
    bench.go(4.0)
    assert bench.loop.state is State.STOPPED
    assert "no motion is left" in bench.reasons[-1]
    assert bench.velocity == (0, 0)


def test_motions_outside_the_trained_range_are_left_out_unless_allowed() -> None:
    bench = Bench()
    bench.outside = np.array([True, False])
    bench.go(1.0)
    assert bench.chosen[0] == 1
    bench = Bench(allow_outside_range=True)
    bench.outside = np.array([True, False])
    bench.go(1.0)
    assert bench.chosen[0] == 0


def test_arrives_where_no_motion_is_better_than_staying() -> None:
    bench = Bench(stop_when_none_better=True)
    bench.staying = 2.0
    bench.go(1.0)
    assert bench.chosen == []
    assert "arrived" in bench.reasons[-1]


def test_equal_scores_that_are_infinite_still_choose_an_allowed_motion() -> None:
    bench = Bench()
    bench.scores, bench.outside = np.array([np.inf, np.inf]), np.array([True, False])
    bench.go(0.5)
    assert bench.chosen[0] == 1


def test_makes_as_many_motions_as_asked() -> None:
    bench = Bench(max_moves=2)
    bench.go(8.0)
    assert len(bench.ended) == 2
    assert bench.loop.state is State.STOPPED


def test_a_refusal_is_told_and_asked_again() -> None:
    bench = Bench()
    bench.encoder_answers = False
    bench.go(0.2)
    bench.loop.take_refusal("the labelled memory is empty")
    asked = bench.asked
    bench.run(0.2)
    assert bench.told == ["refusal"]
    assert bench.asked > asked


def test_dead_man_stops_a_robot_whose_driver_hangs() -> None:
    stops: list[float] = []
    switch = DeadMan(lambda: stops.append(time.monotonic()), 0.1)
    for _ in range(5):
        switch.feed(moving=True)
        time.sleep(0.03)
    assert stops == []
    fed = time.monotonic()
    time.sleep(0.4)
    assert stops
    assert stops[0] - fed < 0.3
    switch.feed(moving=False)
    time.sleep(0.05)
    count = len(stops)
    time.sleep(0.3)
    assert len(stops) == count
    switch.close()


@pytest.mark.parametrize("level", [Level.WARN, Level.STALE])
def test_doubt_of_the_pictures_ends_a_motion_and_begins_none(level: Level) -> None:
    bench = Bench()
    bench.loop.take_health(Level.OK, "", bench.now)
    bench.go(0.4)
    assert bench.velocity.forward > 0
    bench.loop.take_health(level, "wheels slip", bench.now)
    assert bench.velocity == (0, 0)
    assert bench.ended[-1].outcome is Outcome.ODOMETRY_DOUBTED
    assert bench.told == ["health"]
    count = len(bench.chosen)
    bench.run(1.0)
    assert len(bench.chosen) == count
    bench.loop.take_health(Level.OK, "", bench.now)
    bench.run(1.0)
    assert len(bench.chosen) > count


def test_health_that_stops_coming_is_doubt() -> None:
    bench = Bench()
    bench.loop.take_health(Level.OK, "", bench.now)
    bench.go(2.0)
    assert bench.ended
    bench.run(1.5)
    count = len(bench.chosen)
    bench.run(3.0)
    assert len(bench.chosen) == count
    assert bench.velocity == (0, 0)
