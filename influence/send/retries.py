"""Requests that are made again."""

from __future__ import annotations

from collections.abc import Collection
from types import TracebackType
from typing import TYPE_CHECKING

from urllib3.exceptions import InvalidHeader, MaxRetryError, ResponseError
from urllib3.util.retry import Retry

from influence.send.pace import Pace

if TYPE_CHECKING:
    from urllib3.connectionpool import ConnectionPool
    from urllib3.response import BaseHTTPResponse

__all__ = ["PatientRetry", "retries"]


class PatientRetry(Retry):
    """Waits as long as the server asks for, unless that is longer than ``backoff_max``: then the answer stands."""

    def get_retry_after(self, response: BaseHTTPResponse) -> float | None:
        """Return the seconds that the server asks for; None if it does not, or not in a way that can be read."""
        try:
            return super().get_retry_after(response)
        except InvalidHeader:
            return None

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: BaseHTTPResponse | None = None,
        error: Exception | None = None,
        _pool: ConnectionPool | None = None,
        _stacktrace: TracebackType | None = None,
    ) -> PatientRetry:
        """Return what is left of the tries."""
        if response is not None and (self.get_retry_after(response) or 0.0) > self.backoff_max:
            raise MaxRetryError(_pool, url or "", ResponseError("asked to wait too long"))  # type: ignore[arg-type]
        return super().increment(method, url, response, error, _pool, _stacktrace)


def retries(pace: Pace, statuses: Collection[int], methods: Collection[str] | None = None) -> PatientRetry:
    """Return how often and after what waits a request is made again.

    When tries run out over answers, the last answer stands, so that its words can be told.

    Parameters
    ----------
    methods : collection of str, optional
        None stands for all; for requests that may be made twice.
    """
    return PatientRetry(
        total=pace.tries,
        allowed_methods=methods,
        status_forcelist=statuses,
        backoff_factor=pace.backoff / 2,
        backoff_max=pace.longest,
        backoff_jitter=pace.backoff / 4,
        raise_on_status=False,
    )
