"""The settings that a method owns: a dataclass for each, nested in the run's configuration."""

from __future__ import annotations

from dataclasses import dataclass, field

from slowfeat.errors import UsageError
from slowfeat_trainer.config.backbone_spec import SMALL, parse_backbone
from slowfeat_trainer.config.setting_fields import check_bounds, one_of, some_of, within

# What `ablate` can leave out of the default method: the calibration on blurred images before
# anything is learned; the lens, so that the camera is a pinhole; distances read from the map; the
# correction of the warped map; the ratio objective, which is then the squared error of the
# prediction; its mean over channels, so that it is of their sum; the channels' equal spread at the
# end.
ABLATABLE = (
    *("calibration", "lens", "distances", "correction", "ratio"),
    *("channels", "balance"),
)


@dataclass(frozen=True)
class MethodSettings:
    """Of a method that has none of its own (sfa)."""

    def validate(self) -> None:
        """Refuse what cannot work.

        Raises:
            UsageError: naming the setting and its bounds.
        """
        check_bounds(self)

    @property
    def files(self) -> tuple[str, ...]:
        """The names of files that are read."""
        return ()

    @property
    def sees_images_once(self) -> bool:
        """Whether each image is looked at once only, so that no batch may change it."""
        return False


@dataclass(frozen=True)
class WarpSettings(MethodSettings):
    """Of "warp": a feature map that is moved by the motion."""

    # Channels, rows and columns of the map; the embedding is the map, flattened.
    map_channels: int = within(16, 1, 256)
    map_rows: int = within(8, 2, 32)
    map_columns: int = within(16, 2, 32)
    # The network that sees: "small" (learned from the bags), or a pretrained backbone
    # ("efficientnet-lite0", "torchvision:NAME[:WEIGHTS]", "timm:NAME", "onnx:FILE[:TENSORS]").
    # slowfeat train takes the pretrained one where its extra is installed.
    backbone: str = "small"
    # With a backbone: train its weights too, slowly. False: it stays as it is, and its features
    # are computed once.
    finetune: bool = False
    # How much less the columns at the sides count, a power of a cosine; 0: all alike.
    map_window: float = within(2.0, 0.0, 16.0)
    # From a starter: how often a frame of training is drawn at most, in the mean (0: no limit). A
    # short bag is soon memorised, and then less is left of what the starter knew.
    max_epochs: float = within(50.0, 0.0, 1e9)
    # Length of the slow code behind the map (0: none), its share of the embedding's squared norm,
    # and the weight of its objective.
    slow_dimension: int = within(384, 0, 1024)
    slow_share: float = within(0.02, 0.0, 0.99)
    slow_weight: float = within(1.0, 0.0, 1e6)
    # Weights to start from: "shipped" (where they fit), "none", or a file of slowfeat pretrain.
    starter: str = "shipped"
    # A file of slowfeat pretrain whose layers below the map are taken, however many channels its
    # map has; empty: none.
    trunk: str = ""
    # From a starter: share of each batch that are pairs of the simulated drives that the starter
    # was learned from, so that it is not forgotten. 0: the bags' own pairs only.
    rehearsal: float = within(0.5, 0.0, 1.0)
    # Ingredients to leave out, of ABLATABLE; to see what each is worth.
    ablate: list[str] = some_of(ABLATABLE)  # noqa: RUF009 - a field
    # Weights of the guard against collapse (VICReg): spread of each dimension, correlation between
    # channels, and spread along each row of the map.
    variance_weight: float = within(1.0, 0.0, 1e6)
    covariance_weight: float = within(0.04, 0.0, 1e6)
    row_variance_weight: float = within(1.0, 0.0, 1e6)
    # Half of the pairs are seen in a mirror, with the mirrored motion.
    mirror: bool = True
    # Turns are off by so many degrees (standard deviation) while it learns, as those of odometry
    # are: the map then resolves no more than a turn so known can move.
    turn_noise_deg: float = within(0.0, 0.0, 30.0)
    # Share of the objective that coarser levels of the map have (pooled to 4 x 4 and 2 x 2).
    coarse_weight: float = within(0.0, 0.0, 1.0)
    # Most pairs are seen by a camera that is turned at random and has a longer lens (pretraining).
    random_camera_rotation: bool = False
    # Gain and lift of each pair's light vary by up to this (0.2: about 20 %); 0 leaves it.
    jitter: float = within(0.2, 0.0, 1.0)

    def validate(self) -> None:
        """Refuse what cannot work.

        Raises:
            UsageError: naming the setting and its bounds.
        """
        super().validate()
        if parse_backbone(self.backbone).kind == SMALL and self.finetune:
            raise UsageError("finetune is for a pretrained backbone: small is trained anyway")

    @property
    def files(self) -> tuple[str, ...]:
        """Starter weights; "shipped" and "none" are none of the user's."""
        return self.starter, self.trunk

    @property
    def map_shape(self) -> tuple[int, int, int]:
        """Channels, rows and columns."""
        return self.map_channels, self.map_rows, self.map_columns

    @property
    def sees_images_once(self) -> bool:
        """Whether a frozen backbone does."""
        return parse_backbone(self.backbone).kind != SMALL and not self.finetune


@dataclass(frozen=True)
class PooledSettings(MethodSettings):
    """Of "pooled": an encoder to a vector, and a sum of terms."""

    # The encoder, a name of models.registry.
    encoder: str = "small_convnet"
    # Weight of each term of the objective (methods.terms); what is not named has none.
    terms: dict[str, float] = field(default_factory=dict)
    # Margin of each contrastive loss (J: 1.0 for drlim, 0.1 for equivariance beside it).
    drlim_margin: float = within(1.0, 0.0, 1e6)
    equivariance_margin: float = within(0.1, 0.0, 1e6)


@dataclass(frozen=True)
class DictionarySettings(MethodSettings):
    """Of "dictionary": a pooled auto-encoder, layer by layer."""

    # Layers (1 or 2, greedily), the penalty ("slow": G eq. 2, "group": eq. 3, "sparse"), and the
    # weights of sparsity (alpha; not published) and slowness (beta; G: 2).
    layers: int = within(1, 1, 2)
    penalty: str = one_of("slow", "group", "sparse")
    sparsity: float = within(0.5, 0.0, 1e6)
    slowness: float = within(2.0, 0.0, 1e6)


# The methods by name, and what each is set by.
SETTINGS: dict[str, type[MethodSettings]] = {
    "warp": WarpSettings,
    "pooled": PooledSettings,
    "dictionary": DictionarySettings,
    "sfa": MethodSettings,
}
