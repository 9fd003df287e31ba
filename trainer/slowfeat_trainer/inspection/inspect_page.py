"""The report as one HTML page that loads nothing from anywhere."""

from __future__ import annotations

from html import escape

import numpy as np

from slowfeat import __version__
from slowfeat.geometry import Array
from slowfeat_trainer.inspection import histogram
from slowfeat_trainer.inspection import motion_charts as charts
from slowfeat_trainer.inspection import phrases as words
from slowfeat_trainer.inspection.dataset_survey import DatasetSurvey, describe_dataset
from slowfeat_trainer.inspection.drops import drops_of
from slowfeat_trainer.inspection.examples import Examples, seconds_since, start_of
from slowfeat_trainer.inspection.suggest import ingest_line
from slowfeat_trainer.inspection.survey import Survey
from slowfeat_trainer.inspection.verdict import headline, is_trainable, judge, percent
from slowfeat_trainer.page.document import document
from slowfeat_trainer.page.plots import time_legend

MORE_CSS = """
h2.bag{font-size:24px;margin:36px 0 4px;overflow-wrap:anywhere}
dl.facts{display:grid;grid-template-columns:max-content 1fr;gap:6px 16px;margin:0}
dl.facts dt{color:var(--soft)}dl.facts dd{margin:0;overflow-wrap:anywhere}
ul.findings{margin:8px 0 0;padding-left:20px}ul.findings li{margin:4px 0;overflow-wrap:anywhere}
.one,.two-line{fill:none;stroke-width:1.6}path.one{stroke:var(--accent)}
path.two-line{stroke:var(--bad)}
.key.one{background:var(--accent)}.key.two-line{background:var(--bad)}
rect.there{fill:var(--accent)}rect.hole{fill:var(--line)}
.bars{font-size:14px;font-variant-numeric:tabular-nums}
.bars .row{display:grid;grid-template-columns:112px 1fr 52px;gap:10px;align-items:center}
.bars .row span:first-child,.bars .row span:last-child{text-align:right;white-space:nowrap}
.bars .track{height:12px}
.bars i{display:block;height:12px;min-width:1px;border-radius:3px;background:var(--accent)}
.stop{color:var(--bad);font-weight:600}
table.topics{font-size:14px}table.topics td{white-space:nowrap;vertical-align:top}
.type{display:block;font-size:12px;color:var(--soft)}
table.drops td:nth-child(2),table.drops th:nth-child(2){text-align:left}
pre code{white-space:pre-wrap}
pre.text{font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
.from-above svg{max-width:440px}
@media(max-width:600px){dl.facts{grid-template-columns:1fr;gap:0}dl.facts dd{margin:0 0 8px}
.bars .row{grid-template-columns:88px 1fr 46px;gap:6px}}
"""


def page_of(sections: list[str]) -> str:
    """The whole page around the sections of bags and datasets."""
    header = (
        '<header><h1>slowfeat inspect</h1><p class="lead">What the bags hold, whether they can be '
        "learned from, and how.</p></header>"
    )
    made = f'<p class="soft">slowfeat {escape(__version__)}</p>'
    return document("slowfeat inspect", [header, *sections, made], MORE_CSS)


def dataset_section(survey: DatasetSurvey) -> str:
    """What stands in a dataset."""
    name, text = escape(survey.dataset.path.name), escape(describe_dataset(survey))
    return f'<h2 class="bag">{name}</h2><section><pre class="text">{text}</pre></section>'


def bag_section(survey: Survey, with_frames: bool) -> str:
    """All that is known of a bag.

    Args:
        survey: of the bag.
        with_frames: whether its own images are shown.
    """
    shown = Examples(survey, with_frames)
    parts = [
        f'<h2 class="bag">{escape(survey.path.name or str(survey.path))}</h2>',
        f'<p class="soft">{survey.seconds:.1f} s, begun {words.started(survey)}</p>',
        _verdict(survey),
        _facts(survey),
        shown.strip(),
        _topics(survey),
        _timeline(survey),
        _driving(survey),
        _shifts(survey),
        _motions(survey),
        shown.patterns(),
        _drops(survey),
    ]
    return "\n".join(part for part in parts if part)


