"""The bundle: the one folder that travels from the trainer to the robot.

    encoder.onnx    image uint8 [N, H, W, 3] RGB -> embedding float32 [N, D]
    transform.onnx  embedding float32 [N, D], motion float32 [N, 6] ->
                    embedding_after float32 [N, D], expected_error float32 [N]
    bundle.json     everything about them (`slowfeat.bundle_info`)

A bundle is written to a folder beside and renamed, so a half-written one does not exist, and is
checked when it is loaded: schema, hashes, self-containedness; shapes are checked by the encoder.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from slowfeat.bundle_info import BundleInfo, info_from_dict, info_to_dict
from slowfeat.errors import BundleError, UsageError
from slowfeat.files import write_whole
from slowfeat.onnx_graph import GraphError, check_graph
from slowfeat.ownership import Kind, built_beside, check_free, partial_of
from slowfeat.schema import read_json

COPY = "copy the bundle again, or let slowfeat train or export write it again"
ENCODER, TRANSFORM, INFO = "encoder.onnx", "transform.onnx", "bundle.json"
# Of each model; larger ones do not run on a robot.
MOST_BYTES = 4 << 30


def _is_ours(folder: Path) -> bool:
    """Whether bundle.json is one; where it is damaged, whether both models lie beside it."""
    try:
        about = json.loads((folder / INFO).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return False
    except (OSError, ValueError, RecursionError):
        return (folder / ENCODER).is_file() and (folder / TRANSFORM).is_file()
    return isinstance(about, dict) and {"schema_version", "dimension", "sha256"} <= set(about)


_FILES = (ENCODER, TRANSFORM, INFO)
# What --overwrite may replace where a bundle is written.
BUNDLE_FOLDER = Kind("a bundle", (*_FILES, *map(partial_of, _FILES)), _is_ours)


@dataclass(frozen=True)
class Bundle:
    """A bundle whose files have been read and checked; holds them, so
    that later changes do no harm.
    """

    path: Path
    info: BundleInfo
    encoder: bytes
    transform: bytes


def sha256(data: bytes) -> str:
    """Hexadecimal SHA-256 of some bytes."""
    return hashlib.sha256(data).hexdigest()


def resolve_bundle_path(text: str | os.PathLike[str]) -> Path:
    """The bundle's folder of a path that names a bundle or a run that holds one.

    Raises:
        UsageError: there is no such folder, or no bundle in it.
    """
    path = Path(text).expanduser()
    for folder in (path, path / "bundle"):
        if (folder / INFO).is_file():
            return folder
    if not path.exists():
        raise UsageError(f"{path} does not exist; give the folder of a bundle or of a run")
    raise UsageError(
        f"{path} holds no bundle ({INFO} is missing); slowfeat train writes RUN/bundle"
    )


def load_bundle(path: str | os.PathLike[str]) -> Bundle:
    """Read and check a bundle (or the one in a run).

    Raises:
        UsageError: the path names no bundle.
        BundleError: a file is missing, changed, not self-contained, or the schema does not fit.
    """
    folder = resolve_bundle_path(path)
    text = read_json(folder / INFO, BundleError, COPY)
    info = info_from_dict(text, str(folder / INFO))
    encoder = _read_checked(folder / ENCODER, info.sha256[ENCODER])
    transform = _read_checked(folder / TRANSFORM, info.sha256[TRANSFORM])
    return Bundle(folder, info, encoder, transform)


def _read_checked(file: Path, expected: str) -> bytes:
    try:
        with file.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise BundleError(f"{file} cannot be read ({error.strerror}); {COPY}") from error
    if len(data) > MOST_BYTES:
        raise BundleError(f"{file} is larger than {MOST_BYTES >> 30} GB; {COPY}")
    if sha256(data) != expected:
        raise BundleError(
            f"{file} was changed since the bundle was written (sha256 differs); {COPY}"
        )
    _check_model(data, file)
    return data


def _check_model(data: bytes, file: Path | str) -> None:
    try:
        check_graph(data)
    except GraphError as error:
        raise BundleError(
            f"the model {file} {error}, which a bundle's models never do; do not run it, export "
            "it again"
        ) from error


def write_bundle(
    path: str | os.PathLike[str],
    info: BundleInfo,
    encoder: bytes,
    transform: bytes,
    overwrite: bool = False,
    inputs: Iterable[str | os.PathLike[str]] = (),
) -> Bundle:
    """Write a bundle whole or not at all; the hashes in `info` are filled in here.

    Args:
        path: folder of the bundle.
        info: of bundle.json.
        encoder: encoder.onnx.
        transform: transform.onnx.
        overwrite: replace a bundle that stands there.
        inputs: what the command reads, which is never replaced.

    Raises:
        UsageError: something stands at `path` already and `overwrite` is False, or it is no bundle.
        BundleError: what is to be written would be refused by `load_bundle`.
        MachineError: the disk refuses.
    """
    target = Path(path)
    check_free(target, BUNDLE_FOLDER, overwrite, inputs)
    info.sha256 = {ENCODER: sha256(encoder), TRANSFORM: sha256(transform)}
    for name, data in ((ENCODER, encoder), (TRANSFORM, transform)):
        _check_model(data, name)
    try:
        text = json.dumps(info_to_dict(info), indent=2, allow_nan=False)
    except ValueError as error:
        raise BundleError(f"bundle.json would hold a number that is not finite: {error}") from error
    with built_beside(target, BUNDLE_FOLDER, inputs) as folder:
        write_whole(folder / ENCODER, encoder)
        write_whole(folder / TRANSFORM, transform)
        write_whole(folder / INFO, text + "\n")
        load_bundle(folder)
    return load_bundle(target)
