"""zca: what whitening does to frames that it was not fitted to
(Goroshin et al. 2015, section 5).
"""

from __future__ import annotations

import numpy as np

from slowfeat.geometry import Array
from slowfeat_papers.goroshin.encoders import SIZE, drives_of, pixels, zca_pixels
from slowfeat_papers.material.part import Bench, Finding, Result, Table
from slowfeat_trainer.metrics.equivariance import Matrix


def neighbour_correlation(x: Matrix, shape: tuple[int, int, int]) -> float:
    """Mean correlation of a pixel with the one to its right, over frames (N, P) of shape (h, w,
    channels).

    1 is an image of columns that are all alike, 0 uncorrelated noise; a pixel that never varies
    counts 0.
    """
    z = np.asarray(x, np.float64).reshape(len(x), *shape)
    z = z - z.mean(axis=0)
    left, right = z[:, :, :-1], z[:, :, 1:]
    scale = np.sqrt((left**2).sum(axis=0) * (right**2).sum(axis=0))
    together = (left * right).sum(axis=0)
    found: Array = np.where(scale > 1e-12, together / np.where(scale > 1e-12, scale, 1.0), 0.0)
    return float(found.mean())


def run(bench: Bench) -> Result:
    """Correlation of neighbouring pixels and the share of the leading
    directions, before and after.
    """
    drives = drives_of(bench)
    whiten = zca_pixels(drives.train_part)
    rows, figures = [], {}
    for name, part in {"learned from": drives.train_part, **drives.held_out}.items():
        raw = pixels(part.frames)
        # Whitened pixels come channel by channel.
        channels = whiten(part.frames).reshape(len(part), 3, *SIZE)
        white = channels.transpose(0, 2, 3, 1).reshape(len(part), -1)
        before, after = (neighbour_correlation(x, (*SIZE, 3)) for x in (raw, white))
        same = float(
            np.mean([np.corrcoef(a, b)[0, 1] for a, b in zip(raw[::20], white[::20], strict=True)])
        )
        figures[name] = (before, after, same)
        rows.append([name, f"{before:.2f}", f"{after:.2f}", f"{same:.2f}"])
    fitted, held = figures["learned from"], figures["held-out maps"]
    return Result(
        findings=[
            Finding(
                "G15",
                f"Neighbouring pixels correlate by {fitted[0]:.2f}, whitened by {fitted[1]:.2f} "
                "where it was fitted (the paper whitens its whole set at once) and by "
                f"{held[1]:.2f} on held-out maps ({held[0]:.2f} before); a whitened image still "
                f"correlates with its own pixels by {held[2]:.2f}.",
                abs(fitted[1]) < 0.3 * abs(fitted[0]),
            )
        ],
        tables=[
            Table(
                "ZCA whitening, fitted to the frames that are learned from",
                [
                    "frames",
                    "correlation of neighbouring pixels",
                    "the same, whitened",
                    "of an image with itself, whitened",
                ],
                rows,
            )
        ],
        notes=["A code of zeros or of noise would have no correlation with its image."],
    )
