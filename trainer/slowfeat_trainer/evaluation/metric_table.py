"""The one table of metrics: of maps, of codes as such, and of recognition.

A new metric is a pure function (in `metrics/`, or beside those that it belongs with) and a row
here; tables in text, HTML and Markdown, JSON and bundle.json follow.
"""

from __future__ import annotations

import numpy as np

from slowfeat_trainer.data.pairs import Index, Part
from slowfeat_trainer.data.scenes import segment_scenes
from slowfeat_trainer.evaluation.curvature import extrapolation_error, straightness
from slowfeat_trainer.evaluation.labelled_images import LABELS_PER_CLASS, LabelledImages
from slowfeat_trainer.evaluation.metric import Metric, MetricValues, measured
from slowfeat_trainer.evaluation.metric_data import CodeInTime, LabelledCode, Predictions
from slowfeat_trainer.evaluation.temporal_coherence import slowness_auroc
from slowfeat_trainer.metrics import equivariance
from slowfeat_trainer.metrics.equivariance import Matrix
from slowfeat_trainer.metrics.standard_errors import mean_se, ratio_se, standard_error


def _rho_composite(p: Predictions) -> float | None:
    return None if p.two_motions is None else equivariance.equivariance_error(*p.two_motions)


def _motion_gain(p: Predictions) -> float | None:
    return None if p.blind is None else equivariance.motion_gain(p.predicted, p.blind, p.actual)


def _gain_se(p: Predictions) -> float | None:
    if p.blind is None:
        return None
    return ratio_se(p.squared_errors(p.predicted), p.squared_errors(p.blind))


MAP_METRICS: tuple[Metric[Predictions], ...] = (
    Metric(
        "rho",
        "rho",
        lambda p: equivariance.equivariance_error(p.start, p.predicted, p.actual),
        better="less",
        constant=0.0,
        means="error of the prediction over the distance moved, 1 is no better than the copy "
        "baseline",
    ),
    Metric(
        "rho_composite",
        "rho twice",
        _rho_composite,
        better="less",
        constant=0.0,
        means="two motions in a row",
    ),
    Metric(
        "r2",
        "R^2",
        lambda p: equivariance.variance_explained(p.predicted, p.actual),
        constant=0.0,
        means="share of the variance predicted",
    ),
    Metric(
        "motion_gain",
        "gain",
        _motion_gain,
        constant=0.0,
        means="what knowing the motion saves against not knowing it",
    ),
    Metric(
        "mrr",
        "MRR",
        lambda p: float(np.mean([found.mrr for found in p.retrieval])),
        # Every candidate is as near as the true future, and a tie counts half.
        constant=2 / (equivariance.CANDIDATES + 1),
        means="mean reciprocal rank of the true future among 100 frames",
    ),
    Metric("mrr_spread", "", lambda p: float(np.std([f.mrr for f in p.retrieval])), better="less"),
    Metric(
        "hit_at_1",
        "hit@1",
        lambda p: float(np.mean([found.hit_at_1 for found in p.retrieval])),
        constant=0.0,
        means="how often it ranks first",
    ),
    # Standard errors over time: whole blocks of it are drawn again.
    Metric("gain_se", "", _gain_se, better="less"),
    Metric(
        "mrr_se",
        "",
        lambda p: mean_se(np.mean([found.reciprocal for found in p.retrieval], axis=0)),
        better="less",
    ),
)

