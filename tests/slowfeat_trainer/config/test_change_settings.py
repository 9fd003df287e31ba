"""Settings by name: every one can be changed, typed, and a slip of the pen is answered."""

from __future__ import annotations

import dataclasses

import pytest

from slowfeat.errors import UsageError
from slowfeat_trainer.config.change_settings import (
    PARTS,
    has_setting,
    places_of,
    setting_of,
    with_assignments,
    with_changes,
)
from slowfeat_trainer.config.method_settings import SETTINGS
from slowfeat_trainer.config.train_config import TrainConfig, config_of_preset

PRESETS = {"warp": "slowfeat", "pooled": "drlim", "dictionary": "goroshin_1", "sfa": "sfa"}


@pytest.mark.parametrize("method", SETTINGS)
def test_every_setting_can_be_set_to_what_it_is(method: str) -> None:
    config = config_of_preset(PRESETS[method])
    for name in (n for n in places_of(config) if n not in ("preset", "method")):
        value = setting_of(config, name)
        if value is None or isinstance(value, dict):
            continue
        text = ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
        assert with_assignments(config, [f"{name}={text}"]) == config, name


def test_names_of_the_parts_do_not_clash() -> None:
    for kind in SETTINGS.values():
        config = TrainConfig(settings=kind())
        names = [f.name for f in dataclasses.fields(config) if f.name not in PARTS]
        for part in PARTS:
            names += [f.name for f in dataclasses.fields(getattr(config, part))]
        assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("map_channels=8", "map_channels", 8),
        ("slow_share=1e-3", "slow_share", 0.001),
        ("mirror=off", "mirror", False),
        ("ablate=ratio,channels", "ablate", ["ratio", "channels"]),
        ("reading.image_size=64,128", "image_size", (64, 128)),
        ("rate_hz=none", "rate_hz", None),
        ("starter=none", "starter", "none"),
        ("settings.starter=a,b", "starter", "a,b"),
        ("test=0.25", "split.test", 0.25),
        ("steps=7", "steps", 7),
    ],
)
def test_a_text_becomes_the_type_of_its_setting(text: str, name: str, value: object) -> None:
    changed = with_assignments(config_of_preset("slowfeat"), [text])
    assert setting_of(changed, name) == value
    assert type(setting_of(changed, name)) is type(value)


def test_an_entry_of_a_table_is_set_beside_the_others() -> None:
    config = with_assignments(config_of_preset("equiv_drlim"), ["terms.drlim=0.5", "terms.lsm=2"])
    assert setting_of(config, "terms") == {"equivariance": 1.0, "drlim": 0.5, "lsm": 2.0}
    assert setting_of(config, "terms.drlim") == 0.5


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("map_chanels=8", "did you mean map_channels"),
        ("drlim_margin=1", "preset slowfeat has no such setting"),
        ("terms.drlim=1", "no such setting"),
        ("map_channels=many", "'many' is no int"),
        ("mirror=3", "'3' is no bool"),
        ("steps", "say NAME=VALUE"),
        ("=3", "say NAME=VALUE"),
        ("method=pooled", "chosen with --preset"),
    ],
)
def test_what_cannot_be_set_is_refused(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        with_assignments(config_of_preset("slowfeat"), [text])


def test_bounds_and_words_are_those_of_the_setting() -> None:
    for text, message in (
        ("map_channels=0", r"map_channels is 0; it must lie within \[1, 256\]"),
        ("ablate=salt", "ablate 'salt' is unknown; there are calibration"),
        ("schedule=often", "schedule 'often' is unknown; there are cosine, constant, steps"),
    ):
        with pytest.raises(UsageError, match=message):
            with_assignments(config_of_preset("slowfeat"), [text]).validate()


def test_a_part_is_changed_whole_and_the_rest_stays() -> None:
    config = config_of_preset("slowfeat")
    changed = with_changes(
        config, {"split": dataclasses.replace(config.split, test=0.1), "seed": 3}
    )
    assert (changed.split.test, changed.seed) == (0.1, 3)
    assert changed.settings == config.settings
    assert has_setting(config, "slow_share")
    assert not has_setting(config, "terms")
