"""How long sending waits for what."""

from __future__ import annotations

import dataclasses

__all__ = ["Pace"]


@dataclasses.dataclass(frozen=True)
class Pace:
    """Seconds, and a number of tries; together they bound every wait.

    Attributes
    ----------
    connect, read : float
        For a connection, and for each answer.
    tries : int
        How often a request is made again that was lost, or refused for being one too many.
    backoff : float
        The wait before the second retry; it doubles from one to the next.
    longest : float
        Of waits between tries; a server that asks for more is not waited for.
    poll, slowest_poll : float
        Between two questions how far a job is: at first, and after a while.
    patience : float
        For one job.
    """

    connect: float = 10.0
    read: float = 120.0
    tries: int = 6
    backoff: float = 1.0
    longest: float = 60.0
    poll: float = 1.0
    slowest_poll: float = 30.0
    patience: float = 7200.0
