"""supervised: a ConvNet trained with the classes (Goroshin et al. 2015, section 5)."""

from __future__ import annotations

import numpy as np

from slowfeat_papers.goroshin.auc_table import labelled
from slowfeat_papers.goroshin.supervised_method import SupervisedNet
from slowfeat_papers.material.finding_phrases import mean, spread
from slowfeat_papers.material.learning import still_part, still_set, trained
from slowfeat_papers.material.part import Bench, Finding, Result, Table
from slowfeat_trainer.config.train_config import config_of_preset
from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.data.labels import Labels
from slowfeat_trainer.evaluation.recognition import class_coherence
from slowfeat_trainer.models.convnet import embed_frames

PUBLISHED = 0.8


def run(bench: Bench) -> Result:
    """Accuracy on the test images, and class coherence of its layers."""
    pictures, kind = labelled(bench, all_of_them=not bench.quick)
    part = still_part(pictures.train_frames, np.arange(len(pictures.train_frames)))
    data = still_set(part, Labels(pictures.names, pictures.train_classes))
    right: list[float] = []
    areas: dict[str, list[float]] = {}
    for seed in range(bench.seeds):
        config = config_of_preset(
            "drlim",
            steps=bench.pick(150, 20_000),
            batch_size=bench.pick(64, 128),
            learning_rate=1e-3,
            seed=seed,
        )
        net = SupervisedNet(data, config)
        fresh = SupervisedNet(data, config)
        trained(data, config, bench.folder / f"net-{seed}", net)
        right.append(float(np.mean(net.classify(pictures.test_frames) == pictures.test_classes)))
        few = slice(None, None, max(1, len(pictures.train_frames) // 10_000))
        asked = slice(None, None, max(1, len(pictures.test_frames) // 2000))
        for name, network in {
            "layer 1": net.first,
            "layer 2": net.encoder,
            "layer 1, untrained": fresh.first,
            "layer 2, untrained": fresh.encoder,
        }.items():
            query, bank = (
                embed_frames(network.eval(), FrameStack([frames]))
                for frames in (pictures.test_frames[asked], pictures.train_frames[few])
            )
            area = class_coherence(
                query, pictures.test_classes[asked], bank, pictures.train_classes[few]
            )
            areas.setdefault(name, []).append(area)
    chance = 1 / len(pictures.names)
    is_cifar = bench.sources.cifar is not None
    return Result(
        findings=[
            Finding(
                "G22",
                f"{spread(right)} of {len(pictures.test_classes)} test images ({kind}) are "
                f"classified correctly after {bench.pick(150, 20_000)} updates; chance "
                f"{chance:.2f}, the paper about .80 on CIFAR-10.",
                abs(mean(right) - PUBLISHED) < 0.05 if is_cifar else None,
            )
        ],
        tables=[
            Table(
                "AUC_class of the supervised layers",
                ["layer", "AUC_class", "chance"],
                [[name, spread(v), f"{pictures.chance:.3f}"] for name, v in areas.items()],
            )
        ],
        notes=[
            (
                f"{len(pictures.train_classes)} images to learn from. Two layers as in "
                "goroshin_2, whitened input, then 256 units and the classes; the widths of the "
                "last two are not published. No mirrored images."
            )
        ],
        seeds=bench.seeds,
    )
