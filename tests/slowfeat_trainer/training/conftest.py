"""Two short drives with labels, and what a training of a few steps learns from."""

from tests.helpers.labelled_drives import bags, labels
from tests.helpers.short_trainings import data

__all__ = ["bags", "data", "labels"]
