"""What a training run is set to. Every setting stands once, with what it does and its bounds: those
of all trainings here, those of a method in `method_settings`.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from slowfeat.errors import UsageError
from slowfeat.files import write_whole
from slowfeat.printable import printable
from slowfeat.schema import build
from slowfeat_trainer.config.change_settings import with_changes
from slowfeat_trainer.config.method_settings import SETTINGS, MethodSettings, WarpSettings
from slowfeat_trainer.config.preset_table import PRESETS
from slowfeat_trainer.config.setting_fields import check_bounds, one_of, some_of, within, words_of
from slowfeat_trainer.data.options import IngestOptions, SplitRule, completed

# Of a file of settings.
MOST_BYTES = 1 << 20
Kind = TypeVar("Kind", bound=MethodSettings)


@dataclass
class TrainConfig:
    """Settings of `slowfeat train`; saved whole as config.yaml in the run."""

    # Name of the method, a key of PRESETS.
    preset: str = "slowfeat"
    # How network, objective and transform belong together: "warp" (a map of features moved by the
    # motion), "pooled" (an encoder to a vector and a sum of terms), "dictionary" (a pooled
    # auto-encoder, layer by layer), "sfa" (closed form).
    method: str = one_of(*SETTINGS)
    # What the method is set by, of SETTINGS.
    settings: MethodSettings = field(default_factory=WarpSettings)
    # Labels of stretches of the bags, a CSV file (see labels.py); empty without.
    labels: str = ""
    # With labels: lambda, the weight of the unlabelled objective beside the classification's, which
    # counts 1 (J 2015, eq. 8). clsnet has none.
    regulariser_weight: float = within(1.0, 0.0, 1e6)
    # Run whose encoder this one starts from; empty for fresh weights.
    init: str = ""
    # How the bags are read; for a dataset, how they were read when it was made.
    reading: IngestOptions = field(default_factory=IngestOptions)
    # Which frames are held out of training: to calibrate, and to report figures on.
    split: SplitRule = field(default_factory=SplitRule)
    # Length of the embedding, where the network leaves it open (pooled, sfa).
    dimension: int = within(128, 2, 4096)
    # Largest time between the two frames of a pair, seconds (J: 1 s).
    max_gap_s: float = within(1.0, 0.05, 60.0)
    # G, number of motion patterns (J fn. 3: about the degrees of freedom; 6 for a car).
    patterns: int = within(6, 1, 100)
    # Share of the pairs, those with the smallest motions, left out when patterns are sought.
    drop_slowest: float = within(0.2, 0.0, 0.9)
    # Transforms of the images of each batch (augmentation.AUGMENTATIONS); none in the papers.
    augment: list[str] = some_of(  # noqa: RUF009 - a field
        ("light", "grey", "blur", "noise")
    )
    # Pairs a batch.
    batch_size: int = within(64, 2, 65536)
    # Updates in all; 0 exports the network untrained.
    steps: int = within(1200, 0, 10**9)
    # "adamw", or "sgd" with Nesterov's momentum as in the papers.
    optimiser: str = one_of("adamw", "sgd")
    # sgd: the momentum.
    momentum: float = within(0.9, 0.0, 0.9999)
    # Peak learning rate, and its course: "cosine" (warms up over 50 steps and falls to zero),
    # "constant", "steps" (a tenth after 60 % of the steps, a hundredth after 85 %).
    learning_rate: float = within(2e-3, 1e-8, 10.0)
    schedule: str = one_of("cosine", "constant", "steps")
    # What the network computes in: "auto" (bfloat16 on a GPU, float32 on a CPU), "float32",
    # "bfloat16".
    precision: str = one_of("auto", "float32", "bfloat16")
    # Weights of convolutions in the order in which images come, channels last: "auto" (on a GPU),
    # "on", "off".
    channels_last: str = one_of("auto", "on", "off")
    # The network compiled by torch, a minute or two before the first step: "off", "on", "auto" (on
    # a GPU), or "graphs", which also replays it from CUDA graphs. Off until it has run on a GPU.
    compile: str = one_of("off", "on", "auto", "graphs")
    weight_decay: float = within(1e-4, 0.0, 1e6)
    # Gradients are scaled down to this norm.
    clip_norm: float = within(5.0, 1e-9, 1e9)
    # Steps between two checkpoints; a killed run continues from the last one.
    checkpoint_every: int = within(100, 1, 10**9)
    # Seed of everything that is drawn.
    seed: int = within(0, 0, 2**31 - 1)

    def of(self, kind: type[Kind]) -> Kind:
        """What the method is set by, as the dataclass that it must be.

        Raises:
            UsageError: it is a configuration of another method.
        """
        if not isinstance(self.settings, kind):
            raise UsageError(
                f"preset {self.preset} is of the method {self.method}, which has no {kind.__name__}"
            )
        return self.settings

    def validate(self) -> None:
        """Refuse settings that cannot work, before any work is done.

        Raises:
            UsageError: naming the setting and its bounds.
        """
        self.reading.validate()
        self.split.validate()
        for name, value in zip(("height", "width"), self.reading.image_size, strict=True):
            if not 32 <= value <= 512:
                raise UsageError(f"image {name} is {value}; it must lie within [32, 512]")
        check_bounds(self)
        if type(self.settings) is not SETTINGS[self.method]:
            raise UsageError(
                f"the settings are not those of the method {self.method}; say --preset"
            )
        self.settings.validate()
        if self.augment and self.settings.sees_images_once:
            raise UsageError(
                "augment changes the images of each batch, and a backbone that is not trained "
                "sees each image once: leave --augment out, or say --finetune or --backbone small"
            )
        if self.preset not in PRESETS:
            raise UsageError(f"preset {self.preset!r} is unknown; there are {', '.join(PRESETS)}")


# The names of augmentation.AUGMENTATIONS, which is slow to import.
AUGMENTS = words_of(TrainConfig, "augment")


# Settings of older runs that have another name now.
NOW_CALLED = {
    "without": "ablate",
    "most_draws": "max_epochs",
    "shake": "random_camera_rotation",
}


def config_of_preset(preset: str, **changes: Any) -> TrainConfig:
    """The settings of a preset, with changes from flags, by their names alone whether they are the
    method's or not. None changes nothing, and so does a setting of another method.

    Raises:
        UsageError: the preset is unknown or a setting is out of bounds.
    """
    if preset not in PRESETS:
        raise UsageError(f"preset {preset!r} is unknown; there are {', '.join(PRESETS)}")
    values = {**PRESETS[preset].settings, **{k: v for k, v in changes.items() if v is not None}}
    method = str(values.get("method", TrainConfig.method))
    config = TrainConfig(preset=preset, method=method, settings=SETTINGS[method]())
    known = {name for kind in SETTINGS.values() for name in kind.__dataclass_fields__}
    others = known - set(SETTINGS[method].__dataclass_fields__)
    config = with_changes(config, {k: v for k, v in values.items() if k not in others})
    config.validate()
    return config


def save_config(config: TrainConfig, path: Path) -> None:
    """Write the settings as YAML."""
    write_whole(path, to_yaml(config))


def to_yaml(config: TrainConfig) -> str:
    """All settings as YAML."""
    import yaml

    return str(yaml.safe_dump(dataclasses.asdict(config), sort_keys=False))


def changes(before: TrainConfig, after: TrainConfig) -> list[str]:
    """What differs between two configurations, setting by setting."""
    old, new = _flat(dataclasses.asdict(before)), _flat(dataclasses.asdict(after))
    return [
        f"{name} {old.get(name)!r} -> {new.get(name)!r}"
        for name in {**old, **new}
        if old.get(name) != new.get(name)
    ]


def _flat(settings: dict[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in settings.items():
        flat.update(_flat(value) if isinstance(value, dict) else {name: value})
    return flat


def load_config(path: Path) -> TrainConfig:
    """Read the settings of a run.

    Raises:
        UsageError: the file cannot be read, or holds what this version does not know.
    """
    import yaml

    try:
        with path.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise ValueError(f"it is larger than {MOST_BYTES >> 20} MB")
        stored = yaml.safe_load(data.decode("utf-8"))
        if not isinstance(stored, dict):
            raise ValueError("it is empty or no list of settings")
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        lines = str(error).split("\n")
        raise UsageError(
            f"{path} is not a configuration that this slowfeat can read: "
            f"{printable(lines[0])[:200]}"
        ) from error
    config = config_from(stored, str(path))
    config.validate()
    return config


def config_from(stored: dict[str, Any], where: str) -> TrainConfig:
    """Settings as YAML or JSON holds them; older ones have those of all methods side by side.

    Args:
        stored: by name.
        where: names the file in errors.

    Raises:
        UsageError: a setting is unknown, or of the wrong type.
    """
    own = stored.get("settings", {})
    if not isinstance(own, dict):
        raise UsageError(f"{where}: settings should be those of the method by name")
    stored, own = (
        {NOW_CALLED.get(name, name): value for name, value in table.items()}
        for table in (stored, own)
    )
    stored.pop("settings", None)
    if "reading" in stored:
        stored["reading"] = completed(stored["reading"])
    method = stored.get("method", TrainConfig.method)
    kind = SETTINGS.get(method) if isinstance(method, str) else None
    if kind is None:
        raise UsageError(f"{where}: method {method!r} is unknown; there are {', '.join(SETTINGS)}")
    for other in SETTINGS.values():
        for name in other.__dataclass_fields__:
            value = stored.pop(name, None)
            if name in kind.__dataclass_fields__ and value is not None:
                own = {name: value, **own}
    settings = build(kind, own, f"{where}: settings", UsageError, exact=True)
    common = build(TrainConfig, stored, where, UsageError, exact=True)
    return dataclasses.replace(common, settings=settings)


def settings_from(stored: dict[str, Any], kind: type[Kind]) -> Kind:
    """What a method is set by, of a configuration as bundle.json holds it; what that lacks or has
    more of is no error.

    Raises:
        UsageError: a setting is of the wrong type.
    """
    return build(kind, stored, "the configuration in bundle.json", UsageError)


def flat_settings(config: TrainConfig) -> dict[str, Any]:
    """All settings by name, those of the method among the others, as bundle.json keeps them."""
    found = dataclasses.asdict(config)
    own = found.pop("settings")
    return {**found, **own}
