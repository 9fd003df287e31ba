"""A short drive, and a method that has learned a little from it."""

from tests.helpers.starter_fixtures import data, donor, recording

__all__ = ["data", "donor", "recording"]
