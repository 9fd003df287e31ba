"""The sections of the demo's page."""

from __future__ import annotations

from html import escape

import numpy as np

from slowfeat.geometry import describe_motion
from slowfeat_trainer.data.pairs import GAP_S
from slowfeat_trainer.demo import live_measure as measure
from slowfeat_trainer.demo.demo_phrases import verdict
from slowfeat_trainer.demo.demo_result import FOUND_WITHIN_S, Result
from slowfeat_trainer.demo.demo_table import ROWS, independent, milliseconds, percent
from slowfeat_trainer.demo.view_choices import Choices
from slowfeat_trainer.metrics.equivariance import errors as l2
from slowfeat_trainer.metrics.equivariance import rms
from slowfeat_trainer.page import plots
from slowfeat_trainer.page.inline_images import figure
from slowfeat_trainer.page.patterns import pattern_card
from slowfeat_trainer.page.projection import Projection

Pictures = dict[int, str]


def opening(result: Result) -> str:
    """What this page is."""
    material = result.material
    name = escape(material.bag.name)
    trained = (
        f"An encoder was trained on the first {material.earlier.seconds:.0f} s of the bag "
        f"<code>{name}</code>. The {material.held_out.seconds:.0f} s shown here were held out of it"
        "."
        if material.trained_on
        else f"The bundle <code>{escape(result.bundle.info.name)}</code> was trained elsewhere and "
        f"has never seen the bag <code>{name}</code>."
    )
    steps = [
        "bag",
        "training",
        "bundle",
        "live ROS 2 node",
        "bag replayed at its own rate",
        "this page",
    ]
    items = "".join(f"<li>{step}</li>" for step in steps)
    return (
        "<header><h1>slowfeat demo: "
        f'<span class="lead">{name}</span></h1><p class="lead">{trained} '
        "They were replayed through DDS to the encoder node in its own process. For every image "
        "the node sent back an embedding, and for every motion it was asked about, a prediction "
        "of what "
        f'the embedding becomes.</p><ol class="steps">{items}</ol></header>'
    )


def figures(result: Result) -> str:
    """The four numbers that matter, and the verdict."""
    d, all_, large = result.delivery, result.closer["all"], result.closer["large"]
    lost = "none lost" if d.lost == 0 else f"{d.lost} lost"
    cells = [
        (f"{d.received} / {d.sent}", f"frames answered with the image's exact stamp, {lost}"),
        (
            milliseconds(d.percentile(50)),
            (
                "from publishing an image to receiving its embedding (median); p99 "
                f"{milliseconds(d.percentile(99))}"
            ),
        ),
        (
            percent(all_.true_motion),
            (
                f"of predictions are closer to what came {GAP_S} s later than the present is "
                f"({percent(large.true_motion)} for large motions); the copy baseline scores 0"
            ),
        ),
        (
            percent(all_.true_beats_wrong),
            (
                "of the time the prediction for the true motion beats the one for another motion "
                f"({percent(large.true_beats_wrong)} for large motions); chance is 50 %"
            ),
        ),
    ]
    content = "".join(
        f'<div class="figure"><div class="big">{value}</div><p>{text}</p></div>'
        for value, text in cells
    )
    return (
        f'<section><div class="grid">{content}</div><p style="margin:18px 0 '
        f'0">{verdict(result)}</p></section>'
    )


def frames(result: Result, chosen: Choices, pictures: Pictures) -> str:
    """Sample frames."""
    stamps = result.material.held_out.stamps
    shown = "".join(
        _figure(pictures, int(stamps[i]), f"{(stamps[i] - stamps[0]) / 1e9:.1f} s")
        for i in chosen.samples
    )
    height, width = result.bundle.info.image_size
    return (
        "<section><h2>What the robot saw</h2><p>Evenly spaced frames of the replay. The encoder "
        f'shrinks each to {width}x{height} pixels.</p><div class="strip">{shown}</div></section>'
    )


