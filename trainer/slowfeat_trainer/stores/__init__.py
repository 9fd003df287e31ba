"""Bags and datasets that lie in an object store: s3://, gs://, az:// and whatever else fsspec
knows.

A bag is read where it lies on disk, so what is named by an address is fetched first, whole, into a
cache that is used again while the store still holds the same. A dataset goes the other way: made
here, sent whole at the end.
"""

from slowfeat_trainer.stores.addresses import is_address
from slowfeat_trainer.stores.fetching import fetch, local_path, local_paths
from slowfeat_trainer.stores.sending import DatasetInStore

__all__ = ["DatasetInStore", "fetch", "is_address", "local_path", "local_paths"]
