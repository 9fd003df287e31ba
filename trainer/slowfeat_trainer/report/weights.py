"""What the first layer looks for: dictionaries with their pools (G fig.
2, 5), or first-layer filters.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from slowfeat.geometry import Array
from slowfeat_trainer.methods import method_of
from slowfeat_trainer.models.autoencoder import PoolingAutoencoder
from slowfeat_trainer.page.filters import filters_drawing
from slowfeat_trainer.report.rebuild import stages
from slowfeat_trainer.report.report_data import ReportData

# More filters than this cannot be distinguished.
MOST = 64


def weights_section(subjects: Sequence[ReportData]) -> str:
    """The filters of each run side by side."""
    parts, about = [], ""
    for subject in subjects:
        drawn = _dictionary(subject)
        if drawn:
            about = (
                " In a dictionary the filters of one frame are pooled together: after training on "
                "slowness they look for the same thing at slightly different places or angles."
            )
        drawn = drawn or _filters(subject)
        if drawn:
            parts.append(f"<div>{subject.heading}{drawn}</div>")
    if not parts:
        return ""
    return (
        "<h2>What the first layer looks for</h2><p>Grey is zero, and each filter has its own scale."
        f'{about}</p><div class="two">{"".join(parts)}</div>'
    )


def dictionary_of(subject: ReportData) -> tuple[Array, list[list[int]]] | None:
    """Columns (K, 3, h, w) of the first layer's decoder and the members of each
    pool; None for other methods.
    """
    if subject.config is None or not method_of(subject.config).has_dictionary:
        return None
    columns = members = None
    # `stages` loads one checkpoint after another into a method of its own; the last one counts.
    for _, encoder in stages(subject):
        layer = getattr(encoder, "network", encoder)
        first = getattr(layer.inputs, "first", layer)
        if isinstance(first, PoolingAutoencoder):
            columns = first.decoder.weight.detach().numpy().transpose(1, 0, 2, 3).copy()
            members = first.pool.members.numpy()
    if columns is None or members is None:
        return None
    return columns, [np.flatnonzero(row).tolist() for row in members]


def _dictionary(subject: ReportData) -> str:
    found = dictionary_of(subject)
    if found is None:
        return ""
    columns, pools = found
    drawn = filters_drawing(columns, pools, 4, "dictionary, pool by pool")
    return (
        f"{drawn}<p class='soft'>{len(columns)} columns of the decoder, on whitened pixels, in "
        f"{len(pools)} pools.</p>"
    )


def first_filters(model: bytes) -> Array | None:
    """Weights (K, 1 or 3, h, w) of the first convolution of an ONNX encoder that
    sees an image; None without.
    """
    import onnx
    from onnx import numpy_helper

    graph = onnx.load_from_string(model).graph
    weights = {tensor.name: tensor for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type == "Conv" and node.input[1] in weights:
            kernel = np.asarray(numpy_helper.to_array(weights[node.input[1]]), np.float64)
            if kernel.ndim == 4 and kernel.shape[1] in (1, 3) and min(kernel.shape[2:]) > 1:
                return kernel
    return None


def _filters(subject: ReportData) -> str:
    kernels = first_filters(subject.encoder.bundle.encoder)
    if kernels is None:
        return ""
    shown = kernels[:MOST]
    drawn = filters_drawing(shown, [[k] for k in range(len(shown))], 8, "first-layer filters")
    height, width = kernels.shape[2:]
    return (
        f"{drawn}<p class='soft'>{len(shown)} of {len(kernels)} filters of {width}x{height} "
        "pixels.</p>"
    )
