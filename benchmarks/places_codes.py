"""The codes as such in a place that they have not seen: refitted maps, temporal coherence, rank,
labelled images.
"""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import numpy as np

from slowfeat.bundle import load_bundle
from slowfeat.encoder import Encoder
from slowfeat_trainer.bags import bag_sha256
from slowfeat_trainer.console.terminal import say
from slowfeat_trainer.data.motion_patterns import discover_patterns
from slowfeat_trainer.data.pairs import GAP_S
from slowfeat_trainer.evaluation.compare import (
    Embed,
    Remembered,
    embed_in_batches,
    refitted,
    untrained,
)
from slowfeat_trainer.evaluation.evaluate_bundles import views_for
from slowfeat_trainer.evaluation.labelled_images import LabelledImages, read_labelled_images
from slowfeat_trainer.evaluation.measure_bundle import EvaluationData, slices_of
from slowfeat_trainer.evaluation.metric_table import code_metrics
from slowfeat_trainer.evaluation.probe import linear_probe
from slowfeat_trainer.evaluation.recognition import knn_accuracy
from slowfeat_trainer.evaluation.reference_model import ReferenceInput, ReferenceModel

# EfficientNet-Lite's input.
LITE = ReferenceInput((224, 224), "nchw", (127.0,), (128.0,), "feat")
# Codes that need no bundle, by their names in slowfeat evaluate.
WITHOUT_BUNDLE = ("raw pixels", "ZCA pixels")
Row = dict[str, float]


def measured(
    bundles: dict[str, list[Path]], on: Path, images: list[Path], peer: Path | None
) -> dict[str, list[Row]]:
    """The rows of each code, one a seed, on the last 40 % of a bag; maps refitted to what precedes.

    Args:
        bundles: runs, one a seed, by the name of their row; none has seen the bag. Beside those of
            the first name stand as many untrained networks.
        on: the bag.
        images: folders of labelled images, train/CLASS/IMAGE and test/CLASS/IMAGE.
        peer: an ImageNet network.
    """
    rows: dict[str, list[Row]] = {}
    first = next(iter(bundles))
    split, fov = views_for(load_bundle(bundles[first][0]), on, bag_sha256(on), None, {}).read()
    material = EvaluationData(split, fov, None if peer is None else ReferenceModel(peer, LITE))
    pictures = {folder.name: read_labelled_images(folder, (64, 64)) for folder in images}
    for name, runs in bundles.items():
        for seed, run in enumerate(runs):
            encoder = Encoder(load_bundle(run), provider="cpu")
            own = Remembered(partial(embed_in_batches, encoder))
            found: dict[str, Embed] = {name: own}
            slow = slices_of(encoder, own).get("slice slow")
            if slow is not None:
                found[f"{name}: slice slow"] = slow
            if name == first:
                found["untrained network"] = Remembered(untrained(split, encoder.info, seed))
            if len(rows) == 0:
                wanted = [n for n in material.codes if n in WITHOUT_BUNDLE or n.startswith("peer")]
                found |= {n: material.codes[n] for n in wanted}
            kept = run / f"codes_{on.name}.json"
            for row, embed in found.items():
                rows.setdefault(row, []).append(_kept(kept, row, embed, material, pictures))
    return rows


def _kept(
    file: Path, name: str, embed: Embed, material: EvaluationData, images: dict[str, LabelledImages]
) -> Row:
    """A row; measured unless it stands in a file."""
    known = json.loads(file.read_text()) if file.exists() else {}
    if name not in known:
        say(f"  {name}")
        known[name] = _row(embed, material, images)
        file.write_text(json.dumps(known, indent=2))
    return dict(known[name])


def _row(embed: Embed, material: EvaluationData, images: dict[str, LabelledImages]) -> Row:
    split = material.split
    patterns = discover_patterns(split.train.pairs_at_gap(GAP_S).motions)
    refit = refitted(embed, split, patterns, material.pairs)["refitted"]
    space = code_metrics(embed(split.test.frames), split.test, scene=material.scene)
    row = {
        "refitted rho": refit.rho,
        "refitted gain": refit.motion_gain or 0.0,
        "AUC time": space.number("auc_time"),
        "by chance": space.number("auc_time_chance"),
        "rank": space.number("effective_rank"),
    }
    for name, found in images.items():
        z, of = embed(found.frames), found.classes
        bank, query = np.flatnonzero(found.is_bank), np.flatnonzero(~found.is_bank)
        row[f"{name} 5-NN"] = knn_accuracy(z[query], of[query], z[bank], of[bank])
        row[f"{name} probe"] = linear_probe(z[bank], of[bank], z[query], of[query])
    return row
