import numpy as np
import pytest

from slowfeat_papers.jayaraman.next_view import accuracies


def world(rng, objects=8, views=12):
    """First views that say nothing; motion 0 shows nothing either, motion 1 shows what it is."""
    classes = np.repeat(np.arange(objects), views)
    noise = [rng.normal(size=(len(classes), 6)) for _ in range(2)]
    telling = np.eye(objects)[classes] * 30
    first = np.concatenate([noise[0], np.zeros((len(classes), objects))], axis=1)
    dull = np.concatenate([noise[1], np.zeros((len(classes), objects))], axis=1)
    sharp = np.concatenate([noise[1], telling], axis=1)
    return first, [dull, sharp], classes


def figures(predict, seed=0):
    rng = np.random.default_rng(seed)
    first, after, classes = world(rng)
    bank = rng.permutation(len(first))[:48]
    asked = np.setdiff1d(np.arange(len(first)), bank)
    truth = [a[asked] for a in after]
    return accuracies(
        first[asked],
        truth,
        first[bank],
        [a[bank] for a in after],
        lambda z, g: predict(z, g, truth),
        classes[asked],
        classes[bank],
    )


def test_a_perfect_map_finds_the_motion_that_tells():
    found = figures(lambda _, g, truth: truth[g])
    assert found["policy"] == found["truth"] == found["oracle"] == 1.0
    assert found["one view"] < 0.4
    assert found["random"] == pytest.approx((1.0 + found["one view"]) / 2, abs=0.15)


def test_a_map_that_is_sure_of_the_wrong_motion_loses_against_random():
    def misled(z, g, truth):
        # After the dull motion one labelled view's very code, after the telling one nothing.
        return (
            np.repeat(world(np.random.default_rng(0))[1][0][:1], len(z), axis=0)
            if g == 0
            else 0 * truth[g]
        )

    found = figures(misled)
    assert found["policy"] < found["random"] - 0.1


def test_a_constant_code_chooses_nothing():
    zero = np.zeros((20, 3))
    classes = np.arange(20) % 4
    found = accuracies(zero, [zero, zero], zero, [zero, zero], lambda z, _: z, classes, classes)
    assert found["policy"] == pytest.approx(found["random"])
    assert found["one view"] == pytest.approx(0.25)
