"""Salesforce's errors in words that say what to do."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import requests
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceError,
    SalesforceExpiredSession,
    SalesforceOperationError,
)

from influence.errors import InfluenceError

__all__ = ["Lost", "is_limit", "told", "words"]

_LIMITS = ("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit", "ApiBatchItems Limit", "EXCEEDEDQUOTA")


class Lost(Exception):
    """The data of a job may not have got there whole.

    Attributes
    ----------
    cause : Exception
    """

    def __init__(self, cause: Exception) -> None:
        super().__init__("data of a job got lost")
        self.cause = cause


def words(content: Any) -> str:
    """Return codes and messages of an answer."""
    if isinstance(content, bytes):
        content = content.decode("utf-8", errors="replace")
    if isinstance(content, list):
        return "; ".join(words(one) for one in content)
    if isinstance(content, dict):
        return ": ".join(str(content[name]) for name in ("errorCode", "message") if content.get(name))
    return str(content or "no words")


def is_limit(error: SalesforceError) -> bool:
    """Return whether what may be asked in a day is used up."""
    return any(mark in words(error.content) for mark in _LIMITS)


@contextlib.contextmanager
def told(hide: Callable[[str], str], so_far: str = "") -> Iterator[None]:
    """Turn errors of the client into our own, without secrets.

    Parameters
    ----------
    hide : callable
        Takes secrets out of Salesforce's words.
    so_far : str
        What did arrive before.
    """
    try:
        yield
    except SalesforceAuthenticationFailed as error:
        said = hide(f"{error.code}: {error.auth_message}")
        raise InfluenceError(
            f"Salesforce does not accept the login ({said}); see the SALESFORCE_… variables in the environment"
        ) from None
    except SalesforceExpiredSession as error:
        said = hide(words(error.content))
        raise InfluenceError(
            f"Salesforce does not accept the session ({said}){so_far}; give a new SALESFORCE_ACCESS_TOKEN, or log in "
            "otherwise, and run it again"
        ) from None
    except SalesforceError as error:
        said = hide(f"{error.status}: {words(error.content)}")
        if is_limit(error):
            raise InfluenceError(
                f"Salesforce takes no more today ({said}){so_far}; run it again tomorrow: it goes on from there"
            ) from None
        if error.status == 403:
            raise InfluenceError(
                f"Salesforce forbids it ({said}){so_far}; the user needs the permission API Enabled, and read, create "
                "and edit of the object and its fields"
            ) from None
        later = "; run it again to go on from there" if error.status == 429 or error.status >= 500 else ""
        raise InfluenceError(f"Salesforce refuses ({said}){so_far}{later}") from None
    except (requests.RequestException, SalesforceOperationError) as error:
        said = hide(str(error))
        raise InfluenceError(
            f"Salesforce cannot be reached ({type(error).__name__}: {said}){so_far}; run it again to go on from there"
        ) from None