def embedding(result: Result) -> str:
    """The embedding's path in two dimensions."""
    fit = (
        result.earlier_embeddings if len(result.earlier_embeddings) > 2 else result.seen_embeddings
    )
    flat = Projection.fitted_to(fit)
    points = flat.apply(result.seen_embeddings)
    behind = flat.apply(result.earlier_embeddings)[::2]
    poses = result.material.held_out.poses[result.seen]
    yaw = np.arctan2(poses[:, 1, 0], poses[:, 0, 0])
    count = max(len(points) - 1, 1)
    by_time = [plots.time_colour(i / count) for i in range(len(points))]
    by_heading = [plots.heading_colour(float(a)) for a in yaw]
    plot = plots.path_plot(points, by_time, behind, "path of the embedding, coloured by time")
    other = plots.path_plot(points, by_heading, behind, "the same, coloured by heading")
    seconds = f"{result.material.held_out.seconds:.0f} s"
    where = "the part before it" if len(result.earlier_embeddings) > 2 else "the replay itself"
    pale = " (pale dots)" if len(behind) else ""
    return (
        "<section><h2>The embedding's path</h2><p>Each dot is one frame. The "
        f"{result.bundle.info.dimension} numbers of its embedding are drawn in the two directions "
        f"in which {where}{pale} varies most; they hold {percent(flat.share)} of its variance. A "
        "feature map shifts with the image, so its trajectory loops as the robot turns and is "
        "smooth where it turns slowly; a pooled, slow code would draw one smooth line. The same "
        "heading at the same "
        'spot should come close together.</p><div class="two"><div class="plot"><h3>by '
        f'time</h3>{plot}{plots.time_legend("0 s", seconds)}</div><div class="plot"><h3>by '
        f"heading</h3>{other}"
        f"{plots.heading_legend()}</div></div></section>"
    )


def patterns(result: Result, chosen: Choices, pictures: Pictures) -> str:
    """The motion patterns found in training."""
    info = result.bundle.info
    centroids = np.array([p.centroid for p in info.motion_patterns]).reshape(-1, 6)
    reach = float(np.abs(centroids[:, :2]).max(initial=0.1))
    stamps = result.material.earlier.stamps
    cards = []
    for pattern, centroid, pair in zip(
        info.motion_patterns, centroids, chosen.pattern_pairs, strict=True
    ):
        words = describe_motion(centroid)
        rho = (
            ""
            if pattern.rho is None
            else f"; held-out error {pattern.rho:.2f} of the copy baseline's"
        )
        shown = ""
        if pair is not None and pictures:
            shown = "".join(_figure(pictures, int(stamps[i]), "") for i in pair)
        about = f"{pattern.count} pairs{rho}"
        cards.append(pattern_card(centroid, reach, words, about, shown))
    text = (
        "Training sorts the motions of the robot, by odometry alone, into a few kinds and learns "
        "what each does to the embedding. Seen from above, forward is up; pale is before the "
        "motion, coloured after. An error below 1 is better than predicting no change"
    )
    example = "; the images are a pair of frames near to each." if pictures else "."
    return (
        f'<section><h2>Motion patterns</h2><p>{text}{example}</p><div class="patterns">'
        f"{''.join(cards)}</div></section>"
    )


def examples(result: Result, chosen: Choices, pictures: Pictures) -> str:
    """Predicted beside real, in images."""
    stamps = result.material.held_out.stamps
    rows = []
    for i in chosen.examples:
        before, after, guess = (
            int(stamps[index[i]]) for index in (result.before, result.after, result.nearest)
        )
        off = (guess - after) / 1e9
        good = abs(off) <= FOUND_WITHIN_S
        rows.append(
            f'<div class="example"><p>{escape(describe_motion(result.predictions.motions[i]))}</p>'
            f'<div class="three">{_figure(pictures, before, "now")}'
            f"{_figure(pictures, after, f'really, {(after - before) / 1e9:.1f} s later')}"
            f"{_figure(pictures, guess, f'predicted: {_off(off)}', 'right' if good else 'wrong')}"
            "</div></div>"
        )
    what = "large motions" if chosen.large_only else "motions"
    found = result.found
    return (
        "<section><h2>Predicted and real</h2><p>The node gets the embedding of now and the motion "
        "that odometry reports for the next half second. It answers with an embedding. The right "
        "image is that frame of the whole replay whose embedding is nearest to the answer: "
        f"green when taken within {FOUND_WITHIN_S} s of the truth, orange when not. The examples "
        f"are evenly spaced in time among the {what}, not chosen by how well they came "
        f"out.</p><p>Over all {found['all'].pairs} pairs the right image is found "
        f"{percent(found['all'].right)} of the time ({percent(found['large'].right)} of "
        f"{found['large'].pairs} large motions); by chance {percent(found['all'].chance)}, and "
        f"never by the copy baseline.</p>{''.join(rows)}</section>"
    )


