"""How a run tells of itself, and how moments are written."""

from __future__ import annotations

import datetime as dt
import re
import time
from collections.abc import Callable

from influence.errors import UsageError

__all__ = ["Stages", "parse_moment"]


class Stages:
    """Time the stages of a run, and tell whoever wants to know that one begins.

    Parameters
    ----------
    tell : callable, optional
        Called with the name of each stage as it begins.
    """

    def __init__(self, tell: Callable[[str], None] | None = None) -> None:
        self.seconds: dict[str, float] = {}
        self._tell = tell
        self._running: tuple[str, float] | None = None

    def begin(self, name: str) -> None:
        """End the running stage and begin another."""
        self.end()
        if self._tell is not None:
            self._tell(name)
        self._running = (name, time.perf_counter())

    def end(self) -> None:
        """End the running stage."""
        if self._running is not None:
            name, began = self._running
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - began
            self._running = None


_DAY = re.compile(r"\d{4}-?(\d{2}-?\d{2}|W\d{2}(-?\d)?)")


def parse_moment(text: str, *, end_of_day: bool) -> int:
    """Return an ISO date or date-time as microseconds since 1970 in UTC.

    A date alone is the beginning of that day, or with ``end_of_day`` its last microsecond. A date-time without an
    offset is in UTC.

    Raises
    ------
    UsageError
        The text is no ISO date.

    Examples
    --------
    >>> parse_moment("1970-01-02", end_of_day=False)
    86400000000
    """
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no ISO date; write it as 2006-01-01 or 2006-01-01T12:00:00") from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    if end_of_day and _DAY.fullmatch(text):
        moment += dt.timedelta(days=1) - dt.timedelta(microseconds=1)
    return (moment - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1)
