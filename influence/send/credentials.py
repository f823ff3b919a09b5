"""Credentials out of the environment, which never leave it: not into an error, a note or a file."""

from __future__ import annotations

import base64
import dataclasses
import functools
import html
import json
import re
import urllib.parse
from collections.abc import Mapping, Sequence

from influence.errors import UsageError

__all__ = ["Credentials", "host_of", "read_credentials"]

_MOST = 500
_OPEN = ("SALESFORCE_INSTANCE_URL", "SALESFORCE_DOMAIN", "SALESFORCE_USERNAME", "HUBSPOT_BASE_URL")
_LOCAL = ("localhost", "127.0.0.1", "::1")


@dataclasses.dataclass(frozen=True)
class Credentials:
    """Values by the names of their variables.

    Attributes
    ----------
    values : Mapping
        Not shown where this is shown.
    """

    values: Mapping[str, str] = dataclasses.field(repr=False)

    def __getitem__(self, name: str) -> str:
        return self.values[name]

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def and_also(self, name: str, value: str) -> Credentials:
        """Return these and one more that is to be hidden, such as a session."""
        return Credentials({**self.values, name: value})

    @functools.cached_property
    def _hidden(self) -> list[str]:
        """All forms in which a secret may come back, longest first."""
        secrets = {value for name, value in self.values.items() if name not in _OPEN and len(value) > 2}
        pair = [self.values.get(f"SALESFORCE_CONSUMER_{part}", "") for part in ("KEY", "SECRET")]
        if all(pair):
            secrets.add(base64.b64encode(":".join(pair).encode()).decode())
        return sorted({form for value in secrets for form in _forms(value)}, key=len, reverse=True)

    def hide(self, text: str) -> str:
        """Return a server's words on one line, not too long, and without secrets, however these are encoded."""
        for form in self._hidden:
            text = text.replace(form, "***")
        text = " ".join(text.split())
        return text if len(text) <= _MOST else text[: _MOST - 2] + " …"


def _forms(value: str) -> tuple[str, ...]:
    return (
        value,
        urllib.parse.quote(value, safe=""),
        urllib.parse.quote_plus(value),
        html.escape(value),
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
    )


def read_credentials(
    crm: str, environ: Mapping[str, str], ways: Sequence[Sequence[str]], optional: Sequence[str] = ()
) -> Credentials:
    """Return the credentials of the first way to log in for which all variables are set.

    Parameters
    ----------
    ways : sequence of sequences of str
        Names of variables; each sequence is one way to log in.
    optional : sequence of str
        Taken along if set.

    Raises
    ------
    UsageError
        No way is complete, or a value cannot be one; the message holds names of variables alone.
    """
    given = {name: environ[name].strip() for way in ways for name in way if name in environ}
    # a security token may be empty: a trusted network needs none
    have = {name: value for name, value in given.items() if value or name.endswith("SECURITY_TOKEN")}
    for way in ways:
        if all(name in have for name in way):
            also = [name for name in optional if environ.get(name, "").strip()]
            values = {name: have[name] for name in way} | {name: environ[name].strip() for name in also}
            for name, value in values.items():
                if not name.endswith(("PASSWORD", "USERNAME")) and not re.fullmatch(r"[!-~]*", value):
                    raise UsageError(f"{name} holds characters that it cannot have, such as a space; set it anew")
            return Credentials(values)
    begun = [way for way in ways if any(name in have for name in way)]
    if begun:
        missing = [name for name in begun[0] if name not in have]
        there = [name for name in begun[0] if name in have]
        raise UsageError(f"to send to {crm}: {_and(there)} set, and {_and(missing)} not; set all of these")
    choice = ", or ".join(" and ".join(way) for way in ways)
    raise UsageError(f"to send to {crm}, set in the environment: {choice}")


def _and(names: Sequence[str]) -> str:
    return f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'}"


def host_of(url: str, name: str) -> str:
    """Return scheme, host and port of an address that a token may be sent to.

    Raises
    ------
    UsageError
        It is none, or would carry the token in the clear.
    """
    text = url if "://" in url else f"https://{url}"
    try:
        parts = urllib.parse.urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in ("https", "http") or parts.username or parts.password:
        raise UsageError(f"{name} must be an address such as https://host.example")
    if parts.scheme == "http" and host not in _LOCAL:
        raise UsageError(f"{name} must begin with https://, so that the token is not sent in the clear")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"