def _verdict(survey: Survey) -> str:
    findings = judge(survey)
    style = "yes" if is_trainable(findings) else "no"
    items = "".join(f'<li class="{f.level}">{escape(f.text)}</li>' for f in findings)
    line = ingest_line(survey, findings)
    command = f"<h3>Next</h3><pre><code>{escape(line)}</code></pre>" if line else ""
    listed = f'<ul class="findings">{items}</ul>' if items else ""
    return (
        f'<section><h2>Verdict: <span class="{style}">{headline(findings)}</span></h2>{listed}'
        f'<div style="margin-top:14px">{command}</div></section>'
    )


def _facts(survey: Survey) -> str:
    rows = [("file", words.storage(survey.storage))]
    rows += [("damage", sentence) for sentence in survey.damage or ["none found"]]
    if survey.images is not None:
        rows.append(("images", words.images(survey, survey.images)))
        rows.append(("pictures", words.pictures(survey.images)))
    if survey.motion is not None:
        rows.append(("motion", words.motion(survey)))
        if words.others(survey):
            rows.append(("other sources", words.others(survey)))
        if survey.images is not None:
            rows.append(("extrinsic", words.extrinsic(survey)))
    if survey.together is not None:
        rows.append(("lined up", words.lined_up(survey.together)))
        rows.append(("clocks", words.clocks(survey.together)))
    rows += [("warning", warning) for warning in words.warnings(survey)]
    items = "".join(f"<dt>{name}</dt><dd>{escape(text)}</dd>" for name, text in rows)
    return f'<section><h2>At a glance</h2><dl class="facts">{items}</dl></section>'


def _topics(survey: Survey) -> str:
    heads = "".join(f"<th>{escape(head)}</th>" for head in ("topic", *words.TOPIC_HEADS))
    rows = ""
    for times in survey.topics:
        cells = "".join(f"<td>{escape(cell)}</td>" for cell in words.topic_row(times))
        kind = f'<span class="type">{escape(times.topic.type)}</span>'
        rows += f"<tr><td>{escape(times.topic.name)}{kind}</td>{cells}</tr>"
    return (
        '<section><h2>Topics</h2><div class="scroll"><table class="topics">'
        f"<tr>{heads}</tr>{rows}</table></div></section>"
    )


def _timeline(survey: Survey) -> str:
    start = start_of(survey)
    rows = []
    if survey.images is not None:
        name = survey.images.times.topic.name
        rows.append((f"{name} (images)", seconds_since(survey.images.usable.stamps, start)))
    if survey.motion is not None:
        track = survey.motion.track
        rows.append((f"{track.topic} (motion)", seconds_since(track.stamps, start)))
    rows = [(name, t) for name, t in rows if len(t)]
    if not rows:
        return ""
    end = max(float(t[-1]) for _, t in rows)
    return (
        "<section><h2>Timeline</h2><p>By the stamps of the headers. Where one of them pauses, no "
        f"frame has a pose.</p>{charts.timeline(rows, end)}</section>"
    )


def _driving(survey: Survey) -> str:
    drive = None if survey.motion is None else survey.motion.driving
    if drive is None or len(drive.stamps) < 2:
        return ""
    t = seconds_since(drive.speed_stamps, start_of(survey))
    # A line breaks where speeds are further apart than a gap.
    broken = np.concatenate([np.diff(t) > 1.0, [False]]) if len(t) else np.zeros(0, dtype=bool)
    speed = np.where(broken, np.nan, drive.speed_m_s)
    rate = np.where(broken, np.nan, drive.turn_deg_s)
    return (
        '<section><h2>How the robot drove</h2><div class="two"><div class="from-above"><h3>Path '
        "from above</h3>"
        f"{charts.trajectory_plot(drive.xy, drive.known)}{time_legend('start', 'end')}</div><div>"
        "<h3>Turned and driven</h3>"
        + "".join(f"<p>{escape(part)}</p>" for part in words.driving(survey))
        + "</div></div><h3>Speed [m/s]</h3>"
        + charts.line_chart([charts.Line("speed", "one", t, speed)], "speed over time")
        + "<h3>Turn rate [deg/s], to the left positive</h3>"
        + charts.line_chart([charts.Line("turn rate", "one", t, rate)], "turn rate over time")
        + "</section>"
    )


