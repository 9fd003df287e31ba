"""A short drive, a method that has learned a little from it, and labelled drives."""

from tests.helpers.labelled_drives import bags, labels
from tests.helpers.starter_fixtures import data, donor, recording, rehearsal, rehearsal_file

__all__ = ["bags", "data", "donor", "labels", "recording", "rehearsal", "rehearsal_file"]
