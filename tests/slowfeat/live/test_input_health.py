"""What is wrong with the inputs is said within 3 s, with its reason."""

from __future__ import annotations

import pytest

from slowfeat.live.input_health import InputHealth, Level
from slowfeat.odometry import NS


class Streams:
    """Images at 20 Hz, odometry at 50."""

    def __init__(self) -> None:
        self.health, self.now, self.stamp = InputHealth(), 100.0, 10**18
        self.odometry_hz, self.images = 50, True
        self.late_s = 0.0
        self.unusable = ""

    def run(self, seconds: float) -> None:
        for k in range(round(seconds * 100)):
            self.now += 0.01
            self.stamp += NS // 100
            if self.images and k % 5 == 0:
                self.health.image(self.stamp, self.now)
            if self.odometry_hz and k % round(100 / self.odometry_hz) == 0:
                if self.unusable:
                    self.health.unusable(self.unusable, self.now)
                else:
                    self.health.odometry(self.stamp - round(self.late_s * NS), self.now)

    def state(self) -> tuple[Level, str]:
        return self.health.state(self.now)


@pytest.fixture
def streams() -> Streams:
    made = Streams()
    made.run(5.0)
    return made


def test_all_is_well_where_both_come(streams: Streams) -> None:
    assert streams.state() == (Level.OK, "")


def test_odometry_that_never_came_and_odometry_that_ended(streams: Streams) -> None:
    other = Streams()
    other.odometry_hz = 0
    other.run(1.5)
    assert other.state() == (Level.STALE, "no odometry comes")
    streams.odometry_hz = 0
    streams.run(2.0)
    assert streams.state()[0] is Level.STALE
    assert "ended 2.0 s ago" in streams.state()[1]


@pytest.mark.parametrize("late_s", [1.2, 4.0])
def test_late_odometry(streams: Streams, late_s: float) -> None:
    streams.late_s = late_s
    streams.run(2.5)
    level, reason = streams.state()
    assert level is Level.STALE
    assert f"comes {late_s:.1f} s after the images" in reason


def test_odometry_that_lags_as_usual_is_fine(streams: Streams) -> None:
    streams.late_s = 0.6
    streams.run(3.0)
    assert streams.state() == (Level.OK, "")


@pytest.mark.parametrize("period_s", [0.8, 1.2])
def test_sparse_odometry(period_s: float) -> None:
    streams = Streams()
    streams.odometry_hz = 1 / period_s
    streams.run(3.0)
    level, reason = streams.state()
    assert level is Level.STALE
    assert f"once in {period_s:.2f} s" in reason


def test_odometry_ahead_of_the_images(streams: Streams) -> None:
    streams.late_s = -5.0
    streams.run(3.0)
    assert streams.state()[0] is Level.WARN
    assert "5.0 s ahead" in streams.state()[1]


def test_odometry_that_cannot_be_used(streams: Streams) -> None:
    streams.unusable = "pose not finite"
    streams.run(2.0)
    assert streams.state() == (Level.STALE, "odometry cannot be used: pose not finite")


def test_images_that_end(streams: Streams) -> None:
    streams.images = False
    streams.run(2.5)
    assert streams.state()[0] is Level.STALE
    assert "no image has come for 2." in streams.state()[1]


def test_a_jump_is_a_warning_for_some_seconds(streams: Streams) -> None:
    streams.health.jumped("the pose jumped by 3.00 m", streams.now)
    streams.run(1.0)
    assert streams.state() == (Level.WARN, "odometry jumped: the pose jumped by 3.00 m")
    streams.run(3.0)
    assert streams.state() == (Level.OK, "")


def test_a_foreign_frame_is_a_warning_until_it_is_right(streams: Streams) -> None:
    streams.health.foreign("child", "odometry is of frame 'lidar'")
    assert streams.state() == (Level.WARN, "odometry is of frame 'lidar'")
    streams.health.foreign("child", "")
    assert streams.state() == (Level.OK, "")


def test_what_came_before_time_was_set_back_counts_no_more(streams: Streams) -> None:
    streams.health.clear()
    streams.stamp -= 60 * NS
    streams.run(2.0)
    assert streams.state() == (Level.OK, "")