def _shifts(survey: Survey) -> str:
    together = survey.together
    if together is None or together.shifts is None or len(together.shifts.seconds) < 2:
        return ""
    shifts = together.shifts
    # The half minute that turns most shows best whether the two agree.
    window = _busiest(shifts.seconds, np.abs(shifts.turned), 30.0)
    t = shifts.seconds[window]
    # Radians that the image is wide, by the shifts themselves, so that both fit one axis.
    turned = shifts.turned_right_clock
    wide = np.std(turned) / max(float(np.std(shifts.widths)), 1e-9)
    picture = np.rad2deg(np.clip(shifts.widths, *np.percentile(shifts.widths, (1, 99))) * wide)

    def chart(odometry: Array, what: str) -> str:
        lines = [
            charts.Line("image, moved to the right", "one", t, picture[window]),
            charts.Line(
                "odometry, turned to the left", "two-line", t, np.rad2deg(odometry[window])
            ),
        ]
        return f"<h3>{what}</h3>{charts.line_chart(lines, what)}"

    content = chart(
        shifts.turned, f"With {together.offset_s:+.2f} s added to the odometry's stamps"
    )
    if together.clock.is_known and abs(together.clock.seconds - together.offset_s) >= 0.01:
        content += chart(turned, f"With {together.clock.seconds:+.2f} s, the offset found")
    return (
        "<section><h2>Do images and odometry turn together?</h2><p>A turn to the left moves the "
        "image to the right. Both lines, in degrees from one frame to the next, should lie on "
        f"each other (the images' scale is fitted). Here, {escape(words.clocks(together))}.</p>"
        f"{content}</section>"
    )


def _motions(survey: Survey) -> str:
    together = survey.together
    if together is None or not len(together.motions):
        return ""
    drawn = charts.bars(histogram.turns(together.motions)) + charts.bars(
        histogram.forward(together.motions)
    )
    return (
        f"<section><h2>Motions</h2><p>{words.pairs(together)}: shares by how far the body turned "
        "and "
        f'went forward between them.</p><div class="two">{drawn}</div></section>'
    )


def _drops(survey: Survey) -> str:
    drops = drops_of(survey)
    note = ""
    if survey.images is not None and not survey.images.complete:
        note = (
            f" Of the images, {survey.images.tried} were decoded; <code>--all</code> decodes all."
        )
    if not drops:
        return f"<section><h2>What ingest would leave out</h2><p>Nothing.{note}</p></section>"
    rows = "".join(
        f"<tr><td>{escape(d.kind)}</td><td>{escape(d.reason)}</td><td>{d.count}</td>"
        f"<td>{'' if d.share is None else percent(d.share)}</td></tr>"
        for d in drops
    )
    return (
        "<section><h2>What ingest would leave out</h2><p>Messages that the suggested command "
        f"leaves out, by reason.{note}</p>"
        '<div class="scroll"><table class="drops"><tr><th>messages '
        "of</th><th>reason</th><th>count</th><th>share</th>"
        f"</tr>{rows}</table></div></section>"
    )


def _busiest(t: Array, value: Array, seconds: float) -> slice:
    """The stretch of so many seconds in which a value (K,) at times (K,) sums up to the most."""
    total = np.concatenate([[0.0], np.cumsum(value)])
    ends = np.searchsorted(t, t + seconds)
    best = int(np.argmax(total[ends] - total[:-1]))
    return slice(best, int(ends[best]))
