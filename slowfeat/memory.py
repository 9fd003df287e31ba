"""A labelled memory: embeddings of views and what they show, in a folder beside the bundle that
made them.

    embeddings.npy   float32 (N, D)
    memory.json      the bundle's name and hash, the classes, the class and the source of each view

Embeddings of two bundles cannot be compared, so a memory is used only with the encoder it was made
by. Written to a temporary folder and renamed: a half-written memory does not exist. Nothing is
unpickled.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from slowfeat.bundle import ENCODER, sha256
from slowfeat.bundle_info import BundleInfo
from slowfeat.errors import SlowfeatError, UsageError
from slowfeat.files import write_whole
from slowfeat.labelled_views import Labelled
from slowfeat.ownership import Kind, built_beside, check_free, partial_of

SCHEMA_VERSION = 1
EMBEDDINGS, INFO = "embeddings.npy", "memory.json"


def _is_ours(folder: Path) -> bool:
    """Whether memory.json is one; where it is damaged, whether it lies beside embeddings."""
    try:
        about = json.loads((folder / INFO).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return False
    except (OSError, ValueError, RecursionError):
        return (folder / EMBEDDINGS).is_file()
    return isinstance(about, dict) and {"encoder_sha256", "embeddings_sha256"} <= set(about)


_FILES = (EMBEDDINGS, INFO)
# What --overwrite may replace where a memory is written.
MEMORY_FOLDER = Kind("a labelled memory", (*_FILES, *map(partial_of, _FILES)), _is_ours)


class MemoryFileError(SlowfeatError):
    """A labelled memory is incomplete, changed, of a newer schema, or of another bundle."""


@dataclass(frozen=True)
class Memory:
    """Labelled views."""

    # Name of the bundle and SHA-256 of its encoder.onnx.
    bundle: str
    encoder_sha256: str
    # (N, D) float32.
    embeddings: npt.NDArray[np.float32]
    # Names of the classes, and the number of the class (N,) of each view.
    names: list[str]
    classes: npt.NDArray[np.int64]
    # Where each view is from: an image's path in its folder, or a bag's name and a stamp.
    sources: list[str]

    def labelled(self) -> Labelled:
        """As the policies take it.

        Raises:
            UsageError: it is empty.
        """
        return Labelled(self.embeddings.astype(np.float64), self.classes, len(self.names))

    def check_bundle(self, info: BundleInfo, where: str) -> None:
        """Refuse a bundle whose encoder did not make this memory; `where` names the memory.

        Raises:
            MemoryFileError: naming both bundles.
        """
        if self.encoder_sha256 != info.sha256.get(ENCODER):
            raise MemoryFileError(
                f"{where} was made with bundle {self.bundle} (encoder "
                f"{self.encoder_sha256[:12]}), the one in use is {info.name} (encoder "
                f"{info.sha256.get(ENCODER, '')[:12]}): their embeddings cannot be compared; make "
                "it again with slowfeat remember"
            )


def make_memory(
    info: BundleInfo,
    embeddings: Sequence[npt.NDArray[np.float32]],
    labels: Sequence[str],
    sources: Sequence[str],
) -> Memory:
    """A memory of views (N of (D,)), the label and the source of each."""
    names = sorted(set(labels))
    number = {name: i for i, name in enumerate(names)}
    return Memory(
        bundle=info.name,
        encoder_sha256=info.sha256[ENCODER],
        embeddings=np.asarray(embeddings, np.float32).reshape(len(labels), info.dimension),
        names=names,
        classes=np.array([number[label] for label in labels], dtype=np.int64),
        sources=list(sources),
    )


def write_memory(
    path: Path,
    memory: Memory,
    overwrite: bool = False,
    inputs: Iterable[str | os.PathLike[str]] = (),
) -> None:
    """Write a memory whole or not at all.

    Raises:
        UsageError: something stands at `path` that is no memory, or may not be replaced.
        MachineError: the disk refuses.
    """
    inputs = list(inputs)
    check_free(path, MEMORY_FOLDER, overwrite, inputs)
    buffer = io.BytesIO()
    np.save(buffer, memory.embeddings, allow_pickle=False)
    text = {
        "schema_version": SCHEMA_VERSION,
        "bundle": memory.bundle,
        "encoder_sha256": memory.encoder_sha256,
        "embeddings_sha256": sha256(buffer.getvalue()),
        "names": memory.names,
        "classes": memory.classes.tolist(),
        "sources": memory.sources,
    }
    with built_beside(path, MEMORY_FOLDER, inputs) as folder:
        write_whole(folder / EMBEDDINGS, buffer.getvalue())
        write_whole(folder / INFO, json.dumps(text, indent=1) + "\n")


def load_memory(path: str | os.PathLike[str]) -> Memory:
    """Read and check a memory.

    Raises:
        UsageError: the path names none.
        MemoryFileError: it is damaged, or of a newer schema.
    """
    folder = Path(path).expanduser()
    if not (folder / INFO).is_file():
        raise UsageError(f"{folder} holds no labelled memory ({INFO}); slowfeat remember makes one")
    try:
        text = json.loads((folder / INFO).read_text(encoding="utf-8"))
        data = (folder / EMBEDDINGS).read_bytes()
    except (OSError, ValueError) as error:
        raise MemoryFileError(f"{folder} cannot be read: {error}") from error
    try:
        return _checked(text, data)
    except MemoryFileError as error:
        raise MemoryFileError(f"{folder}: {error}") from error
    except (KeyError, TypeError, ValueError, EOFError) as error:
        raise MemoryFileError(
            f"{folder}: {INFO} and {EMBEDDINGS} are not what slowfeat remember writes ({error!r})"
        ) from error


def _checked(text: Any, data: bytes) -> Memory:
    version = text["schema_version"]
    if version > SCHEMA_VERSION:
        raise MemoryFileError(
            f"schema version {version}, this slowfeat reads up to {SCHEMA_VERSION}; update slowfeat"
        )
    if sha256(data) != text["embeddings_sha256"]:
        raise MemoryFileError(f"{EMBEDDINGS} was changed since it was written; make it again")
    embeddings = np.load(io.BytesIO(data), allow_pickle=False)
    classes = np.array(text["classes"], dtype=np.int64)
    memory = Memory(
        bundle=str(text["bundle"]),
        encoder_sha256=str(text["encoder_sha256"]),
        embeddings=embeddings,
        names=[str(name) for name in text["names"]],
        classes=classes,
        sources=[str(source) for source in text["sources"]],
    )
    count = len(classes)
    if embeddings.ndim != 2 or embeddings.dtype != np.float32 or len(embeddings) != count:
        raise MemoryFileError(
            f"{count} classes for embeddings {embeddings.dtype} {embeddings.shape}"
        )
    if not np.isfinite(embeddings).all():
        raise MemoryFileError("an embedding is not finite")
    if count and not 0 <= classes.min() <= classes.max() < len(memory.names):
        raise MemoryFileError("a class has no name")
    return memory
