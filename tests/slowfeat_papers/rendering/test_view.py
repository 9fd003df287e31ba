import numpy as np
import pytest

from slowfeat_papers.rendering.mesh import Mesh, join
from slowfeat_papers.rendering.objects import make_object
from slowfeat_papers.rendering.shapes import box, ellipsoid
from slowfeat_papers.rendering.view import FILLS, Light, render, render_lights

SIDE = 64
# All light comes from everywhere: every face is of one grey.
EVEN = Light(ambient=1.0)


def silhouette(picture):
    return picture == 255


def extent(picture):
    rows, columns = np.nonzero(silhouette(picture))
    return np.ptp(rows) + 1, np.ptp(columns) + 1


def test_a_ball_is_a_disc_from_everywhere():
    ball = ellipsoid([3, 4, 5], [2, 2, 2], around=40, rings=30)
    for azimuth, elevation in ((0, 0), (77, 30), (200, 90)):
        picture = render(ball, azimuth, elevation, SIDE, EVEN)
        area = np.pi * (FILLS * SIDE / 2) ** 2
        covered = (picture.astype(float) - 128).sum() / 127
        assert covered == pytest.approx(area, rel=0.02)


def test_a_box_has_the_outline_of_the_side_that_is_looked_at():
    slab = box([0, 0, 0], [4, 2, 1])
    scale = FILLS * SIDE / 2 / slab.radius
    for azimuth, elevation, height, width in (
        (0, 0, 1, 2),
        (90, 0, 1, 4),
        (0, 90, 4, 2),
        (90, 90, 2, 4),
    ):
        found = extent(render(slab, azimuth, elevation, SIDE, EVEN))
        assert np.abs(np.array(found) - np.array([height, width]) * scale).max() <= 2


def test_the_front_points_to_the_viewers_left_when_seen_from_the_left():
    arrow = join([box([0, 0, 0], [4, 0.5, 0.5]), box([2, 0, 0], [0.5, 0.5, 3])])
    from_left = silhouette(render(arrow, 90, 0, SIDE, EVEN)).sum(axis=0)
    from_right = silhouette(render(arrow, 270, 0, SIDE, EVEN)).sum(axis=0)
    assert from_left.argmax() < SIDE / 2 < from_right.argmax()


def test_up_is_up():
    thing = join([box([0, 0, 0], [4, 4, 0.2]), box([0, 0, 2], [0.2, 0.2, 4])])
    rows = silhouette(render(thing, 0, 0, SIDE, EVEN)).sum(axis=1)
    assert rows.argmax() > SIDE / 2


@pytest.mark.parametrize("azimuth", [20, 90, 200])
def test_azimuth_is_the_mesh_turned_the_other_way(azimuth):
    car = make_object("car", 2)
    seen = render(car, azimuth, 40, SIDE).astype(int)
    # The middle of the box around a turned mesh is elsewhere: hold it with far corners.
    np.testing.assert_array_equal(seen, render(car, azimuth + 360, 40, SIDE))
    frame = box(car.centre, [4, 4, 4]).vertices
    held = Mesh(np.concatenate([car.vertices, frame]), car.faces)
    turned = held.turned(-azimuth)
    back = Mesh(np.concatenate([turned.vertices[: -len(frame)], frame]), car.faces)
    difference = render(held, azimuth, 40, SIDE).astype(int) - render(back, 0, 40, SIDE)
    assert np.abs(difference).mean() < 0.5
    assert np.abs(render(back, azimuth, 40, SIDE).astype(int) - seen).mean() > 3


def test_what_is_in_front_hides_what_is_behind():
    near, far = box([2, 0, 0], [0.1, 1, 1]), box([-2, 0, 0], [0.1, 2, 2])
    lamp = Light(0, 90, 0.0)
    both = join([near, far])
    only_far = Mesh(both.vertices, both.faces[len(near.faces) :])
    from_front, without = (render(m, 0, 30, 96, lamp) for m in (both, only_far))
    # Of the near one's 1 x 1 face, of which nothing is lit, all is seen; from behind nothing.
    scale = FILLS * 96 / 2 / both.radius
    hidden = (from_front != without).sum()
    assert hidden >= 0.8 * scale**2 * np.cos(np.deg2rad(30))
    behind = render(both, 180, 0, 96, EVEN), render(only_far, 180, 0, 96, EVEN)
    np.testing.assert_array_equal(*behind)


def test_faces_that_cross_are_cut_where_they_cross():
    # Two upright sheets that cross on the vertical: each hides half of the other.
    left, right = box([0, 0, 0], [0.01, 2, 2]).turned(30), box([0, 0, 0], [0.01, 2, 2]).turned(-30)
    picture = render(join([left, right]), 0, 0, SIDE, Light(80, 0, 0.0))
    row = picture[SIDE // 2].astype(int)
    inside = np.flatnonzero(row != 128)
    half = row[inside[2 : len(inside) // 2 - 2]], row[inside[len(inside) // 2 + 2 : -2]]
    assert abs(half[0].mean() - half[1].mean()) > 50
    assert max(half[0].std(), half[1].std()) < 10


def test_brightness_is_lamberts():
    slab = box([0, 0, 0], [1, 1, 1])
    for elevation in (0, 30, 60, 80):
        seen = render(slab, 0, 0, SIDE, Light(0, elevation, 0.2))[SIDE // 2, SIDE // 2]
        assert seen == pytest.approx(255 * (0.2 + 0.8 * np.cos(np.deg2rad(elevation))), abs=1)


def test_the_light_stands_still_while_the_object_turns():
    ball = ellipsoid([0, 0, 0], [1, 1, 1], around=36, rings=20)
    lamp = Light(60, 20, 0.1)
    first = render(ball, 0, 0, SIDE, lamp).astype(int)
    assert np.abs(first - render(ball, 70, 0, SIDE, lamp)).mean() < 1
    # A lamp to the left of the camera, as the camera stands: counterclockwise from above is to the
    # right in the image for whoever looks at the object.
    right = first[:, SIDE // 2 :].mean() - first[:, : SIDE // 2].mean()
    assert right > 20


def test_a_surface_that_is_not_closed_is_seen_from_both_sides():
    sheet = Mesh(np.array([[0, -1, -1], [0, 1, -1], [0, 0, 1.0]]), np.array([[0, 1, 2]]))
    assert silhouette(render(sheet, 0, 0, SIDE, EVEN)).sum() == pytest.approx(
        silhouette(render(sheet, 180, 0, SIDE, EVEN)).sum(), rel=0.02
    )


def test_several_lights_at_once_are_each_light_alone():
    truck, lamps = make_object("truck", 1), (Light(), Light(-60, 20, 0.1), EVEN)
    together = render_lights(truck, 50, 40, SIDE, lamps)
    for picture, lamp in zip(together, lamps, strict=True):
        np.testing.assert_array_equal(picture, render(truck, 50, 40, SIDE, lamp))
    assert np.abs(together[0].astype(int) - together[1]).max() > 20
