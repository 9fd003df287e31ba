"""The errors that a user of slowfeat can meet.

Every message is one line that says what is wrong, where, and what to do.
"""

from __future__ import annotations


class SlowfeatError(Exception):
    """The work failed; the program ends with exit code 1."""

    exit_code = 1


class UsageError(SlowfeatError):
    """What was asked for makes no sense (a wrong flag, a missing path); exit code 2."""

    exit_code = 2


class MachineError(SlowfeatError):
    """The machine refuses (a full disk, no memory, no permission):
    nothing is wrong with the data.
    """


class BagError(SlowfeatError):
    """A bag cannot be read, or holds nothing that can be used."""


class BundleError(SlowfeatError):
    """A bundle is incomplete, changed, of a newer schema or otherwise not to be trusted."""


class ImageError(SlowfeatError):
    """An image message cannot be decoded."""


class MotionError(SlowfeatError):
    """A motion is not a finite 6-vector."""


class MessageError(SlowfeatError):
    """The bytes of a message contradict its type."""