CODE_METRICS: tuple[Metric[CodeInTime], ...] = (
    Metric(
        "auc_time",
        "AUC time",
        lambda c: c.coherence[0],
        means="same-scene frames found by cosine distance (Goroshin et al. 2015), beside what a "
        "constant gets",
    ),
    Metric("auc_time_chance", "by chance", lambda c: c.coherence[1], better=""),
    Metric(
        "slowness_auroc",
        "AUROC",
        lambda c: slowness_auroc(c.z, c.part.block, seed=c.seed),
        constant=0.5,
        means="neighbouring frames against others by distance, .5 is chance (Jayaraman & Grauman "
        "2017, fig. 12)",
    ),
    Metric(
        "straightness",
        "straightness",
        lambda c: straightness(c.z, c.part.block, c.stride),
        constant=0.0,
        means="cosine of successive steps of 0.5 s",
    ),
    Metric(
        "extrapolation_error",
        "extrapolation",
        lambda c: extrapolation_error(c.z, c.part.block, c.stride),
        better="less",
        constant=1.0,
        means="error of 2 z2 - z1, 1 is no better than z2",
    ),
    Metric(
        "effective_rank",
        "rank",
        lambda c: equivariance.effective_rank(c.z),
        digits=1,
        better="",
        constant=0.0,
        means="directions in use",
    ),
    Metric("dimension", "D", lambda c: c.z.shape[1], digits=0, better=""),
)

RECOGNITION_METRICS: tuple[Metric[LabelledCode], ...] = (
    Metric(
        "auc_class",
        "AUC class",
        lambda c: c.coherence[0],
        means="share of a query's class among its nearest, averaged over the first 40 (Goroshin et "
        "al. 2015)",
    ),
    Metric("auc_class_chance", "", lambda c: c.coherence[1], better=""),
    Metric(
        "knn",
        "5-NN",
        lambda c: float(np.mean(c.knn)),
        error="knn_error",
        means="share right by the vote of the nearest five of the few labelled images",
    ),
    Metric("knn_error", "", lambda c: standard_error(c.knn), better="less"),
    Metric(
        "linear",
        "linear probe",
        lambda c: float(np.mean(c.linear)),
        error="linear_error",
        means="share right by logistic regression on the same",
    ),
    Metric("linear_error", "", lambda c: standard_error(c.linear), better="less"),
    Metric("labels_per_class", "", lambda _: LABELS_PER_CLASS, digits=0, better=""),
    Metric("repeats", "", lambda c: c.repeats, digits=0, better=""),
)

# Of recognition by few labels.
FEW_LABELS = ("knn", "knn_error", "linear", "linear_error")


class Metrics(MetricValues):
    """One row of MAP_METRICS: a map on a code. The properties are what sentences and verdicts
    read.
    """

    @property
    def rho(self) -> float:
        """Error of the prediction over the distance moved."""
        return self.number("rho")

    @property
    def rho_composite(self) -> float | None:
        """The same of two motions in a row; None without such pairs."""
        return self["rho_composite"]

    @property
    def r2(self) -> float:
        """Share of the variance predicted."""
        return self.number("r2")

    @property
    def motion_gain(self) -> float | None:
        """What knowing the motion saves; None for a map that knows none."""
        return self["motion_gain"]

    @property
    def gain_se(self) -> float | None:
        """Its standard error; None in files from before it was taken."""
        return self["gain_se"]

    @property
    def mrr(self) -> float:
        """Mean reciprocal rank of the true future."""
        return self.number("mrr")

    @property
    def mrr_se(self) -> float | None:
        """Its standard error; None in files from before it was taken."""
        return self["mrr_se"]

    @property
    def mrr_spread(self) -> float:
        """Its standard deviation over draws of the candidates."""
        return self.number("mrr_spread")

    @property
    def hit_at_1(self) -> float:
        """How often the true future ranks first."""
        return self.number("hit_at_1")


def map_metrics(predictions: Predictions) -> Metrics:
    """All metrics of a map."""
    return Metrics(measured(MAP_METRICS, predictions))


def code_metrics(z: Matrix, part: Part, seed: int = 0, scene: Index | None = None) -> MetricValues:
    """All metrics of a code (N, D) of the frames of a part, without any map; `scene` (N,) as
    `segment_scenes` finds it, where it is known.
    """
    if scene is None:
        scene = segment_scenes(part.frames, part.block)
    return MetricValues(measured(CODE_METRICS, CodeInTime(z, part, scene, seed)))


def recognition_metrics(z: Matrix, images: LabelledImages, repeats: int = 5) -> MetricValues:
    """All metrics of a code (N, D) of labelled images; `repeats` draws of the few labels (J: 5)."""
    return MetricValues(measured(RECOGNITION_METRICS, LabelledCode(z, images, repeats)))
