"""The policies that are compared in the closed loop, each as the
scores that it gives the motions.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from view_selection_closed import MOTIONS, Choose, Robot
from view_selection_machines import Machine, Picture

from slowfeat.geometry import Array, compose_motions, motion_matrix
from slowfeat.view_selection.barred import is_barred
from slowfeat.view_selection.decision import Question, decide
from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.evaluation.baselines import shift
from slowfeat_trainer.evaluation.compare import PIXEL_SIDE, pixels
from slowfeat_trainer.simulation.bag_messages import relative_pose
from slowfeat_trainer.simulation.world import Pose

# Columns of the small image that a radian moves it: the field of view is 90 degrees.
FOCAL = PIXEL_SIDE / 2
# Sequences kept at each step: more than there are of three motions, so nothing is left out.
BEAM = 125


def by_chance(_robot: Robot) -> None:
    """Any motion."""
    return


def towards_pose(goal: Pose, steps: int) -> Choose:
    """The motions that would bring the body nearest to the goal's
    true pose: it knows what nobody knows.
    """
    sequences = Sequences.of(steps)
    ends = sequences.ends

    def choose(robot: Robot) -> Array:
        left = relative_pose(robot.world.pose, goal)
        turn = np.abs(np.remainder(ends[:, 5] - left.yaw + math.pi, math.tau) - math.pi)
        far = np.hypot(ends[:, 0] - left.x, ends[:, 1] - left.y)
        return sequences.best(-far - turn, robot.barred())

    return choose


def towards_pixels(wanted: Picture) -> Choose:
    """The turn whose shifted 16 x 16 image is nearest to the wanted one; a
    translation changes nothing in it.
    """
    target = pixels(FrameStack([wanted[None]]))

    def choose(robot: Robot) -> Array:
        start = pixels(FrameStack([robot.picture[None]]))
        turns = FOCAL * MOTIONS[:, 5]
        shifted = shift(np.repeat(start, len(turns), axis=0), turns)
        return -np.asarray(((shifted - target) ** 2).sum(axis=1), np.float64)

    return choose


def towards_view(machine: Machine, wanted: Picture, steps: int, recalls: bool = True) -> Choose:
    """Policy goal; with `recalls`, views are predicted from all that was seen."""
    goal = machine.embed(wanted)

    def choose(robot: Robot) -> Array:
        question = Question("goal", goal=goal, steps=steps, beam=BEAM)
        return _scores(machine, robot, question, recalls)

    return choose


def towards_the_new(machine: Machine, steps: int, recalls: bool = True) -> Choose:
    """Policy novelty; with `recalls`, of the ways since each view it knows odometry."""

    def choose(robot: Robot) -> Array:
        return _scores(machine, robot, Question("novelty", steps=steps, beam=BEAM), recalls)

    return choose


def far_by_odometry(steps: int) -> Choose:
    """The motions that lead farthest from where it has been, by
    odometry alone: no image is looked at.
    """
    sequences = Sequences.of(steps)
    ends = sequences.ends

    def choose(robot: Robot) -> Array:
        back = motion_matrix(robot.since())  # body now, seen from each body before
        places = np.linalg.inv(back)[:, :2, 3]
        away = np.linalg.norm(ends[:, None, :2] - places, axis=-1).min(axis=1)
        return sequences.best(away, robot.barred())

    return choose


def _scores(machine: Machine, robot: Robot, question: Question, recalls: bool) -> Array:
    seen, since = np.stack(robot.views[:-1] or [robot.views[-1]]), robot.since()
    since = since[:-1] if len(since) > 1 else since
    asked = Question(
        question.policy,
        goal=question.goal,
        seen=seen,
        seen_motions=since if recalls else None,
        steps=question.steps,
        beam=question.beam,
        barred=robot.barred(),
    )
    found = decide(machine.predict, machine.info, robot.views[-1], MOTIONS, asked)
    return found.scores


@dataclass(frozen=True)
class Sequences:
    """All sequences of up to some motions."""

    # (N, 6) where each ends; (N,) its first motion; (N,) the sequence without its last motion, -1
    # for none.
    ends: Array
    first: Array
    parent: Array

    @classmethod
    def of(cls, steps: int) -> Sequences:
        """Up to this many motions."""
        count = len(MOTIONS)
        ends, first, parent = [MOTIONS], [np.arange(count)], [np.full(count, -1)]
        begun = 0
        for _ in range(steps - 1):
            last = len(ends[-1])
            after = compose_motions(np.repeat(ends[-1], count, axis=0), np.tile(MOTIONS, (last, 1)))
            parent.append(begun + np.repeat(np.arange(last), count))
            first.append(np.repeat(first[-1], count))
            ends.append(after)
            begun += last
        return cls(np.concatenate(ends), np.concatenate(first), np.concatenate(parent))

    def best(self, scores: Array, barred: Array) -> Array:
        """The best score (A,) of those that begin with each motion and go nowhere barred; minus
        infinity for none.
        """
        free = ~is_barred(self.ends, barred)
        for row in np.flatnonzero(self.parent >= 0):
            free[row] &= free[self.parent[row]]
        found = np.full(len(MOTIONS), -np.inf)
        np.maximum.at(found, self.first, np.where(free, scores, -np.inf))
        return found
