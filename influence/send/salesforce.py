"""Deliveries to Salesforce, by simple-salesforce: one Bulk API 2.0 job for each file."""

from __future__ import annotations

import csv
import functools
import glob
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceError

from influence.errors import InfluenceError, UsageError
from influence.export.delivery import Answer
from influence.export.targets import Target
from influence.send.credentials import Credentials, host_of, read_credentials
from influence.send.pace import Pace
from influence.send.retries import retries
from influence.send.salesforce_errors import Lost, is_limit, told
from influence.send.salesforce_jobs import Jobs

__all__ = ["SalesforceSender"]

_TOKEN = ("SALESFORCE_ACCESS_TOKEN", "SALESFORCE_INSTANCE_URL")
_PASSWORD = ("SALESFORCE_USERNAME", "SALESFORCE_PASSWORD", "SALESFORCE_SECURITY_TOKEN")
_CONSUMER = ("SALESFORCE_CONSUMER_KEY", "SALESFORCE_CONSUMER_SECRET", "SALESFORCE_DOMAIN")
_DOMAIN = "SALESFORCE_DOMAIN"

_AGAIN = (429, 502, 503, 504)
#: Data are put to a job once: a second time would spoil it, so that a lost answer ends the job.
_METHODS = ("GET", "POST", "PATCH")


class _Session(requests.Session):
    """Waits for each answer so long and no longer."""

    timeout: tuple[float, float]

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        return super().request(*args, **{"timeout": self.timeout, **kwargs})


def _as_it_is(request: Any) -> Any:
    return request


