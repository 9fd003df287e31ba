"""What a training run is set to. Every setting stands here once, with what it does."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from slowfeat.errors import UsageError
from slowfeat.files import write_whole
from slowfeat.printable import printable
from slowfeat.schema import build
from slowfeat_trainer.config.backbone_spec import SMALL, parse_backbone
from slowfeat_trainer.config.preset_table import PRESETS
from slowfeat_trainer.data.options import IngestOptions, SplitRule, completed

# Of a file of settings.
MOST_BYTES = 1 << 20


@dataclass
class TrainConfig:
    """Settings of `slowfeat train`; saved whole as config.yaml in the run."""

    # Name of the method, a key of PRESETS.
    preset: str = "slowfeat"
    # How network, objective and transform belong together: "warp" (a map of features moved by the
    # motion), "pooled" (an encoder to a vector and a sum of terms), "dictionary" (a pooled
    # auto-encoder, layer by layer), "sfa" (closed form).
    method: str = "warp"
    # pooled: the encoder, a name of models.registry.
    encoder: str = "small_convnet"
    # pooled: weight of each term of the objective (methods.terms); what is not named has none.
    terms: dict[str, float] = field(default_factory=dict)
    # dictionary: layers (1 or 2, greedily), the penalty ("slow": G eq. 2, "group": eq. 3,
    # "sparse"), and the weights of sparsity (alpha; not published) and slowness (beta; G: 2).
    layers: int = 1
    penalty: str = "slow"
    sparsity: float = 0.5
    slowness: float = 2.0
    # Labels of stretches of the bags, a CSV file (see labels.py); empty without.
    labels: str = ""
    # With labels: lambda, the weight of the unlabelled objective beside the classification's, which
    # counts 1 (J 2015, eq. 8). clsnet has none.
    regulariser_weight: float = 1.0
    # Run whose encoder this one starts from; empty for fresh weights.
    init: str = ""
    # How the bags are read; for a dataset, how they were read when it was made.
    reading: IngestOptions = field(default_factory=IngestOptions)
    # Which frames are held out of training: to calibrate, and to report figures on.
    split: SplitRule = field(default_factory=SplitRule)
    # warp: channels, rows and columns of the map; the embedding is the map, flattened.
    map_channels: int = 16
    map_rows: int = 8
    map_columns: int = 16
    # warp: the network that sees: "small" (learned from the bags), or a pretrained backbone
    # ("efficientnet-lite0", "torchvision:NAME[:WEIGHTS]", "timm:NAME", "onnx:FILE[:TENSORS]").
    # slowfeat train takes the pretrained one where its extra is installed.
    backbone: str = "small"
    # warp, with a backbone: train its weights too, slowly. False: it stays as it is, and its
    # features are computed once.
    finetune: bool = False
    # warp: how much less the columns at the sides count, a power of a cosine; 0: all alike.
    map_window: float = 2.0
    # warp, from a starter: how often a frame of training is drawn at most, in the mean (0: no
    # limit). A short bag is soon memorised, and then less is left of what the starter knew.
    max_epochs: float = 50.0
    # warp: length of the slow code behind the map (0: none), its share of the embedding's squared
    # norm, and the weight of its objective.
    slow_dimension: int = 384
    slow_share: float = 0.02
    slow_weight: float = 1.0
    # warp: weights to start from: "shipped" (where they fit), "none", or a file of slowfeat
    # pretrain.
    starter: str = "shipped"
    # warp: a file of slowfeat pretrain whose layers below the map are taken, however many channels
    # its map has; empty: none.
    trunk: str = ""
    # warp, from a starter: share of each batch that are pairs of the simulated drives that the
    # starter was learned from, so that it is not forgotten. 0: the bags' own pairs only.
    rehearsal: float = 0.5
    # warp: ingredients to leave out, of ABLATABLE; to see what each is worth.
    ablate: list[str] = field(default_factory=list)
    # pooled: length of the embedding.
    dimension: int = 128
    # Largest time between the two frames of a pair, seconds (J: 1 s).
    max_gap_s: float = 1.0
    # G, number of motion patterns (J fn. 3: about the degrees of freedom; 6 for a car).
    patterns: int = 6
    # Share of the pairs, those with the smallest motions, left out when patterns are sought.
    drop_slowest: float = 0.2
    # warp: weights of the guard against collapse (VICReg): spread of each dimension, correlation
    # between channels, and spread along each row of the map.
    variance_weight: float = 1.0
    covariance_weight: float = 0.04
    row_variance_weight: float = 1.0
    # pooled: margin of each contrastive loss (J: 1.0 for drlim, 0.1 for equivariance beside it).
    drlim_margin: float = 1.0
    equivariance_margin: float = 0.1
    # warp: half of the pairs are seen in a mirror, with the mirrored motion.
    mirror: bool = True
    # warp: turns are off by so many degrees (standard deviation) while it learns, as those of
    # odometry are: the map then resolves no more than a turn so known can move.
    turn_noise_deg: float = 0.0
    # warp: share of the objective that coarser levels of the map have (pooled to 4 x 4 and 2 x 2).
    coarse_weight: float = 0.0
    # warp: most pairs are seen by a camera that is turned at random and has a longer lens
    # (pretraining).
    random_camera_rotation: bool = False
    # warp: gain and lift of each pair's light vary by up to this (0.2: about 20 %); 0 leaves it.
    jitter: float = 0.2
    # Transforms of the images of each batch (augmentation.AUGMENTATIONS); none in the papers.
    augment: list[str] = field(default_factory=list)
    # Pairs a batch.
    batch_size: int = 64
    # Updates in all; 0 exports the network untrained.
    steps: int = 1200
    # "adamw", or "sgd" with Nesterov's momentum as in the papers.
    optimiser: str = "adamw"
    # sgd: the momentum.
    momentum: float = 0.9
    # Peak learning rate, and its course: "cosine" (warms up over 50 steps and falls to zero),
    # "constant", "steps" (a tenth after 60 % of the steps, a hundredth after 85 %).
    learning_rate: float = 2e-3
    schedule: str = "cosine"
    # What the network computes in: "auto" (bfloat16 on a GPU, float32 on a CPU), "float32",
    # "bfloat16".
    precision: str = "auto"
    # Weights of convolutions in the order in which images come, channels last: "auto" (on a GPU),
    # "on", "off".
    channels_last: str = "auto"
    # The network compiled by torch, a minute or two before the first step: "off", "on", "auto" (on
    # a GPU), or "graphs", which also replays it from CUDA graphs. Off until it has run on a GPU.
    compile: str = "off"
    weight_decay: float = 1e-4
    # Gradients are scaled down to this norm.
    clip_norm: float = 5.0
    # Steps between two checkpoints; a killed run continues from the last one.
    checkpoint_every: int = 100
    # Seed of everything that is drawn.
    seed: int = 0

    def validate(self) -> None:
        """Refuse settings that cannot work, before any work is done.

        Raises:
            UsageError: naming the setting and its bounds.
        """
        self.reading.validate()
        self.split.validate()
        bounds: list[tuple[str, float, float]] = [
            ("image height", 32, 512),
            ("image width", 32, 512),
            ("dimension", 2, 4096),
            ("map_channels", 1, 256),
            ("map_rows", 2, 32),
            ("map_columns", 2, 32),
            ("map_window", 0.0, 16.0),
            ("max_epochs", 0.0, 1e9),
            ("rehearsal", 0.0, 1.0),
            ("slow_dimension", 0, 1024),
            ("slow_share", 0.0, 0.99),
            ("slow_weight", 0.0, 1e6),
            ("max_gap_s", 0.05, 60.0),
            ("patterns", 1, 100),
            ("drop_slowest", 0.0, 0.9),
            ("jitter", 0.0, 1.0),
            ("turn_noise_deg", 0.0, 30.0),
            ("coarse_weight", 0.0, 1.0),
            ("batch_size", 2, 65536),
            ("steps", 0, 10**9),
            ("learning_rate", 1e-8, 10.0),
            ("momentum", 0.0, 0.9999),
            ("layers", 1, 2),
            ("sparsity", 0.0, 1e6),
            ("slowness", 0.0, 1e6),
            ("regulariser_weight", 0.0, 1e6),
            ("checkpoint_every", 1, 10**9),
            ("seed", 0, 2**31 - 1),
        ]
        height, width = self.reading.image_size
        values = {**vars(self), "image height": height, "image width": width}
        for name, low, high in bounds:
            value = values[name]
            if not low <= value <= high:
                raise UsageError(f"{name} is {value}; it must lie within [{low}, {high}]")
        for name, allowed in CHOICES.items():
            if getattr(self, name) not in allowed:
                raise UsageError(
                    f"{name} {getattr(self, name)!r} is unknown; there are {', '.join(allowed)}"
                )
        for name in self.augment:
            if name not in AUGMENTS:
                raise UsageError(f"augment {name!r} is unknown; there are {', '.join(AUGMENTS)}")
        for name in self.ablate:
            if name not in ABLATABLE:
                raise UsageError(f"ablate {name!r} is unknown; there are {', '.join(ABLATABLE)}")
        if parse_backbone(self.backbone).kind == SMALL and self.finetune:
            raise UsageError("finetune is for a pretrained backbone: small is trained anyway")
        if parse_backbone(self.backbone).kind != SMALL and not self.finetune and self.augment:
            raise UsageError(
                "augment changes the images of each batch, and a backbone that is not trained "
                "sees each image once: leave --augment out, or say --finetune or --backbone small"
            )
        if self.preset not in PRESETS:
            raise UsageError(f"preset {self.preset!r} is unknown; there are {', '.join(PRESETS)}")


# Settings that are one of a few words.
CHOICES = {
    "method": ("warp", "pooled", "dictionary", "sfa"),
    "penalty": ("slow", "group", "sparse"),
    "optimiser": ("adamw", "sgd"),
    "schedule": ("cosine", "constant", "steps"),
    "precision": ("auto", "float32", "bfloat16"),
    "channels_last": ("auto", "on", "off"),
    "compile": ("auto", "on", "off", "graphs"),
}

# The names of augmentation.AUGMENTATIONS, which is slow to import.
AUGMENTS = ("light", "grey", "blur", "noise")


# Settings of older runs that have another name now.
NOW_CALLED = {
    "without": "ablate",
    "most_draws": "max_epochs",
    "shake": "random_camera_rotation",
}

# What `ablate` can leave out of the default method: the calibration on blurred images before
# anything is learned; the lens, so that the camera is a pinhole; distances read from the map; the
# correction of the warped map; the ratio objective, which is then the squared error of the
# prediction; its mean over channels, so that it is of their sum; the channels' equal spread at the
# end.
ABLATABLE = (
    *("calibration", "lens", "distances", "correction", "ratio"),
    *("channels", "balance"),
)


def config_of_preset(preset: str, **changes: Any) -> TrainConfig:
    """The settings of a preset, with changes from flags; None changes nothing.

    Raises:
        UsageError: the preset is unknown or a setting is out of bounds.
    """
    if preset not in PRESETS:
        raise UsageError(f"preset {preset!r} is unknown; there are {', '.join(PRESETS)}")
    settings = {**PRESETS[preset].settings, **{k: v for k, v in changes.items() if v is not None}}
    config = TrainConfig(preset=preset, **settings)
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
    return [f"{name} {old[name]!r} -> {new[name]!r}" for name in old if old[name] != new[name]]


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
        stored = {NOW_CALLED.get(name, name): value for name, value in stored.items()}
        if "reading" in stored:
            stored["reading"] = completed(stored["reading"])
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        lines = str(error).split("\n")
        raise UsageError(
            f"{path} is not a configuration that this slowfeat can read: "
            f"{printable(lines[0])[:200]}"
        ) from error
    config = build(TrainConfig, stored, str(path), UsageError, exact=True)
    config.validate()
    return config
