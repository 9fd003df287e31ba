"""Objects of five categories, as in NORB, made of simple bodies.

Each instance has proportions of its own, drawn from its number. Front and back differ, and left and
right a little, so that every view of an object shows from where it is seen.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from slowfeat.errors import UsageError
from slowfeat_papers.rendering.mesh import Mesh, join
from slowfeat_papers.rendering.shapes import block, box, ellipsoid, plate, rod

Draw = np.random.Generator


def make_object(category: str, instance: int) -> Mesh:
    """An object.

    Args:
        category: one of CATEGORIES.
        instance: any number from 0.

    Raises:
        UsageError: the category is unknown.
    """
    if category not in MAKERS:
        raise UsageError(f"there is no object {category!r}; there are {', '.join(MAKERS)}")
    rng = np.random.default_rng([list(MAKERS).index(category), instance])
    return join(MAKERS[category](rng))


def _animal(rng: Draw) -> list[Mesh]:
    """On four legs, its head turned a little."""
    length, width = rng.uniform(0.7, 1.2), rng.uniform(0.16, 0.34)
    leg, thick = rng.uniform(0.25, 0.7), rng.uniform(0.05, 0.1)
    neck, rise = rng.uniform(0.1, 0.6), rng.uniform(0.1, 1.2)
    head = rng.uniform(0.12, 0.22)
    top = leg + width
    front = np.array([length * 0.85, 0.0, top + 0.1])
    face = front + neck * np.array([np.cos(rise), 0.15, np.sin(rise)])
    turned = rng.uniform(0.1, 0.35)
    nose = face + 1.6 * head * np.array([np.cos(turned), np.sin(turned), -0.25])
    tail = rng.uniform(0.2, 0.7)
    end = [-length - tail * 0.6, rng.uniform(0.1, 0.3), top + tail * rng.uniform(-0.6, 0.8)]
    parts = [
        ellipsoid([0, 0, top], [length, width, width * rng.uniform(0.9, 1.3)]),
        rod(front - np.array([0.2, 0, 0.1]), face, 0.7 * head, 0.6 * head),
        ellipsoid(face, [head, head * 0.85, head]),
        rod(face, nose, 0.7 * head, 0.35 * head),
        rod([-length * 0.9, 0, top], end, 0.06, 0.02),
    ]
    ear = rng.uniform(0.1, 0.3)
    for y in (-1, 1):
        parts.append(rod(face, face + np.array([-0.05, y * 0.1, head + ear]), 0.06, 0.02, around=6))
        for x in (-0.6 * length, 0.6 * length):
            side = y * width * 0.7
            parts += [rod([x, side, top], [x, side, 0], thick)]
    return parts


def _person(rng: Draw) -> list[Mesh]:
    """Standing, one arm up or forward, with something in the hand."""
    height, shoulder = rng.uniform(0.7, 1.0), rng.uniform(0.2, 0.38)
    hip, depth = rng.uniform(0.14, 0.28), rng.uniform(0.12, 0.24)
    stride, limb = rng.uniform(0.0, 0.3), rng.uniform(0.05, 0.09)
    waist = 0.95 * height
    neck = waist + 0.6 * height
    parts = [
        ellipsoid([0, 0, (waist + neck) / 2], [depth, shoulder, 0.36 * height]),
        ellipsoid([0.03, 0, neck + 0.16], [0.14, 0.12, 0.17]),
        ellipsoid([0.16, 0, neck + 0.15], [0.05, 0.03, 0.03]),
        ellipsoid([0, 0, waist], [depth, hip, 0.18]),
    ]
    for side, swing in ((-1, 1), (1, -1)):
        foot = np.array([swing * stride, side * hip * 0.7, 0.0])
        parts.append(rod([0, side * hip * 0.5, waist], foot, limb * 1.4, limb))
        parts.append(box(foot + np.array([0.08, 0, 0.03]), [0.26, 0.1, 0.07]))
    lift = rng.uniform(-0.4, 1.3)
    hand = np.array([0.6 * np.cos(lift), shoulder + 0.1, neck - 0.12 + 0.6 * np.sin(lift)])
    parts.append(rod([0, shoulder, neck - 0.12], hand, limb, limb * 0.8))
    parts.append(rod([0, -shoulder, neck - 0.12], [0.05, -shoulder - 0.12, waist - 0.05], limb))
    held, grip = rng.uniform(0.2, 0.9), np.array([0.3, 0.0, 1.0])
    parts.append(rod(hand - held * 0.3 * grip, hand + held * 0.7 * grip, 0.03))
    if rng.random() < 0.5:
        parts.append(
            box([-depth - 0.1, 0, (waist + neck) / 2], [0.2, shoulder * 1.3, 0.5 * height])
        )
    return parts


def _aeroplane(rng: Draw) -> list[Mesh]:
    """Fuselage, wings, tail; a pod under one wing."""
    length, body = rng.uniform(0.9, 1.3), rng.uniform(0.1, 0.2)
    span, chord = rng.uniform(0.7, 1.4), rng.uniform(0.2, 0.45)
    sweep, place = rng.uniform(-0.1, 0.6), rng.uniform(-0.1, 0.3)
    height = rng.choice([-0.6, 0.7]) * body
    parts = [
        rod([-length, 0, 0.08], [length * 0.6, 0, 0], body * 0.5, body),
        ellipsoid([length * 0.6, 0, 0], [length * 0.4, body, body]),
        ellipsoid([length * 0.45, 0, body * 0.8], [0.2, body * 0.7, body * 0.6]),
    ]
    for side in (-1, 1):
        parts.append(plate([place, 0, height], [place - sweep, side * span, height], chord, 0.05))
        tail = [-length * 0.9, 0, 0.1]
        parts.append(plate(tail, [tail[0] - 0.1, side * span * 0.4, 0.1], chord * 0.6, 0.04))
        for k in range(int(rng.integers(0, 3))):
            y = side * span * (0.3 + 0.3 * k)
            at = [place - sweep * abs(y) / span, y, height - 0.08]
            parts.append(rod([at[0] - 0.15, y, at[2]], [at[0] + 0.22, y, at[2]], 0.07))
    fin = rng.uniform(0.25, 0.5)
    parts.append(
        plate([-length * 0.9, 0, 0], [-length - 0.1, 0, fin], chord * 0.7, 0.04, flat=False)
    )
    pod = [place - sweep * 0.8, span * 0.8, height - 0.1]
    parts.append(ellipsoid(pod, [0.2, 0.06, 0.06]))
    return parts


def _wheels(xs: list[float], half_width: float, radius: float) -> list[Mesh]:
    return [
        rod([x, s * half_width - 0.05, radius], [x, s * half_width + 0.05, radius], radius)
        for x in xs
        for s in (-1, 1)
    ]


def _truck(rng: Draw) -> list[Mesh]:
    """A cab and a load; an exhaust on one side."""
    length, width = rng.uniform(0.8, 1.3), rng.uniform(0.3, 0.45)
    wheel = rng.uniform(0.12, 0.2)
    cab, cab_height = rng.uniform(0.3, 0.5), rng.uniform(0.5, 0.8)
    floor = wheel * 1.3
    parts = _wheels([-length * 0.75, -length * 0.35, length * 0.8], width, wheel)
    parts.append(box([0, 0, floor], [2 * length, 1.7 * width, 0.1]))
    parts.append(box([length - cab / 2, 0, floor + cab_height / 2], [cab, 2 * width, cab_height]))
    if rng.random() < 0.5:
        bonnet = rng.uniform(0.15, 0.35)
        parts.append(box([length + bonnet / 2, 0, floor + 0.2], [bonnet, 1.7 * width, 0.3]))
    load = 2 * length - cab - 0.1
    middle = -length + load / 2
    kind = rng.integers(0, 3)
    high = rng.uniform(0.4, 1.0)
    if kind == 0:
        parts.append(box([middle, 0, floor + high / 2], [load, 2 * width, high]))
    elif kind == 1:
        z = floor + width
        parts.append(rod([-length, 0, z], [-length + load, 0, z], width * 0.9, around=14))
    else:
        for y in (-1, 1):
            parts.append(box([middle, y * width, floor + 0.2], [load, 0.05, 0.4]))
        parts.append(ellipsoid([middle, 0.05, floor + 0.2], [load * 0.4, width * 0.7, 0.35]))
    pipe = [length - cab - 0.02, width + 0.03, floor]
    parts.append(rod(pipe, [pipe[0], pipe[1], floor + cab_height * 1.3], 0.05))
    return parts


def _car(rng: Draw) -> list[Mesh]:
    """A body with a cabin towards the back; an aerial on one side, a box on some roofs."""
    length, width = rng.uniform(0.8, 1.1), rng.uniform(0.36, 0.46)
    wheel, low = rng.uniform(0.14, 0.2), rng.uniform(0.2, 0.32)
    floor = wheel
    parts = _wheels([-length * 0.65, length * 0.65], width * 0.95, wheel)
    parts.append(box([0, 0, floor + low / 2], [2 * length, 2 * width, low]))
    cabin, back = rng.uniform(0.7, 1.2), rng.uniform(0.05, 0.35)
    high, slope = rng.uniform(0.22, 0.4), rng.uniform(0.1, 0.3)
    x0 = -length + back
    x1 = min(x0 + cabin, length * 0.5)
    parts.append(_cabin(x0, x1, width, floor + low, high, slope))
    parts.append(ellipsoid([length, 0, floor + low * 0.5], [0.12, width, low * 0.5]))
    if rng.random() < 0.5:
        parts.append(box([(x0 + x1) / 2, -0.1, floor + low + high + 0.06], [0.4, 0.35, 0.12]))
    if rng.random() < 0.4:
        parts.append(box([-length * 0.98, 0, floor + low + 0.15], [0.12, 1.8 * width, 0.05]))
        parts.append(box([-length * 0.98, 0, floor + low + 0.07], [0.05, 0.1, 0.14]))
    aerial = [length * 0.4, width * 0.8, floor + low]
    parts.append(rod(aerial, [aerial[0] - 0.2, aerial[1], aerial[2] + 0.5], 0.025, around=6))
    return parts


def _cabin(x0: float, x1: float, width: float, bottom: float, high: float, slope: float) -> Mesh:
    """A box whose roof is shorter than its floor, most of all at the front."""
    mesh = box([(x0 + x1) / 2, 0, bottom + high / 2], [x1 - x0, 1.8 * width, high])
    top = mesh.vertices[:, 2] > bottom + high / 2
    front = mesh.vertices[:, 0] > (x0 + x1) / 2
    vertices = mesh.vertices.copy()
    vertices[top & front, 0] -= slope * 1.5
    vertices[top & ~front, 0] += slope * 0.5
    vertices[top, 1] *= 0.85
    return block(vertices)


MAKERS: dict[str, Callable[[Draw], list[Mesh]]] = {
    "animal": _animal,
    "person": _person,
    "aeroplane": _aeroplane,
    "truck": _truck,
    "car": _car,
}
CATEGORIES = tuple(MAKERS)
