"""A dataset that is made on this machine and belongs into a store."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from slowfeat.errors import SlowfeatError
from slowfeat.ownership import put_in_place, remove
from slowfeat_trainer.console.terminal import say
from slowfeat_trainer.ingest.dataset import (
    ARRAYS,
    BAGS,
    DATASET,
    DATASET_FOLDER,
    RECORDING,
    Dataset,
    bag_folder,
)
from slowfeat_trainer.stores.addresses import answering, open_store
from slowfeat_trainer.stores.cache import place_of
from slowfeat_trainer.stores.fetching import fetch


class DatasetInStore:
    """A dataset of a store, worked on in a folder of this machine.

    The folder stays until all of it is in the store, so an ingest that was stopped goes on.
    dataset.json is sent last: before, the store has the dataset that it had, or none.

    Args:
        address: of the dataset's folder in the store.

    Raises:
        UsageError: fsspec, or what it needs for this store, is not installed.
        SlowfeatError: the store cannot be read.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self._store, self._root = open_store(address)
        # Where to work.
        self.folder = place_of(address, "made")
        if not self.folder.exists() and self._listed() is not None:
            before = fetch(address)
            partial = self.folder.with_name(f".{self.folder.name}.partial")
            remove(partial, DATASET_FOLDER)
            # Nothing in a dataset is written into, so that names for the same bytes will do.
            shutil.copytree(before, partial, copy_function=_link)
            put_in_place(partial, self.folder, DATASET_FOLDER)

    def send(self, dataset: Dataset) -> None:
        """Bring what is new in a finished dataset into the store, and remove the folder.

        Raises:
            SlowfeatError: the store cannot be written, or another machine has added bags meanwhile.
        """
        listed = self._listed() or []
        have = {entry.folder for entry in dataset.entries}
        foreign = [name for name in listed if name not in have]
        if foreign:
            raise SlowfeatError(
                f"{self.address} has meanwhile received {foreign[0]} from elsewhere; remove "
                f"{self.folder} and ingest again, then this bag is stored"
            )
        new = [entry.folder for entry in dataset.entries if entry.folder not in listed]
        say(f"sending {len(new)} bags to {self.address}")
        for folder in new:
            for name in (*(f"{array}.npy" for array in ARRAYS), RECORDING):
                self._put(f"{BAGS}/{folder}/{name}")
        self._put(DATASET)
        remove(self.folder, DATASET_FOLDER)

    def _put(self, inner: str) -> None:
        remote, file = f"{self._root}/{inner}", self.folder / inner
        with answering(self.address):
            self._store.makedirs(remote.rpartition("/")[0], exist_ok=True)
            self._store.put_file(str(file), remote)
            if int(self._store.info(remote)["size"]) != file.stat().st_size:
                raise SlowfeatError(
                    f"{self.address}: {inner} did not arrive whole; the same command tries again"
                )

    def _listed(self) -> list[str] | None:
        """Folders of the bags that the store's dataset lists; None where it has none."""
        with answering(self.address):
            self._store.invalidate_cache()
            if not self._store.exists(f"{self._root}/{DATASET}"):
                return None
            state: dict[str, Any] = json.loads(self._store.cat_file(f"{self._root}/{DATASET}"))
            return [bag_folder(bag["name"], bag["sha256"]) for bag in state["bags"]]


def _link(source: str, target: str) -> None:
    Path(target).hardlink_to(source)
