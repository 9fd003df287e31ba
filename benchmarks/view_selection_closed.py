"""The loop closed in simulated maps: how often a goal view is reached, and how much new is seen.

Every figure is an episode: a place that a scripted drive came to (by the seed), and a policy that
makes motions from there. Motions are driven in the world's physics, so walls block; what is counted
is the true pose. The robot itself knows its odometry, which drifts, and remembers where something
was in the way: all policies alike.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from view_selection_machines import Machine, Picture

from slowfeat.geometry import Array, relative_motion
from slowfeat.view_selection.barred import Barred
from slowfeat_trainer.simulation.doom_camera import Camera
from slowfeat_trainer.simulation.driver import DriveConfig, Driver
from slowfeat_trainer.simulation.odometer import Odometer
from slowfeat_trainer.simulation.world import Pose, World

CAMERA = Camera(160, 120)
DRIVE_TIC_S = 0.02
# A motion in so many steps of the physics.
TICS = 10
# Ahead, arcs and turns on the spot: (forward m, turn rad) of each.
ARCS = ((0.6, 0.0), (0.5, 0.6), (0.5, -0.6), (0.0, 0.8), (0.0, -0.8))
GOAL_MOVES, MOST_MOVES = 4, 16
NEAR_M, NEAR_RAD = 0.5, math.radians(20)
# An episode of coverage ends after so many metres, or motions.
BUDGET_M, MOST_COVER_MOVES = 15.0, 120
# Of the odometer: a metre straight is off by 1.6 cm, a radian by 0.9 degrees.
ODOMETRY_NOISE = 0.05
# A motion that odometry says was off by more than this was blocked; m and rad.
BLOCKED_M, BLOCKED_RAD = 0.25, 0.3
# Scores (A,) of the motions for what the robot knows; None: all the same.
Choose = Callable[["Robot"], Array | None]


def motions() -> Array:
    """The candidate motions (M, 6): the ends of the arcs."""
    made = np.zeros((len(ARCS), 6))
    for i, (length, turn) in enumerate(ARCS):
        chord = length * np.sinc(turn / 2 / np.pi)
        made[i, [0, 1, 5]] = chord * math.cos(turn / 2), chord * math.sin(turn / 2), turn
    return made


MOTIONS = motions()


class Robot:
    """Looks, remembers, and makes the best motion that nothing is in the way of.

    Args:
        world: it stands in.
        machine: that it sees with; None for policies that know no features.
        seed: of its odometry's noise, and of choices among equals.
    """

    def __init__(self, world: World, machine: Machine | None, seed: int) -> None:
        self.world, self.machine = world, machine
        self.rng = np.random.default_rng([seed, 2])
        self.views: list[Array] = []
        self.picture: Picture = np.zeros((0, 0, 3), np.uint8)
        self._odometer = Odometer(world.pose, seed)
        self._odometer.noise = ODOMETRY_NOISE
        self._poses: list[Array] = []
        self._walls = Barred()

    def look(self) -> None:
        """Take in the view from here."""
        self.picture = picture_of(self.world)
        self._poses.append(_matrix(self._odometer.pose))
        if self.machine is not None:
            self.views.append(np.asarray(self.machine.embed(self.picture), np.float32))

    def since(self) -> Array:
        """Motions (S, 6) from each view to the one now, by odometry."""
        poses = np.stack(self._poses)
        return relative_motion(poses, np.broadcast_to(poses[-1], poses.shape))

    def barred(self) -> Array:
        """(B, 2) m, where it could not get to, seen from the body."""
        return self._walls.seen_from(self._poses[-1])

    def make_best(self, scores: Array | None) -> None:
        """Make the motion with the highest score (A,) of those that are not
        barred; one by chance of equals.
        """
        here = self._poses[-1]
        free = self._walls.allows(here, MOTIONS)
        worth = np.where(free, 0.0 if scores is None else scores, -np.inf)
        index = int(self.rng.choice(np.flatnonzero(worth == worth.max())))
        length, turn = ARCS[index]
        for _ in range(TICS):
            self.world.move(length / TICS, turn / TICS)
            self._odometer.step(self.world.pose)
        self.world.move(0.0, 0.0)
        made = relative_motion(here, _matrix(self._odometer.step(self.world.pose)))
        off = made - MOTIONS[index]
        if np.linalg.norm(off[:2]) > BLOCKED_M or abs(off[5]) > BLOCKED_RAD:
            self._walls.add(here, MOTIONS[index])


def _matrix(pose: Pose) -> Array:
    cos, sin = math.cos(pose.yaw), math.sin(pose.yaw)
    return np.array(
        [[cos, -sin, 0, pose.x], [sin, cos, 0, pose.y], [0, 0, 1, pose.z], [0, 0, 0, 1.0]]
    )


def picture_of(world: World) -> Picture:
    """What the camera sees."""
    return CAMERA.expose(world.render())


def put(world: World, pose: Pose) -> None:
    """To a place."""
    world.place(pose.x, pose.y, pose.yaw)


def draw_episode(world: World, name: str, seed: int) -> tuple[Pose, Pose]:
    """Start and goal: where a scripted drive of 5 to 25 s comes to, and GOAL_MOVES random motions
    from there.

    Those are others in each map (`name`) for the same seed.
    """
    rng = np.random.default_rng(seed)
    world.reset()
    driver = Driver(world.level.walls, DriveConfig(), DRIVE_TIC_S, seed)
    blocked = False
    for _ in range(int(rng.uniform(5, 25) / DRIVE_TIC_S)):
        blocked = world.move(*driver.step(world.pose, blocked))
    # Exactly where it can be put back to.
    put(world, world.pose)
    start = world.pose
    rng = np.random.default_rng([seed, *name.encode()])
    for _ in range(100):
        put(world, start)
        for index in rng.integers(len(ARCS), size=GOAL_MOVES):
            length, turn = ARCS[index]
            for _ in range(TICS):
                world.move(length / TICS, turn / TICS)
            world.move(0.0, 0.0)
        if not is_near(world.pose, start):
            break
    return start, world.pose


def is_near(a: Pose, b: Pose) -> bool:
    """Within half a metre and 20 degrees."""
    turned = abs(math.remainder(a.yaw - b.yaw, math.tau))
    return math.hypot(a.x - b.x, a.y - b.y) < NEAR_M and turned < NEAR_RAD


def goal_episode(robot: Robot, goal: Pose, choose: Choose) -> int:
    """In how many motions the goal was reached; 0: not within MOST_MOVES."""
    for made in range(1, MOST_MOVES + 1):
        robot.look()
        robot.make_best(choose(robot))
        if is_near(robot.world.pose, goal):
            return made
    return 0


def cover_episode(robot: Robot, choose: Choose) -> dict[str, float]:
    """Different square metres, and views (square metre and eighth
    of a turn), in BUDGET_M metres.
    """
    places, views, way, moves, at = set(), set(), 0.0, 0, robot.world.pose
    while way < BUDGET_M and moves < MOST_COVER_MOVES:
        robot.look()
        robot.make_best(choose(robot))
        moves, now = moves + 1, robot.world.pose
        way, at = way + math.hypot(now.x - at.x, now.y - at.y), now
        square = (math.floor(now.x), math.floor(now.y))
        places.add(square)
        views.add((*square, math.floor((now.yaw % math.tau) / (math.tau / 8))))
    return {"places": len(places), "views": len(views), "metres": way, "moves": moves}
