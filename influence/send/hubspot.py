"""Deliveries to HubSpot, by hubspot-api-client."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import hubspot
from hubspot.crm.objects.exceptions import ApiException
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies, select_proxy
from urllib3.exceptions import HTTPError

from influence.errors import InfluenceError, UsageError
from influence.export.delivery import Answer
from influence.export.targets import Target
from influence.progress import slices
from influence.send.credentials import host_of, read_credentials
from influence.send.hubspot_answers import is_missing, read_answer, words
from influence.send.pace import Pace
from influence.send.retries import retries

__all__ = ["HubSpotSender"]

_TOKEN = "HUBSPOT_ACCESS_TOKEN"  # noqa: S105
_BASE = "HUBSPOT_BASE_URL"
_STANDARD = "https://api.hubapi.com"

#: Answers after which the same request may go well: too much at once, and servers that are down or slow.
_AGAIN = (408, 423, 429, 477, 500, 502, 503, 504, 521, 522, 523, 524)
#: Answers to a whole batch that may be about one of its records.
_ONE_OF_THEM = (400, 409, 413, 422)
#: After so many batches in a row of which nothing was taken, batches are no longer taken apart.
_HOPELESS = 2

_DETAILS = "/account-info/v3/details"
_PROPERTIES = "/crm/v3/properties/{object}"
_GROUPS = "/crm/v3/properties/{object}/groups"
_ANY_VALUE = ("string", "enumeration")


@dataclasses.dataclass(frozen=True)
class _Reply:
    status: int
    content: Any

    @property
    def good(self) -> bool:
        return 200 <= self.status < 300


class HubSpotSender:
    """Sends batches of records one after the other; each is an upsert or an update, which may be made twice.

    Parameters
    ----------
    target : Target
    environ : Mapping
        With ``HUBSPOT_ACCESS_TOKEN``, the token of a private app, and perhaps ``HUBSPOT_BASE_URL``.
    pace : Pace

    Raises
    ------
    UsageError
        A variable is missing, or cannot be used.
    """

    def __init__(self, target: Target, environ: Mapping[str, str], pace: Pace) -> None:
        self._target = target
        self._object = target.options["object"]
        self._credentials = read_credentials("HubSpot", environ, [[_TOKEN]], [_BASE])
        base = host_of(self._credentials.values.get(_BASE, _STANDARD), _BASE)
        client = hubspot.HubSpot(
            access_token=self._credentials[_TOKEN], retry=retries(pace, _AGAIN), host=base, **_proxy(base)
        )
        self._api = client.crm.objects.batch_api.api_client
        self._timeout = (pace.connect, pace.read)
        self._arrived = 0

    def account(self) -> str:
        """Return the number of the HubSpot account."""
        reply = self._call("GET", _DETAILS)
        portal = reply.content.get("portalId") if reply.good and isinstance(reply.content, dict) else None
        if portal is None:
            raise self._error(f"does not say whose account it is ({self._said(reply)})")
        return str(portal)

    def prepare(self, folder: Path) -> list[str]:
        """Make the group and the properties that are missing; those that are there must be able to take the values.

        Raises
        ------
        UsageError
            A property that is there holds something else.
        """
        wanted = json.loads((folder / "properties.json").read_text(encoding="utf-8"))["inputs"]
        there = self._properties()
        notes = self._check(wanted, there)
        missing = [definition for definition in wanted if definition["name"] not in there]
        if not missing:
            return notes
        group = missing[0]["groupName"]
        groups = self._call("GET", _GROUPS, scope="schemas.{}.read")
        if group not in {one.get("name") for one in self._list(groups)}:
            made = self._call("POST", _GROUPS, {"name": group, "label": group.capitalize()}, scope="schemas.{}.write")
            if not made.good and made.status != 409:
                raise self._error(f"cannot make the group of properties {group!r} ({self._said(made)})")
        made = self._call("POST", f"{_PROPERTIES}/batch/create", {"inputs": missing}, scope="schemas.{}.write")
        still = [name for name in (one["name"] for one in missing) if name not in self._properties()]
        if still:
            raise self._error(f"did not make the properties {', '.join(still)} ({self._said(made)})")
        return [*notes, f"made in HubSpot: {len(missing)} properties of {self._object}, in the group {group!r}"]

    def _properties(self) -> dict[str, dict[str, Any]]:
        return {one["name"]: one for one in self._list(self._call("GET", _PROPERTIES, scope="schemas.{}.read"))}

    def _list(self, reply: _Reply) -> list[dict[str, Any]]:
        found = reply.content.get("results") if reply.good and isinstance(reply.content, dict) else None
        if not isinstance(found, list):
            raise self._error(f"does not say which properties {self._object} have ({self._said(reply)})")
        return found

    def _check(self, wanted: Sequence[Mapping[str, Any]], there: Mapping[str, Mapping[str, Any]]) -> list[str]:
        known = self._target.options["id_property"]
        if known not in there:
            raise UsageError(
                f"[export.hubspot]: {self._object} have no property {known!r} in HubSpot, by which they are to be "
                "known; make it there with unique values and fill it, or name another as id_property"
            )
        notes, wrong = [], []
        for definition in wanted:
            other = there.get(definition["name"])
            if other is None:
                continue
            name, kind = definition["name"], other.get("type")
            if (other.get("modificationMetadata") or {}).get("readOnlyValue") or other.get("calculated"):
                wrong.append(f"{name} (cannot be written)")
            elif kind != definition["type"] and kind in _ANY_VALUE:
                notes.append(f"{name} is {kind} in HubSpot, and {definition['type']} here: it is sent as text")
            elif kind != definition["type"]:
                wrong.append(f"{name} (there {kind}, here {definition['type']})")
        if wrong:
            raise UsageError(
                f"[export.hubspot.fields]: properties of HubSpot that cannot take the values: {', '.join(wrong)}; "
                "give these fields other names"
            )
        return notes

    def resume(self, jobs: Sequence[str]) -> Iterator[Answer]:
        """HubSpot answers at once; there are no jobs."""
        for job in jobs:
            yield Answer((), job=job)

    def send(self, folder: Path, started: Callable[[str], None]) -> Iterator[Answer]:
        """Send what is to be cleared, and then what is to be written.

        Raises
        ------
        InfluenceError
            HubSpot cannot be reached, or does not let us; what was answered before that stands.
        """
        self._arrived = 0
        hopeless = 0
        with_paths = [
            (path, self._target.options[option], option == "clear_path")
            for stem, option in (("update", "clear_path"), ("upsert", "path"))
            for path in sorted(folder.glob(f"{stem}-[0-9]*.jsonl"))
        ]
        total = sum(_count_lines(path) for path, _, _ in with_paths)
        batches = ((line, where, clear) for path, where, clear in with_paths for line in _lines(path))
        told = slices(total, "sending to HubSpot", size=1, unit="batches")
        for _, (line, where, clear) in zip(told, batches, strict=True):
            inputs = json.loads(line)["inputs"]
            before = self._arrived
            for answer in self._send(inputs, where, clear=clear, whole=hopeless >= _HOPELESS):
                self._arrived += len(answer.accepted)
                yield answer
            hopeless = 0 if self._arrived > before else hopeless + 1

    def _send(self, inputs: list[dict[str, Any]], where: str, *, clear: bool, whole: bool) -> Iterator[Answer]:
        """Send a batch; one that is refused as a whole is halved until it shows which records are meant."""
        reply = self._call("POST", where, {"inputs": inputs}, scope="objects.{}.write")
        if reply.good:
            yield read_answer(inputs, reply.content, clear=clear, hide=self._credentials.hide)
            return
        missing = is_missing(reply.content)
        if not missing and reply.status not in _ONE_OF_THEM:
            if reply.status in (404, 405):
                raise self._error(
                    f"knows no address {where!r} ({self._said(reply)}); see path and clear_path in [export.hubspot]"
                )
            raise self._error(f"cannot take more now ({self._said(reply)})")
        if len(inputs) > 1 and not whole:
            middle = len(inputs) // 2
            for half in (inputs[:middle], inputs[middle:]):
                yield from self._send(half, where, clear=clear, whole=whole)
        elif clear and missing and len(inputs) == 1:
            yield Answer([one["id"] for one in inputs])  # nothing to clear
        else:
            said = self._said(reply)
            yield Answer((), {one["id"]: said for one in inputs})

    def _call(self, method: str, path: str, body: Any = None, *, scope: str | None = None) -> _Reply:
        """Make a request; answers that concern the login end everything."""
        try:
            content, status, _ = self._api.call_api(
                path,
                method,
                {"object": self._object},
                [],
                {"Accept": "application/json", "Content-Type": "application/json"},
                body=body,
                response_types_map=dict.fromkeys((200, 201, 202, 207), "object"),
                auth_settings=["oauth2"],
                _request_timeout=self._timeout,
            )
            reply = _Reply(status, content)
        except ApiException as error:
            reply = _Reply(error.status or 0, _parsed(error.body))
        except (HTTPError, UnicodeDecodeError) as error:
            said = self._credentials.hide(str(error))
            raise self._error(f"cannot be reached ({type(error).__name__}: {said})") from None
        if reply.status == 401:
            raise self._error(f"does not accept the token of {_TOKEN} ({self._said(reply)}); set a valid one", go_on="")
        if reply.status == 403:
            needed = _scopes(reply.content) or [f"crm.{scope.format(self._object)}" if scope else "oauth"]
            raise self._error(
                f"forbids it ({self._said(reply)}); the private app of {_TOKEN} needs the scope {', '.join(needed)}",
                go_on="",
            )
        return reply

    def _said(self, reply: _Reply) -> str:
        return self._credentials.hide(f"{reply.status}: {words(reply.content)}")

    def _error(self, what: str, go_on: str = "; run it again to go on from there") -> InfluenceError:
        arrived = f"; {self._arrived:,} records of this run arrived and are remembered" if self._arrived else ""
        return InfluenceError(f"HubSpot {what}{arrived}{go_on}")


def _proxy(base: str) -> dict[str, Any]:
    """Return the proxy that the environment names, which this client would not ask for by itself."""
    proxy = select_proxy(base, get_environ_proxies(base))
    return {"proxy": proxy, "proxy_headers": HTTPAdapter().proxy_headers(proxy)} if proxy else {}


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from file


def _count_lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(piece.count(b"\n") for piece in iter(lambda: file.read(1 << 20), b""))


def _parsed(body: Any) -> Any:
    try:
        return json.loads(body)
    except (TypeError, ValueError):
        return body


def _scopes(content: Any) -> list[str]:
    """Return the scopes that HubSpot says are missing."""
    found: list[str] = []
    for error in (content.get("errors") if isinstance(content, dict) else None) or []:
        context = error.get("context") if isinstance(error, dict) else None
        for name in ("requiredGranularScopes", "requiredScopes", "missingScopes"):
            if isinstance(context, dict) and isinstance(context.get(name), list):
                found += [str(scope) for scope in context[name]]
    return list(dict.fromkeys(found))
