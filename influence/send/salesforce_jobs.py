"""Jobs of Salesforce's Bulk API 2.0, by simple-salesforce's client for it."""

from __future__ import annotations

import csv
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, BinaryIO

import requests
from simple_salesforce.api import Salesforce
from simple_salesforce.bulk2 import LineEnding, Operation, ResultsType
from simple_salesforce.exceptions import SalesforceError, SalesforceExpiredSession, SalesforceResourceNotFound
from simple_salesforce.util import call_salesforce

from influence.errors import InfluenceError
from influence.export.delivery import Answer
from influence.export.salesforce import NULL
from influence.export.targets import Target
from influence.progress import rounds
from influence.send.pace import Pace
from influence.send.salesforce_errors import Lost

__all__ = ["Jobs"]

_ENDED = ("JobComplete", "Failed", "Aborted")
_EMPTY = ("", NULL, "false")
_NOT_PROCESSED = "Salesforce did not process it"
_MISSING = "REQUIRED_FIELD_MISSING"
_TEXT = "text/csv; charset=UTF-8"
_SLOWER = 1.5
_FOREVER = 1 << 62


class Jobs:
    """Makes jobs, waits for them and reads what became of their records.

    Parameters
    ----------
    client : simple_salesforce.Salesforce
    target : Target
    hide : callable
        Takes secrets out of Salesforce's words.
    pace : Pace
    """

    def __init__(self, client: Salesforce, target: Target, hide: Callable[[str], str], pace: Pace) -> None:
        self._session = client.session
        self._bulk = getattr(client.bulk2, target.options["object"])._client
        self._external_id = target.options["external_id"]
        self._hide = hide
        self._pace = pace

    def create(self) -> str:
        """Make an empty job and return its id."""
        job = self._bulk.create_job(Operation.upsert, line_ending=LineEnding.LF, external_id_field=self._external_id)
        return str(job["id"])

    def upload(self, job: str, path: Path) -> None:
        """Give a job its data, and let it begin.

        Raises
        ------
        Lost
            It is not known to have all of its data, once.
        """
        try:
            with path.open("rb") as file:  # the client's own upload holds the file in memory three times
                call_salesforce(
                    url=f"{self._bulk._construct_request_url(job, False)}/batches",
                    method="PUT",
                    session=self._session,
                    headers=self._bulk._get_headers(_TEXT),
                    data=file,
                )
        except requests.RequestException as error:
            raise Lost(error) from error
        except SalesforceError as error:
            if error.status in (429, 500, 502, 503, 504):
                raise Lost(error) from error
            raise
        try:
            self._bulk.close_job(job)
        except (requests.RequestException, SalesforceError) as error:
            # the answer may have got lost, and not the request
            if isinstance(error, SalesforceExpiredSession):
                raise
            if (self.info(job) or {}).get("state") in (None, "Open", "Aborted"):
                raise Lost(error) from error

    def abort(self, job: str) -> None:
        """End a job."""
        self._bulk.abort_job(job, False)

    def info(self, job: str) -> dict[str, Any] | None:
        """Return what Salesforce says about a job; None if it knows none such."""
        try:
            return dict(self._bulk.get_job(job, False))
        except SalesforceResourceNotFound:
            return None

    def wait(self, job: str) -> dict[str, Any]:
        """Return what Salesforce says about a job when it has ended.

        Raises
        ------
        InfluenceError
            That takes too long.
        """
        began = time.monotonic()
        pause = self._pace.poll
        for _ in rounds(_FOREVER, "waiting for Salesforce"):
            info = self.info(job)
            if info is None:
                raise InfluenceError(f"Salesforce no longer knows the job {job}; run it again to send its records anew")
            if info["state"] in _ENDED:
                return info
            if time.monotonic() - began + pause > self._pace.patience:
                break
            time.sleep(pause)
            pause = min(self._pace.slowest_poll, pause * _SLOWER)
        raise InfluenceError(
            f"Salesforce still works on the job {job} after {self._pace.patience / 60:,.0f} minutes; run it again "
            "later: it waits for that job and goes on from there"
        )

    def settle(self, job: str) -> Answer:
        """Return what became of a job of an earlier run, which is done with after that."""
        info = self.info(job)
        if info is None:
            return Answer((), job=job)  # too old
        if info["state"] == "Open":
            try:
                self.abort(job)
            except SalesforceError:  # it began in this moment
                info = self.info(job) or info
                if info["state"] == "Open":
                    raise
            else:
                return Answer((), job=job)  # nothing was done yet
        if info["state"] not in _ENDED:
            info = self.wait(job)
        return self.results(info)

    def results(self, info: dict[str, Any]) -> Answer:
        """Return who was accepted and who was refused by a job that has ended.

        A failed job, or an old one, may have no results: then nobody is either, and all are sent again.
        """
        job = str(info["id"])
        known_by = str(info.get("externalIdFieldName") or self._external_id)
        accepted = [key for key, _ in self._rows(job, ResultsType.successful, known_by)]
        failed = {}
        for key, row in self._rows(job, ResultsType.failed, known_by):
            if _nothing_to_clear(row, known_by):
                accepted.append(key)
            else:
                failed[key] = self._hide(row.get("sf__Error") or "refused")
        for key, _ in self._rows(job, ResultsType.unprocessed, known_by):
            said = info.get("errorMessage")
            failed[key] = _NOT_PROCESSED + (f": {self._hide(str(said))}" if said else "")
        return Answer(accepted, failed, job)

    def _rows(self, job: str, kind: ResultsType, known_by: str) -> Iterator[tuple[str, dict[str, str]]]:
        """Yield key and cells of the records of a kind, page by page."""
        locator: str | None = ""
        while locator is not None:
            with tempfile.TemporaryFile() as file:
                try:
                    locator = self._download(job, kind, locator, file)
                except SalesforceResourceNotFound:
                    return
                file.seek(0)
                reader = csv.reader((line.decode("utf-8") for line in file), strict=True)
                try:
                    header = next(reader, [])
                    place = [name.casefold() for name in header].index(known_by.casefold()) if header else 0
                    for row in reader:
                        if len(row) == len(header):
                            yield row[place], dict(zip(header, row, strict=True))
                except (csv.Error, ValueError) as error:
                    raise InfluenceError(
                        f"Salesforce's {kind.value} of the job {job} cannot be read ({self._hide(str(error))}); "
                        "run it again to try anew"
                    ) from None

    def _download(self, job: str, kind: ResultsType, locator: str, file: BinaryIO) -> str | None:
        """Bring a page of results into a file, and return where the next one is; the client's own would hold it all."""
        for attempt in range(self._pace.tries + 1):
            file.seek(0)
            file.truncate()
            try:
                answer = call_salesforce(
                    url=f"{self._bulk._construct_request_url(job, False)}/{kind.value}",
                    method="GET",
                    session=self._session,
                    headers=self._bulk._get_headers(None, "text/csv"),
                    params={"locator": locator} if locator else {},
                    stream=True,
                )
                with closing(answer):
                    for piece in answer.iter_content(1 << 18):
                        file.write(piece)
                break
            except requests.RequestException:
                if attempt == self._pace.tries:
                    raise
                time.sleep(min(self._pace.longest, self._pace.backoff * 2**attempt))
        further = answer.headers.get("Sforce-Locator")
        return None if further in (None, "", "null") else str(further)


def _nothing_to_clear(row: dict[str, str], known_by: str) -> bool:
    """Return whether a record that was to be emptied was refused because it is not there.

    Salesforce then tries to make one, and lacks what a new one needs.
    """
    said = row.get("sf__Error", "")
    ours = {
        name: cell
        for name, cell in row.items()
        if not name.startswith("sf__") and name.casefold() != known_by.casefold()
    }
    if not said.startswith(_MISSING) or not all(cell in _EMPTY for cell in ours.values()):
        return False
    lacking = said.partition("[")[2].partition("]")[0]
    return not {name.strip().casefold() for name in lacking.split(",")} & {name.casefold() for name in ours}
