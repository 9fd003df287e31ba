"""Addresses of an object store, and what answers for them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from slowfeat.errors import SlowfeatError, UsageError

_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(.*)", re.DOTALL)
# Those of this machine are paths, and are not copied.
_OF_THIS_MACHINE = ("file", "local")


def is_address(text: str) -> bool:
    """Whether a word of the command line is an address rather than a path."""
    return _ADDRESS.fullmatch(text) is not None


def path_of(address: str) -> Path | None:
    """The path of a file:// address; None for addresses of elsewhere."""
    found = _ADDRESS.fullmatch(address)
    if found is None or found[1].lower() not in _OF_THIS_MACHINE:
        return None
    return Path(unquote(found[2]))


def open_store(address: str) -> tuple[Any, str]:
    """The fsspec file system of an address, and the path in it.

    Raises:
        UsageError: fsspec, or the package that it needs for this kind of store, is not installed;
            or the kind is unknown.
    """
    try:
        import fsspec
    except ImportError as error:
        raise UsageError(
            f"{address} needs fsspec, which is not installed: pip install 'slowfeat[cloud]'"
        ) from error
    with answering(address):
        try:
            store, path = fsspec.core.url_to_fs(address)
        except ImportError as error:
            # fsspec's own words name the package: "Install s3fs to access S3".
            raise UsageError(f"{address} cannot be opened: {error}") from error
        except ValueError as error:
            raise UsageError(
                f"{address} cannot be opened: {error}; give a path, or an address that fsspec "
                "knows (s3://, gs://, az://, ...)"
            ) from error
        # What was listed earlier in this process may have changed.
        store.invalidate_cache()
        return store, str(path).rstrip("/")


@contextmanager
def answering(address: str) -> Iterator[None]:
    """A block that asks the store: whatever goes wrong there becomes one line.

    Raises:
        SlowfeatError: instead of any other error, naming the address.
    """
    try:
        yield
    except SlowfeatError:
        raise
    except FileNotFoundError as error:
        raise UsageError(
            f"{address} does not exist in its store; look for a wrong letter"
        ) from error
    except Exception as error:  # every kind of store has errors of its own
        said = " ".join(str(error).split()) or "no message"
        raise SlowfeatError(
            f"{address}: the store refused: {type(error).__name__}: {said[:300]}; check "
            "the address, the credentials (those of the store's own tools) and the network; the "
            "same command continues"
        ) from error
