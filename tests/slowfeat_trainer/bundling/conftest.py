"""What a training of a few steps learns from."""

from tests.helpers.short_trainings import data

__all__ = ["data"]
