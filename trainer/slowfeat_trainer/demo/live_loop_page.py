"""The page of a closed loop: the path, the choices, and a short
film; loads nothing from anywhere.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from slowfeat import __version__
from slowfeat.geometry import Array, describe_motion
from slowfeat.images import Image
from slowfeat.nodes.messages import motions_from_transforms, stamp_ns
from slowfeat_trainer.demo.live_loop_plan import Stamps, plan
from slowfeat_trainer.page.document import document
from slowfeat_trainer.page.inline_images import data_uri, evenly, figure
from slowfeat_trainer.page.plots import svg, time_legend

if TYPE_CHECKING:
    from slowfeat_trainer.demo.live_loop import Drive

FILM_FRAMES, FILM_WIDTH, FRAME_S = 48, 240, 0.25
EXAMPLES = 6
# What a score says, in the reader's words.
MEANING = {
    "novelty": (
        "The score is how far off the encoder expects to be about the view from there, predicted "
        "from the nearest place where the robot was: high where it has not been."
    ),
    "goal": "The score is how likely the view from there is to be the wanted one.",
}
CSS = """
.film{aspect-ratio:4/3;max-width:480px;background-size:auto 100%;border-radius:6px}
@media(prefers-reduced-motion:reduce){.film{animation:none!important}}
.wall{stroke:var(--soft);stroke-width:1.2;opacity:.55}.here{fill:var(--bad)}
.figures{display:grid;gap:16px;grid-template-columns:repeat(5,1fr)}
.choice{display:grid;gap:16px;grid-template-columns:160px 170px 1fr;align-items:center;
padding:12px 0;
border-top:1px solid var(--line)}
@media(max-width:760px){.figures{grid-template-columns:1fr 1fr}}
@media(max-width:600px){.choice{grid-template-columns:1fr 1fr}.choice p{grid-column:1/-1;margin:0}}
"""


def make_page(drive: Drive, bundle: str, frames: bool) -> str:
    """The whole page.

    Args:
        drive: what was heard.
        bundle: name of the bundle.
        frames: whether images are shown.
    """
    parts = [
        _opening(drive, bundle),
        _figures(drive),
        _path_and_film(drive, frames),
        _choices(drive, frames),
        f'<p class="soft">slowfeat {escape(__version__)}, {drive.seconds:.0f} s of driving.</p>',
    ]
    return document(f"slowfeat live: {drive.map_name}", parts, CSS)


def _opening(drive: Drive, bundle: str) -> str:
    return (
        "<h1>Where to look next, live</h1>"
        f'<p class="lead">A simulated robot in {escape(drive.map_name)}, the encoder with bundle '
        f"{escape(bundle)}, and the view selector with policy {escape(drive.policy)}: three "
        "processes over ROS 2. At each stop the encoder predicts the view after every candidate "
        "motion, the selector takes the one that is worth most, and the robot makes it under "
        "odometry feedback.</p>"
    )


def _figures(drive: Drive) -> str:
    counts = drive.outcomes()
    asked, made = drive.asked_and_made()
    off = float(np.linalg.norm((asked - made)[:, :2], axis=1).mean()) if len(asked) else 0.0
    shown = [
        (f"{len(drive.moves)}", f"motions, {counts['reached']} of them reached"),
        (f"{drive.distance_m:.1f} m", "driven"),
        (f"{drive.places} m²", "different square metres passed through"),
        (f"{counts['blocked']}", "blocked motions"),
        (f"{100 * off:.0f} cm", "between motion asked and made, mean"),
    ]
    cells = "".join(
        f'<div class="figure"><div class="big">{value}</div><p>{text}</p></div>'
        for value, text in shown
    )
    return f'<section><div class="figures">{cells}</div></section>'


def _path_and_film(drive: Drive, frames: bool) -> str:
    film = film_strip(drive) if frames and drive.pictures else ""
    shown = _shown_times(drive) if film else np.zeros(0, np.int64)
    follows = ", the red dot is the robot in the film" if film else ""
    legend = time_legend("start", "end")
    return (
        '<section><h2>The path</h2><div class="two">'
        f'<div class="plot">{plan(drive, shown, FRAME_S)}{legend}<p class="soft">From above; grey '
        "lines are walls, "
        f"blue dots decisions{follows}.</p></div><div>{film}</div></div></section>"
    )


def _shown_times(drive: Drive) -> Stamps:
    """Stamps (F,) of the film's frames."""
    indices = evenly(len(drive.pictures), FILM_FRAMES)
    return np.array([drive.pictures[i][0] for i in indices], dtype=np.int64)


