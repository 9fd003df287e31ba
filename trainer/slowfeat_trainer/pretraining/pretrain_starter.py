"""Pretraining from nothing but simulation: drives, a dataset, a training, and its weights as a
file.

Every part that is finished stays in the working folder, so a pretraining that was stopped goes on.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slowfeat import __version__
from slowfeat.bundle import load_bundle
from slowfeat.encoder import Encoder
from slowfeat_trainer.config.backbone_spec import USUAL_SIZE
from slowfeat_trainer.config.train_config import config_of_preset
from slowfeat_trainer.console.terminal import say
from slowfeat_trainer.data.options import IngestOptions, SplitRule
from slowfeat_trainer.data.pairs import split_by_time
from slowfeat_trainer.evaluation.compare import Comparison, compare
from slowfeat_trainer.ingest.dataset import Dataset
from slowfeat_trainer.ingest.engines import open_engine
from slowfeat_trainer.ingest.ingest_bags import ingest
from slowfeat_trainer.methods.rehearsal import Rehearsal
from slowfeat_trainer.methods.starter_weights import NONE, Fit, Starter, save_starter, weights_of
from slowfeat_trainer.pretraining.simulated_drives import MAPS_KEPT_OUT, maps_to_learn, plan, record
from slowfeat_trainer.runs import train_run
from slowfeat_trainer.training.finetune import newest_checkpoint

# Share of each drive in a kept-out map that figures are taken on; the rest fits the refitted maps
# beside.
MEASURED = 0.5


@dataclass(frozen=True)
class Recipe:
    """What starter weights are made of."""

    # Maps to drive in; None: all but those held out.
    maps: int | None = None
    # Drives in each, and their length, s.
    drives: int = 1
    seconds: float = 60.0
    # Of the training.
    steps: int = 4000
    batch_size: int = 64
    seed: int = 0
    # File of older weights whose layers below the map are gone on from; empty: from random ones.
    trunk: str = ""


def pretrain(recipe: Recipe, work: Path, out: Path) -> Comparison:
    """Make starter weights.

    Args:
        recipe: what they are made of.
        work: folder of bags, dataset and run; what is finished in it is not done again.
        out: the file of weights.

    Returns:
        Figures on held-out maps.

    Raises:
        SlowfeatError: a part failed.
    """
    names = maps_to_learn(recipe.maps)
    say(f"{len(names)} maps, {recipe.drives} drives of {recipe.seconds:g} s in each")
    bags = record(plan(names, recipe.drives, recipe.seconds, recipe.seed), work / "bags")
    dataset = read(bags, work / "dataset", test=0.0)
    config = config_of_preset(
        "slowfeat",
        starter=NONE,
        trunk=recipe.trunk,
        random_camera_rotation=True,
        steps=recipe.steps,
        batch_size=recipe.batch_size,
        seed=recipe.seed,
        split=SplitRule(test=0.0, calibration=0.05),
    )
    run = work / "run"
    train_run([dataset.path], run, config)
    kept_out = plan(list(MAPS_KEPT_OUT), 1, recipe.seconds, recipe.seed + 1)
    others = record(kept_out, work / "kept_out")
    split = split_by_time(read(others, work / "kept_out_dataset", MEASURED).recordings(), MEASURED)
    result = compare(Encoder(load_bundle(run), provider="cpu"), split)
    made_of = describe(recipe, names, result)
    state = newest_checkpoint(run)[1]["method"]
    # At the size of a pretrained backbone's images: whatever network sees them later shrinks them
    # itself.
    larger = read(
        bags,
        work / "rehearsed",
        0.0,
        IngestOptions(image_size=USUAL_SIZE, rate_hz=10.0, trust_odometry=True),
    )
    rehearsal = Rehearsal.of(larger.recordings(), state, recipe.seed)
    save_starter(out, Starter(weights_of(state), Fit.of(config), made_of, rehearsal))
    return result


def read(
    bags: list[Path], target: Path, test: float, options: IngestOptions | None = None
) -> Dataset:
    """Bags as a dataset; the simulation's clocks agree."""
    reading = options or IngestOptions(trust_odometry=True)
    with open_engine() as engine:
        return ingest(bags, target, reading, engine, split=SplitRule(test=test), min_pairs=1)


def describe(recipe: Recipe, maps: list[str], result: Comparison) -> dict[str, Any]:
    """What stands in the file beside the weights."""
    own = result.rows["bundle's map"]
    return {
        "code_version": __version__,
        "recipe": {**dataclasses.asdict(recipe), "maps": maps, "trunk": Path(recipe.trunk).name},
        "kept_out_maps": {"rho": own.rho, "rho_twice": own.rho_composite, "mrr": own.mrr},
        "licence": "made from images of Freedoom's maps: see NOTICE",
    }