class SalesforceSender:
    """Sends each file as an upsert job, waits for it and reads what became of each record.

    Parameters
    ----------
    target : Target
    environ : Mapping
        With an access token and the address of the instance; or a user's name, password and security token; or key and
        secret of a connected app with the client-credentials flow.
    pace : Pace

    Raises
    ------
    UsageError
        A variable is missing, or cannot be used.
    """

    def __init__(self, target: Target, environ: Mapping[str, str], pace: Pace) -> None:
        self._target = target
        self._pace = pace
        self._credentials = read_credentials("Salesforce", environ, [_TOKEN, _PASSWORD, _CONSUMER], [_DOMAIN])
        self._login = _login(self._credentials)
        self._arrived = 0

    @functools.cached_property
    def _client(self) -> Salesforce:
        """The client, logged in."""
        session = _Session()
        session.timeout = (self._pace.connect, self._pace.read)
        session.auth = _as_it_is  # else what a .netrc file has for this host would take the token's place
        session.mount("https://", HTTPAdapter(max_retries=retries(self._pace, _AGAIN, _METHODS)))
        with told(self._hide):
            client = Salesforce(session=session, version=self._target.options["api_version"], **self._login)
        self._credentials = self._credentials.and_also("session", client.session_id)
        # 500 is also what a wrong password is answered with, so only here, after the login, does it stand for a mishap
        session.mount(client.base_url, HTTPAdapter(max_retries=retries(self._pace, (*_AGAIN, 500), _METHODS)))
        return client

    @functools.cached_property
    def _jobs(self) -> Jobs:
        return Jobs(self._client, self._target, self._hide, self._pace)

    def _hide(self, text: str) -> str:
        return self._credentials.hide(text)

    def account(self) -> str:
        """Return the id of the organisation; where that may not be read, the host of the instance."""
        client = self._client
        with told(self._hide):
            try:
                records = client.query("SELECT Id FROM Organization").get("records")
            except SalesforceError as error:
                if error.status not in (400, 403, 404) or is_limit(error):
                    raise
                records = None
        return str(records[0]["Id"] if records else client.sf_instance)

    def prepare(self, folder: Path) -> list[str]:
        """Check that the object has all fields, and that they can be written.

        Raises
        ------
        UsageError
            It has not; the message names the fields.
        """
        names = next((_header(path) for path in self._files(folder)), [])
        form = self._target.options["object"]
        with told(self._hide):
            described = getattr(self._client, form).describe()
        there = {field["name"].casefold(): field for field in described["fields"]}
        if not names:
            return []
        known_by, *fields = names
        wrong = []
        known = there.get(known_by.casefold())
        if known is None:
            wrong.append(f"{known_by} (missing)")
        elif not (known.get("externalId") or known.get("idLookup")):
            wrong.append(f"{known_by} (not an External ID)")
        for name in fields:
            field = there.get(name.casefold())
            if field is None:
                wrong.append(f"{name} (missing)")
            elif not (field.get("updateable") and field.get("createable")):
                wrong.append(f"{name} (cannot be written)")
        if wrong:
            raise UsageError(
                f"{form} in Salesforce lacks fields, or hides them from this user: {', '.join(wrong)}; make them in "
                f"Setup, Object Manager, {form}, Fields & Relationships, as influence export salesforce --definitions "
                "says, let the user edit them, and run it again"
            )
        return []

    def resume(self, jobs: Sequence[str]) -> Iterator[Answer]:
        """Read the results of jobs of a run that was killed; wait for those that still run, and end those not begun."""
        for job in jobs:
            with told(self._hide):
                answer = self._jobs.settle(job)
            yield answer

    def send(self, folder: Path, started: Callable[[str], None]) -> Iterator[Answer]:
        """Send the files, one after the other.

        Raises
        ------
        InfluenceError
            A job failed, takes too long, or Salesforce cannot be reached; what was answered before that stands.
        """
        self._arrived = 0
        for path in self._files(folder):
            for answer, problem in self._load(path, started):
                self._arrived += len(answer.accepted)
                yield answer
                if problem:
                    raise InfluenceError(problem + self._so_far())

    def _load(self, path: Path, started: Callable[[str], None]) -> Iterator[tuple[Answer, str | None]]:
        """Run one job, and others in its place while its data get lost on the way."""
        with told(self._hide, self._so_far()):
            for attempt in range(self._pace.tries + 1):
                job = self._jobs.create()
                started(job)
                try:
                    self._jobs.upload(job, path)
                except Lost as lost:
                    if self._aborted(job):
                        yield Answer((), job=job), None
                    if attempt == self._pace.tries:
                        raise lost.cause from None
                    time.sleep(min(self._pace.longest, self._pace.backoff * 2**attempt))
                else:
                    break
            info = self._jobs.wait(job)
            answer = self._jobs.results(info)
        problem = None
        if info["state"] != "JobComplete":
            said = self._hide(str(info.get("errorMessage") or "no reason given"))
            problem = f"Salesforce ended the job {job} as {info['state']}: {said}"
        yield answer, problem

    def _aborted(self, job: str) -> bool:
        """End a job; one that cannot be ended now is looked at by the next run."""
        try:
            self._jobs.abort(job)
        except (InfluenceError, SalesforceError, OSError):
            return False
        return True

    def _so_far(self) -> str:
        return f"; {self._arrived:,} records of this run arrived and are remembered" if self._arrived else ""

    def _files(self, folder: Path) -> list[Path]:
        return sorted(folder.glob(glob.escape(self._target.options["object"]) + "-[0-9]*.csv"))


def _login(credentials: Credentials) -> dict[str, Any]:
    """Return how simple-salesforce is to log in."""
    if _TOKEN[0] in credentials:
        url = host_of(credentials[_TOKEN[1]], _TOKEN[1])
        return {"session_id": credentials[_TOKEN[0]], "instance_url": url}
    domain = credentials.values.get(_DOMAIN, "login")
    domain = domain.removeprefix("https://").rstrip("/").removesuffix(".salesforce.com")
    if not domain.replace("-", "").replace(".", "").isalnum():
        raise UsageError(f"{_DOMAIN} must be login, test, or the name of a domain such as acme.my, not {domain!r}")
    if _PASSWORD[0] in credentials:
        words = ("username", "password", "security_token")
        return {word: credentials[name] for word, name in zip(words, _PASSWORD, strict=True)} | {"domain": domain}
    if domain in ("login", "test"):
        raise UsageError(f"{_DOMAIN} must be the organisation's own, such as acme.my: apps log in there alone")
    return {"consumer_key": credentials[_CONSUMER[0]], "consumer_secret": credentials[_CONSUMER[1]], "domain": domain}


def _header(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as file:
        return next(csv.reader(file))
