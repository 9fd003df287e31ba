"""Which kind of adapting the flags of `slowfeat adapt` ask for, and what they hand on."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from slowfeat.errors import UsageError
from slowfeat_trainer.adaptation import adapt_bundle, from_camera_spec
from slowfeat_trainer.commands import adapt
from slowfeat_trainer.geometry.camera_spec import USUAL_ASPECT, DataSheet
from tests.helpers.command_arguments import parsed


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the two workers were called with."""
    found: dict[str, Any] = {}
    bundle = SimpleNamespace(info=SimpleNamespace(verdict=None))

    def fit(*given: object) -> object:
        found["fit"] = given
        return SimpleNamespace(bundle=bundle)

    def describe(*given: object) -> tuple[str, list[str]]:
        found["describe"] = given
        return "described", []

    monkeypatch.setattr("slowfeat.bundle.load_bundle", lambda path: f"bundle of {path}")
    monkeypatch.setattr(adapt_bundle, "adapt", fit)
    monkeypatch.setattr(from_camera_spec, "tell_of_camera", describe)
    return found


def test_a_drive_is_fitted_with_what_the_flags_say_of_its_reading(calls: dict[str, Any]) -> None:
    words = ("run", "bag", "--out", "new", "--odom-offset", "0.2", "--test-fraction", "0.3")
    assert adapt.run(parsed(adapt, *words)) == 0
    bundle, on, out, changes, share, overwrite, sheet = calls["fit"]
    assert (bundle, on, out) == ("bundle of run", Path("bag"), Path("new"))
    assert changes == {"odom_offset_auto": False, "odom_offset_s": 0.2}
    assert (share, overwrite, sheet) == (0.3, False, None)
    assert "describe" not in calls


def test_a_data_sheet_alone_needs_no_drive(
    calls: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("run", "--out", "new", "--fov", "120", "--fisheye", "--aspect", "16:9", "--overwrite")
    assert adapt.run(parsed(adapt, *words)) == 0
    assert calls["describe"][1:4] == (None, DataSheet(120.0, True, (16.0, 9.0)), Path("new"))
    assert calls["describe"][-1] is True
    assert capsys.readouterr().out == "described\n"


def test_with_a_drive_the_data_sheet_goes_along(calls: dict[str, Any]) -> None:
    adapt.run(parsed(adapt, "run", "bag", "--out", "new", "--fov", "90"))
    assert calls["fit"][-1] == DataSheet(90.0, False, USUAL_ASPECT)
    adapt.run(parsed(adapt, "run", "bag", "--out", "new", "--camera-only"))
    assert calls["describe"][1] == Path("bag")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "give a BAG of this robot's driving"),
        (("--camera-only",), "--camera-only reads a BAG's camera"),
        (("bag", "--fisheye"), "--fisheye says what kind of lens"),
        (("--aspect", "4:3"), "--aspect says what kind of lens"),
        (("--fov", "90", "--odom-topic", "/odom"), "only --extrinsic and --body-frame"),
        (("bag", "--fov", "90", "--aspect", "4:3"), "--aspect is for a camera without a BAG"),
    ],
)
def test_wrong_use_is_refused_before_any_work(
    words: tuple[str, ...], says: str, calls: dict[str, Any]
) -> None:
    with pytest.raises(UsageError, match=says):
        adapt.run(parsed(adapt, "run", *words, "--out", "new"))
    assert calls == {}
