"""The bundle: the one folder that travels from the trainer to the robot.

    encoder.onnx    image uint8 [N, H, W, 3] RGB -> embedding float32 [N, D]
    transform.onnx  embedding float32 [N, D], motion float32 [N, 6] -> embedding_after float32 [N, D],
                    expected_error float32 [N]
    bundle.json     everything about them (`slowfeat.bundle_info`)

A bundle is written to a temporary folder and renamed, so a half-written one does not exist, and is
checked when it is loaded: schema, hashes, self-containedness; shapes are checked by the encoder.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from slowfeat.bundle_info import BundleInfo, info_from_dict, info_to_dict
from slowfeat.errors import BundleError, UsageError

ENCODER, TRANSFORM, INFO = "encoder.onnx", "transform.onnx", "bundle.json"
# A tensor stored outside the file has an entry whose key (field 1) is "location" (8 bytes).
_EXTERNAL_TENSOR = b"\x0a\x08location\x12"


@dataclass(frozen=True)
class Bundle:
    """A bundle whose files have been read and checked; holds them, so that later changes do no harm."""

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
    try:
        text = json.loads((folder / INFO).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BundleError(f"{folder / INFO} cannot be read: {error}") from error
    info = info_from_dict(text, str(folder / INFO))
    encoder = _read_checked(folder / ENCODER, info.sha256[ENCODER])
    transform = _read_checked(folder / TRANSFORM, info.sha256[TRANSFORM])
    return Bundle(folder, info, encoder, transform)


def _read_checked(file: Path, expected: str) -> bytes:
    try:
        data = file.read_bytes()
    except OSError as error:
        raise BundleError(
            f"{file} cannot be read ({error.strerror}); copy the bundle again"
        ) from error
    if sha256(data) != expected:
        raise BundleError(
            f"{file} was changed since the bundle was written (sha256 differs); copy it again"
        )
    _refuse_external_data(data, file)
    return data


def _refuse_external_data(data: bytes, file: Path | str) -> None:
    if _EXTERNAL_TENSOR in data:
        raise BundleError(
            f"{file} keeps weights in another file; export it with external_data=False, "
            "a bundle's models are self-contained"
        )


def write_bundle(
    path: str | os.PathLike[str],
    info: BundleInfo,
    encoder: bytes,
    transform: bytes,
    overwrite: bool = False,
) -> Bundle:
    """Write a bundle whole or not at all; the hashes in `info` are filled in here.

    Raises:
        UsageError: something stands at `path` already and `overwrite` is False.
        BundleError: what is to be written would be refused by `load_bundle`.
    """
    target = Path(path)
    if target.exists() and not overwrite:
        raise UsageError(f"{target} exists already; choose another folder or say --overwrite")
    info.sha256 = {ENCODER: sha256(encoder), TRANSFORM: sha256(transform)}
    for name, data in ((ENCODER, encoder), (TRANSFORM, transform)):
        _refuse_external_data(data, name)
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        folder.chmod(0o755)  # mkdtemp makes it private; a bundle is for others to read
        (folder / ENCODER).write_bytes(encoder)
        (folder / TRANSFORM).write_bytes(transform)
        text = json.dumps(info_to_dict(info), indent=2, allow_nan=False)
        (folder / INFO).write_text(text + "\n", encoding="utf-8")
        load_bundle(folder)
        _put_in_place(folder, target)
    except ValueError as error:
        raise BundleError(f"bundle.json would hold a number that is not finite: {error}") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return load_bundle(target)


def _put_in_place(folder: Path, target: Path) -> None:
    """Rename `folder` to `target`; what stood there is moved aside first and removed after."""
    if not target.exists():
        folder.rename(target)
        return
    aside = Path(tempfile.mkdtemp(prefix=f".{target.name}.old.", dir=target.parent))
    target.rename(aside / "old")
    folder.rename(target)
    shutil.rmtree(aside, ignore_errors=True)
