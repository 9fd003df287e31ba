"""Features of a frozen backbone, computed once a training and kept on disk in its run."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from slowfeat.files import writing
from slowfeat.ownership import Kind, built_beside, partial_of, remove
from slowfeat_trainer.console.terminal import progress_bar
from slowfeat_trainer.data.pairs import Index, Part
from slowfeat_trainer.device import distributed
from slowfeat_trainer.ingest.arrays import open_array
from slowfeat_trainer.models.backbones.feature_graph import BATCH, FeatureGraph

FOLDER = "features"
PLAIN, MIRRORED = "plain.npy", "mirrored.npy"
# One folder of arrays; older ones have a mark beside each array.
FEATURES = Kind("features of a backbone", ("*/", "*/*.npy", "*/*.npy.done"), lambda _: True)
# More bytes than this are not kept: features are then computed batch by batch, again and again.
MOST_BYTES = 16 * 2**30

Half = npt.NDArray[np.float16]


class FeatureBank:
    """Features of the frames of a part, as they are and as a mirror shows them."""

    def __init__(self, graph: FeatureGraph, part: Part, mirror: bool, run: Path | None) -> None:
        """
        Args:
            graph: of the backbone.
            part: whose frames.
            mirror: whether mirrored ones are wanted too.
            run: folder to keep them in; None keeps none, as does a part too large.
        """
        self._graph, self._part = graph, part
        size = len(part) * graph.layout.length * 2 * (2 if mirror else 1)
        self._kept: list[Half] = []
        if run is not None and size <= MOST_BYTES:
            folder = run / FOLDER / key_of(graph, part)
            wanted = [PLAIN, MIRRORED] if mirror else [PLAIN]
            distributed.on_first(lambda: self._compute(folder, wanted))
            self._kept = [open_array(folder / name) for name in wanted]

    def get(self, index: Index, mirrored: npt.NDArray[np.bool_]) -> Tensor:
        """Features (n, F) float32 of frames (n,), those that a mask (n,) names as in a mirror."""
        if not self._kept:
            images = self._part.frames[index]
            images[mirrored] = images[mirrored][:, :, ::-1]
            return torch.from_numpy(self._graph(images))
        found = np.empty((len(index), self._graph.layout.length), np.float16)
        for kept, chosen in zip(self._kept, (~mirrored, mirrored), strict=False):
            found[chosen] = kept[index[chosen]]
        return torch.from_numpy(found).float()

    def _compute(self, folder: Path, wanted: list[str]) -> None:
        if all(self._is_whole(folder / name) for name in wanted):
            return
        # Of another part, or of another backbone: nobody asks for them any more.
        for left in folder.parent.parent.glob(partial_of(FOLDER)):  # of a killed training
            remove(left, FEATURES)
        with built_beside(folder.parent, FEATURES) as new:
            (new / folder.name).mkdir()
            with progress_bar(len(wanted) * len(self._part), "features", "image") as bar:
                for name in wanted:
                    self._write(new / folder.name / name, name == MIRRORED, bar.update)

    def _is_whole(self, file: Path) -> bool:
        try:
            kept = open_array(file)
        except (OSError, ValueError):
            return False
        return kept.dtype == np.float16 and kept.shape == self._shape

    @property
    def _shape(self) -> tuple[int, int]:
        return len(self._part), self._graph.layout.length

    def _write(self, file: Path, mirror: bool, show: Callable[[int], object]) -> None:
        header = {"descr": "<f2", "fortran_order": False, "shape": self._shape}
        # Block by block: through a memory map, a disk that is full would end the program.
        with writing(file.parents[2] / FOLDER), file.open("wb") as stream:
            np.lib.format.write_array_header_1_0(stream, header)
            for start in range(0, len(self._part), BATCH):
                images = self._part.frames[start : start + BATCH]
                found = self._graph(images[:, :, ::-1] if mirror else images)
                rows = np.empty((len(images), self._shape[1]), "<f2")
                rows[:] = np.clip(found, -6e4, 6e4)
                stream.write(rows.tobytes())
                show(len(images))


def key_of(graph: FeatureGraph, part: Part) -> str:
    """What features depend on: the backbone's weights, its input, and which frames they are of."""
    digest = hashlib.sha256()
    digest.update(graph.identity.sha256.encode())
    digest.update(repr((graph.image_size, graph.layout, part.frames.shape)).encode())
    for array in (part.stamps, part.source):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:16]
