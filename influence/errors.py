"""The errors that the package raises on purpose.

Each says what is wrong and what to do next. The command line turns any :class:`InfluenceError`
into one message and the exit status that its class carries.
"""

from __future__ import annotations

__all__ = ["DataError", "InfluenceError", "LeakError", "UsageError"]


class InfluenceError(Exception):
    """Base of every error raised on purpose; ``exit_status`` is what the command line ends with."""

    exit_status = 1


class UsageError(InfluenceError, ValueError):
    """An option, setting or argument that cannot be used."""

    exit_status = 2


class DataError(InfluenceError, ValueError):
    """Input that cannot be used; the message names file, row, column and value."""

    exit_status = 3


class LeakError(InfluenceError, AssertionError):
    """Something that was computed for a cut read an event at or after that cut."""
