"""Bring deliveries to CRMs, by their own clients, which are extras of the installation."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from influence.errors import UsageError
from influence.send.pace import Pace

if TYPE_CHECKING:
    from influence.export.delivery import Sender
    from influence.export.targets import Target

__all__ = ["SENDABLE", "Pace", "sender_for"]

#: Formats that can be sent; each is the name of its extra too.
SENDABLE = ("hubspot", "salesforce")


def sender_for(target: Target, environ: Mapping[str, str], *, pace: Pace | None = None) -> Sender:
    """Return who brings deliveries of a format to its CRM; nothing is asked of the CRM yet.

    Parameters
    ----------
    target : Target
    environ : Mapping
        Environment variables: the only place that credentials are taken from.
    pace : Pace, optional
        How long to wait for what.

    Raises
    ------
    UsageError
        The format is not one that can be sent, its client is not installed, or credentials are missing.
    """
    pace = pace or Pace()
    if target.form == "hubspot":
        with _extra("hubspot", "hubspot-api-client"):
            from influence.send.hubspot import HubSpotSender
        return HubSpotSender(target, environ, pace)
    if target.form == "salesforce":
        with _extra("salesforce", "simple-salesforce"):
            from influence.send.salesforce import SalesforceSender
        return SalesforceSender(target, environ, pace)
    raise UsageError(f"{target.form} cannot be sent, only written; can be sent: {', '.join(SENDABLE)}")


@contextlib.contextmanager
def _extra(name: str, client: str) -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("influence"):
            raise
        raise UsageError(
            f'to send to {name}, its client {client} is needed: pip install "influence-engine[{name}]"'
        ) from error