def comparison(result: Result) -> str:
    """The table of shares, with the floors beside it."""
    groups = ("all", "large", "small")
    head = "".join(f"<th>{g} ({result.closer[g].pairs})</th>" for g in groups)
    rows = [
        _table_row(text, [percent(getattr(result.closer[g], name)) for g in groups], i == 0)
        for i, (name, text) in enumerate(ROWS)
    ]
    rows.append(_table_row("copy baseline: the embedding now", ["0 %"] * 3))
    beats = [percent(result.closer[g].true_beats_wrong) for g in groups]
    ratio = [result.closer[g].error_over_change for g in groups]
    rows.append(_table_row("true motion beats the other motion (chance 50 %)", beats))
    cells = ["-" if r is None else f"{r:.2f}" for r in ratio]
    rows.append(_table_row("error over the copy baseline's (below 1 is better)", cells))
    return (
        f"<section><h2>How good the predictions are</h2><p>How often an answer is closer to the "
        f"embedding {GAP_S} s later than the embedding now is, by kind of motion (number of "
        "pairs). The copy baseline scores 0 by definition, so a high share alone proves little: "
        "what the motion is worth shows in the distance between the first two rows. The pairs "
        f"overlap in time; about {independent(result)} of them are independent, so a few per cent "
        "are noise.</p>"
        f'<div class="scroll"><table><thead><tr><th></th>{head}</tr></thead><tbody>{"".join(rows)}'
        '</tbody></table></div><p class="soft" style="margin-top:10px">Large: turns of 15 degrees '
        "or "
        "more, or 1 m or more, within the half second. The other motion is that of a moment half "
        "the replay away.</p></section>"
    )


def errors(result: Result) -> str:
    """Expected error against the real one."""
    p = result.predictions
    if not len(p):
        return ""
    real = np.asarray(l2(p.true_motion, p.after), dtype=np.float64)
    plot = plots.scatter_plot(
        p.expected_error,
        real,
        measure.is_large(p.motions),
        "error expected by the node",
        "real error",
    )
    rank = result.expected_error_rank
    ratio = rms(p.expected_error) / max(rms(real), 1e-12)
    ranked = (
        ""
        if rank is None
        else f" Rank correlation with the real error: {rank:.2f} (a constant: 0)."
    )
    return (
        '<section><h2>Does the node know when it is wrong?</h2><div class="two"><div class="plot">'
        f"{plot}</div><div><p>With every prediction the node states the error it expects. The "
        "dashed line is where the two agree; on it, or evenly about it, is good. Orange: large "
        f"motions.</p><p>On average it expects {ratio:.2f} of the real error (1 is "
        f"right).{ranked}</p></div></div></section>"
    )


def next_steps(result: Result) -> str:
    """What to do next."""
    run = escape(result.bundle.path.name if result.bundle.path.name != "bundle" else "RUN")
    return (
        "<section><h2>With your own robot</h2><pre><code>slowfeat inspect my_bag\nslowfeat demo "
        f"--bag my_bag --out my_demo\nslowfeat train my_bag --out {run}\nslowfeat run --model "
        f"{run}</code></pre><p>This demo trains for a minute or so. Ten minutes of driving, turns "
        "to both sides, and a longer training do better.</p></section>"
    )


def _off(off_s: float) -> str:
    if abs(off_s) < 0.05:
        return "the very frame"
    return f"{abs(off_s):.1f} s {'after' if off_s > 0 else 'before'} the truth"


def _figure(pictures: Pictures, stamp: int, caption: str, kind: str = "") -> str:
    """An image with a caption; a frame that could not be decoded leaves its caption."""
    return figure(pictures.get(stamp), caption, kind)


def _table_row(text: str, cells: list[str], main: bool = False) -> str:
    content = "".join(f"<td>{cell}</td>" for cell in cells)
    return f"<tr{' class=main' if main else ''}><td>{text}</td>{content}</tr>"
