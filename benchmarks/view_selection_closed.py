"""The loop closed in simulated maps: how often a goal view is reached, and how much new is seen.

Every figure is an episode: a place that a scripted drive came to (by the seed), and a policy that makes motions from
there. Motions are driven in the world's physics, so walls block; what is counted is the true pose.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from slowfeat.encoder import Encoder
from slowfeat.geometry import Array
from slowfeat.view_selection.decision import Question, decide
from slowfeat_trainer.evaluation.baselines import shift
from slowfeat_trainer.evaluation.compare import PIXEL_SIDE, pixels
from slowfeat_trainer.frames import FrameStack
from slowfeat_trainer.simulation.camera import Camera
from slowfeat_trainer.simulation.driver import DriveConfig, Driver
from slowfeat_trainer.simulation.messages import relative_pose
from slowfeat_trainer.simulation.world import Pose, World

CAMERA = Camera(160, 120)
TICS = 25
TIC_S = 0.02
# Ahead, arcs and turns on the spot: (forward m, turn rad) of each.
ARCS = ((0.6, 0.0), (0.5, 0.6), (0.5, -0.6), (0.0, 0.8), (0.0, -0.8))
GOAL_MOVES, MOST_MOVES = 4, 8
NEAR_M, NEAR_RAD = 0.5, math.radians(20)
COVER_MOVES = 25
# Columns of the small picture that a radian moves it: the field of view is 90 degrees.
FOCAL = PIXEL_SIDE / 2

Picture = npt.NDArray[np.uint8]
Choose = Callable[[Picture, Pose], int]


def motions() -> Array:
    """The candidate motions (M, 6): the ends of the arcs."""
    made = np.zeros((len(ARCS), 6))
    for i, (length, turn) in enumerate(ARCS):
        chord = length * np.sinc(turn / 2 / np.pi)
        made[i, [0, 1, 5]] = chord * math.cos(turn / 2), chord * math.sin(turn / 2), turn
    return made


@dataclass
class Episode:
    """Where it begins."""

    world: World
    start: Pose
    rng: np.random.Generator

    def look(self) -> Picture:
        """What the camera sees."""
        return CAMERA.expose(self.world.render())

    def go(self, index: int) -> None:
        """Make a motion, as far as the walls let it."""
        length, turn = ARCS[index]
        for _ in range(TICS):
            self.world.move(length / TICS, turn / TICS)
        self.world.move(0.0, 0.0)

    def put_back(self) -> None:
        """To the start."""
        self.world.place(self.start.x, self.start.y, self.start.yaw)


def begin(world: World, seed: int) -> Episode:
    """An episode's place: where a scripted drive of 5 to 25 s comes to."""
    rng = np.random.default_rng(seed)
    world.reset()
    driver = Driver(world.level.walls, DriveConfig(), TIC_S, seed)
    blocked = False
    for _ in range(int(rng.uniform(5, 25) / TIC_S)):
        blocked = world.move(*driver.step(world.pose, blocked))
    here = world.pose
    # Exactly where it can be put back to.
    world.place(here.x, here.y, here.yaw)
    return Episode(world, world.pose, rng)


def goal_episode(
    world: World, seed: int, policy: Callable[[Episode, Picture, Pose], Choose]
) -> tuple[bool, int]:
    """Whether the view GOAL_MOVES random motions away was reached within MOST_MOVES, and in how many."""
    episode = begin(world, seed)
    for _ in range(100):
        for index in episode.rng.integers(len(ARCS), size=GOAL_MOVES):
            episode.go(int(index))
        goal, wanted = world.pose, episode.look()
        episode.put_back()
        if not is_near(world.pose, goal):
            break
    choose = policy(episode, wanted, goal)
    for made in range(1, MOST_MOVES + 1):
        episode.go(choose(episode.look(), world.pose))
        if is_near(world.pose, goal):
            return True, made
    return False, MOST_MOVES


def is_near(a: Pose, b: Pose) -> bool:
    """Within half a metre and 20 degrees."""
    turned = abs(math.remainder(a.yaw - b.yaw, math.tau))
    return math.hypot(a.x - b.x, a.y - b.y) < NEAR_M and turned < NEAR_RAD


def cover_episode(world: World, seed: int, choose: Callable[[Episode], Choose]) -> dict[str, float]:
    """Different half-metre squares, and views (square and eighth of a turn), in COVER_MOVES motions."""
    episode = begin(world, seed)
    take = choose(episode)
    places, views, way, at = set(), set(), 0.0, world.pose
    for _ in range(COVER_MOVES):
        episode.go(take(episode.look(), world.pose))
        now = world.pose
        way += math.hypot(now.x - at.x, now.y - at.y)
        at = now
        square = (math.floor(2 * now.x), math.floor(2 * now.y))
        places.add(square)
        views.add((*square, math.floor((now.yaw % math.tau) / (math.tau / 8))))
    return {"places": len(places), "views": len(views), "metres": way}


# -- policies -----------------------------------------------------------------------------------------


def by_chance(episode: Episode) -> Choose:
    """Any motion."""
    return lambda _picture, _pose: int(episode.rng.integers(len(ARCS)))


def towards_pose(goal: Pose) -> Choose:
    """The motion that would bring the body nearest to the goal's true pose: it knows what nobody knows."""

    def choose(_picture: Picture, pose: Pose) -> int:
        left = relative_pose(pose, goal)
        costs = []
        for motion in motions():
            after = Pose(motion[0], motion[1], 0.0, motion[5])
            rest = relative_pose(after, left)
            costs.append(math.hypot(rest.x, rest.y) + abs(math.remainder(rest.yaw, math.tau)))
        return int(np.argmin(costs))

    return choose


def towards_pixels(wanted: Picture) -> Choose:
    """The turn whose shifted 16 x 16 picture is nearest to the wanted one; a translation changes nothing in it."""
    target = pixels(FrameStack([wanted[None]]))

    def choose(picture: Picture, _pose: Pose) -> int:
        start = pixels(FrameStack([picture[None]]))
        turns = FOCAL * motions()[:, 5]
        shifted = shift(np.repeat(start, len(turns), axis=0), turns)
        return int(((shifted - target) ** 2).sum(axis=1).argmin())

    return choose


def towards_view(encoder: Encoder, wanted: Picture, steps: int) -> Choose:
    """Policy goal of a bundle."""
    goal = encoder.embed(wanted)

    def choose(picture: Picture, _pose: Pose) -> int:
        question = Question("goal", goal=goal, steps=steps)
        return decide(
            encoder.predict, encoder.info, encoder.embed(picture), motions(), question
        ).best

    return choose


def towards_the_new(encoder: Encoder, steps: int) -> Choose:
    """Policy novelty of a bundle."""
    seen: list[npt.NDArray[np.float32]] = []

    def choose(picture: Picture, _pose: Pose) -> int:
        now = encoder.embed(picture)
        seen.append(now)
        question = Question("novelty", seen=np.array(seen), steps=steps)
        return decide(encoder.predict, encoder.info, now, motions(), question).best

    return choose