def film_strip(drive: Drive) -> str:
    """The film: one image of all frames side by side, moved by the style sheet."""
    indices = evenly(len(drive.pictures), FILM_FRAMES)
    height = FILM_WIDTH * 3 // 4
    strip: Image = np.concatenate(
        [
            np.asarray(cv2.resize(drive.pictures[i][1], (FILM_WIDTH, height)), dtype=np.uint8)
            for i in indices
        ],
        axis=1,
    )
    count = len(indices)
    # From the first frame's left edge to the last one's: count - 1 jumps, and one to stay.
    rule = "@keyframes film{to{background-position:100% 0}}"
    seconds = count * FRAME_S
    style = (
        f"background-image:url({data_uri(strip)});"
        f"animation:film {seconds:g}s steps({count},jump-none) infinite"
    )
    return (
        f"<style>{rule}</style>"
        f'<div class="film" role="img" aria-label="what the camera saw, {count} frames" '
        f'style="{style}"></div>'
    )


def _choices(drive: Drive, frames: bool) -> str:
    rows = []
    for i in evenly(len(drive.choices), EXAMPLES):
        choice = drive.choices[i]
        motions = motions_from_transforms(choice.motions)
        scores = np.array(choice.score, dtype=np.float64)
        picture = ""
        if frames and drive.pictures:
            stamps = np.array([p[0] for p in drive.pictures], dtype=np.int64)
            nearest = int(np.abs(stamps - stamp_ns(choice.header)).argmin())
            picture = figure(data_uri(drive.pictures[nearest][1]), "", alt="the view")
        rows.append(
            f'<div class="choice"><div>{picture}</div>'
            f"<div>{candidates_plot(motions, scores, choice.chosen)}</div>"
            f"<p>Decision {i + 1}: {escape(describe_motion(motions[choice.chosen]))}, score "
            f"{scores[choice.chosen]:.2f}; the worst of {len(scores)} scores {scores.min():.2f}. "
            f"{_outcome(drive, choice)}</p></div>"
        )
    return (
        "<section><h2>Some choices</h2><p>Evenly spaced, not chosen by how they came out. Arrows "
        "are the poses after each candidate motion, seen from above, forward is up; red is worst, "
        "green best, the thick one was made. "
        f"{MEANING.get(drive.policy, '')}</p>{''.join(rows)}</section>"
    )


def _outcome(drive: Drive, choice: Any) -> str:
    """How the motion of a choice ended: the first that ended after it."""
    later = [m for m in drive.moves if stamp_ns(m.header) > stamp_ns(choice.header)]
    if not later:
        return ""
    made = motions_from_transforms([later[0].made])[0]
    return f"Made: {escape(describe_motion(made))}."


def candidates_plot(motions: Array, scores: Array, chosen: int) -> str:
    """Candidate motions (M, 6) from above, coloured by score (M,)."""
    size = 160
    reach = max(float(np.abs(motions[:, :2]).max()), 0.3)
    scale = 0.32 * size / reach
    finite = np.isfinite(scores)
    low, high = (scores[finite].min(), scores[finite].max()) if finite.any() else (0.0, 0.0)
    arrows = ""
    for i, motion in enumerate(motions):
        share = 0.5 if not high > low else float(np.clip((scores[i] - low) / (high - low), 0, 1))
        x, y = size / 2 - motion[1] * scale, 0.6 * size - motion[0] * scale
        turn, width = -np.rad2deg(motion[5]), 4 if i == chosen else 1.6
        colour = f"hsl({120 * share:.0f} 75% 45%)"
        arrows += (
            f'<g transform="translate({x:.1f} {y:.1f}) rotate({turn:.1f})" stroke="{colour}" '
            f'stroke-width="{width}" fill="none"><path d="M0 0V-22M-5 -15L0 -22L5 -15"/></g>'
        )
    body = f'<circle class="before" cx="{size / 2}" cy="{0.6 * size}" r="5"/>'
    return svg(size, size, f"{len(motions)} candidate motions", body + arrows)
