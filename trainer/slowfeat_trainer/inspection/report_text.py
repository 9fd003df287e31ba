"""The report as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from slowfeat_trainer.inspection import histogram
from slowfeat_trainer.inspection import phrases as words
from slowfeat_trainer.inspection.drops import drops_of
from slowfeat_trainer.inspection.suggest import ingest_line
from slowfeat_trainer.inspection.survey import Survey, SyncReport
from slowfeat_trainer.inspection.verdict import headline, judge, percent

BAR = 24
EIGHTHS = " ▏▎▍▌▋▊▉█"
# Of a bag with more topics those with the most messages are listed.
MOST_TOPICS = 100


def describe(survey: Survey) -> str:
    """The whole report."""
    return "\n".join(_lines(survey))


def _lines(survey: Survey) -> Iterator[str]:
    yield f"{survey.path}: {survey.seconds:.1f} s, begun {words.started(survey)}"
    yield _row("file", words.storage(survey.storage))
    for k, sentence in enumerate(survey.damage or ["none found"]):
        yield _row("" if k else "damage", sentence)
    yield from _topics(survey)
    if survey.images is not None:
        yield _row("images", words.images(survey, survey.images))
        yield _row("", words.pictures(survey.images))
    if survey.motion is not None:
        yield _row("motion", words.motion(survey))
        rest = words.others(survey)
        if rest:
            yield _row("", f"others that --odom-topic can name: {rest}")
        if survey.images is not None:
            yield _row("extrinsic", words.extrinsic(survey))
    if survey.together is not None:
        yield _row("lined up", words.lined_up(survey.together))
        yield _row("clocks", words.clocks(survey.together))
    for k, part in enumerate(words.driving(survey)):
        yield _row("" if k else "driving", part)
    if survey.together is not None:
        yield from _motions(survey.together)
    yield from _drops(survey)
    for k, warning in enumerate(words.warnings(survey)):
        yield _row("" if k else "warnings", warning)
    findings = judge(survey)
    yield _row("verdict", headline(findings))
    for finding in findings:
        yield _row("", f"- {finding.text}")
    line = ingest_line(survey, findings)
    if line:
        yield _row("next", line)


def _row(name: str, text: str) -> str:
    label = f"{name}:" if name else ""
    return f"{label:<11}{text}".rstrip()


def _topics(survey: Survey) -> Iterator[str]:
    if not survey.topics:
        return
    rows = [["topic", "type", *words.TOPIC_HEADS]]
    most = sorted(range(len(survey.topics)), key=lambda k: -len(survey.topics[k]))
    shown = [survey.topics[k] for k in sorted(most[:MOST_TOPICS])]
    rows += [[t.topic.name, t.topic.type, *words.topic_row(t)] for t in shown]
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    for row in rows:
        left = [f"{cell:<{width}}" for cell, width in zip(row[:2], widths[:2], strict=True)]
        right = [f"{cell:>{width}}" for cell, width in zip(row[2:], widths[2:], strict=True)]
        yield "  " + "  ".join([*left, *right]).rstrip()
    if len(shown) < len(survey.topics):
        yield f"  and {len(survey.topics) - len(shown)} more topics, with fewer messages"


def _motions(together: SyncReport) -> Iterator[str]:
    if not len(together.motions):
        return
    yield _row("motions", words.pairs(together))
    charts = [histogram.turns(together.motions), histogram.forward(together.motions)]
    for chart in charts:
        yield f"  {chart.what} [{chart.unit}]"
        width = max(len(label) for label in chart.labels)
        most = max(chart.shares)
        for label, share in zip(chart.labels, chart.shares, strict=True):
            yield f"    {label:>{width}}  {bar(share, most)} {percent(share)}".rstrip()
    if together.patterns is not None:
        yield _row("patterns", "kinds of motion that training would find, slowest fifth left out")
        for count, share, motion in words.patterns(together.patterns):
            yield f"  {percent(share):>6}  {count:6d}  {motion}"


def bar(share: float, most: float) -> str:
    """A bar as long as a share, the largest BAR characters."""
    eighths = round(8 * BAR * share / most) if most else 0
    return (EIGHTHS[8] * (eighths // 8) + EIGHTHS[eighths % 8]).strip()


def _drops(survey: Survey) -> Iterator[str]:
    if survey.image_choice.topic is None and survey.motion is None:
        return
    drops = drops_of(survey)
    note = ""
    if survey.images is not None and not survey.images.complete:
        note = f" (of the images, {survey.images.tried} were decoded; --all decodes all)"
    if not drops:
        yield _row("dropped", f"nothing{note}")
        return
    yield _row("dropped", f"messages that the command below would leave out{note}")
    width = max(len(drop.kind) for drop in drops)
    for drop in drops:
        share = "" if drop.share is None else percent(drop.share)
        yield f"  {drop.kind:<{width}}  {drop.count:8d}  {share:>6}  {drop.reason}"
