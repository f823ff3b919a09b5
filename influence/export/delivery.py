"""One export: what changed, into a folder of its own, and then into the state."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import polars as pl

from influence import __version__
from influence.errors import DataError, InfluenceError
from influence.export import hubspot, identify, salesforce, tables
from influence.export.changes import Plan, plan_changes, watched_values
from influence.export.files import write_table
from influence.export.manifest import write_manifest
from influence.export.parts import Part, Parts
from influence.export.records import SCHEMA_VERSION, Records
from influence.export.state import STATE_NAME, State
from influence.export.targets import Target

__all__ = ["Answer", "Delivered", "Sender", "deliver"]

_FEW = 100

_WRITERS: Mapping[str, Callable[[Path, Parts, Records, Target], list[Part]]] = {
    "csv": tables.write,
    "parquet": tables.write,
    "jsonl": tables.write,
    "salesforce": salesforce.write,
    "hubspot": hubspot.write,
    "identify": identify.write,
}


@dataclasses.dataclass(frozen=True)
class Answer:
    """What a CRM said to a part of what was sent.

    Attributes
    ----------
    accepted : sequence of str
        Keys of what it has now.
    failed : Mapping
        Its words by key, for what it refused.
    job : str, optional
        A job whose results these are, which is done with.
    """

    accepted: Sequence[str]
    failed: Mapping[str, str] = dataclasses.field(default_factory=dict)
    job: str | None = None


class Sender(Protocol):
    """Who brings a delivery to a CRM."""

    def account(self) -> str:
        """Return whose CRM it is, in a word that stays the same; it also shows that the login works."""

    def prepare(self, folder: Path) -> list[str]:
        """Make ready what the delivery needs there, and return notes."""

    def resume(self, jobs: Sequence[str]) -> Iterator[Answer]:
        """Ask what became of jobs of a run that was killed."""

    def send(self, folder: Path, started: Callable[[str], None]) -> Iterator[Answer]:
        """Send the files of a folder; ``started`` is told of each job before it gets any data."""


@dataclasses.dataclass(frozen=True, eq=False)
class Delivered:
    """What an export did.

    Attributes
    ----------
    target : str
        The format, with ``-sent`` where it was sent.
    folder : Path, optional
        Where the files are; None if there was nothing to write.
    files : tuple of Part
    counts : Mapping
        People new, changed, cleared, unchanged …
    accepted, failed : int
        Of what was sent.
    left_out : int
        People without a clear key.
    notes : tuple of str
    """

    target: str
    folder: Path | None
    files: tuple[Part, ...]
    counts: Mapping[str, int]
    accepted: int
    failed: int
    left_out: int
    notes: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values, ready for JSON."""
        return {
            "target": self.target,
            "folder": None if self.folder is None else str(self.folder),
            "files": [dataclasses.asdict(part) for part in self.files],
            **self.counts,
            "accepted": self.accepted,
            "failed": self.failed,
            "left_out": self.left_out,
            "notes": list(self.notes),
        }


def deliver(
    records: Records,
    target: Target,
    out: str | Path,
    *,
    whole: bool = True,
    everything: bool = False,
    sender: Sender | None = None,
    about: Mapping[str, Any] | None = None,
) -> Delivered:
    """Write what changed since the last delivery to a folder ``FORMAT-NNNNNN``, and send it if there is a sender.

    The order is: the folder, made beside and renamed; what is about to be sent, in the state; what was answered, in the
    state. A run that is killed anywhere can be run again: what may have arrived is sent once more, with the same
    idempotency key as long as it says the same. Sent and merely written deliveries are remembered apart.

    Parameters
    ----------
    out : path
        A folder, made if it is not there; it keeps the state in ``state.sqlite``.
    whole : bool
        Whether the ranking lists everybody; if not, nobody's fields are cleared because she is not in it.
    everything : bool
        Write all, changed or not.
    about : Mapping, optional
        Plain values for the manifest: which ranking it was.

    Raises
    ------
    DataError
        The fields of more people would be cleared than ``target.most_cleared`` allows.
    InfluenceError
        The folder cannot be written.
    """
    out = Path(out).expanduser()
    name = target.form if sender is None else f"{target.form}-sent"
    notes = list(records.notes)
    with _told(out):
        out.mkdir(parents=True, exist_ok=True)
    accepted = failed = 0
    with State(out / STATE_NAME) as state:
        if sender is not None:
            state.check_account(name, sender.account())
            for answer in sender.resume(state.jobs(name)):
                state.answer(name, answer.accepted, answer.failed, answer.job)
        last = state.written(name)
        plan = plan_changes(
            records,
            last,
            state.unanswered(name),
            threshold=target.threshold,
            whole=whole,
            everything=everything,
        )
        _check_clearing(plan, last.height, target)
        if not len(plan):
            return Delivered(name, None, (), plan.counts, 0, 0, records.left_out.height, tuple(notes))
        folder = out / f"{name}-{state.delivery(name) + 1:06d}"
        with _told(out):
            files = _write(folder, plan, records, target, about or {})
        watched = watched_values(plan.write, records)
        if sender is None:
            state.deliver(name, plan, watched)
        else:
            state.begin(name, plan, watched)
            notes += sender.prepare(folder)
            refused: dict[str, str] = {}
            for answer in sender.send(folder, lambda job: state.add_job(name, job)):
                state.answer(name, answer.accepted, answer.failed, answer.job)
                accepted += len(answer.accepted)
                refused |= answer.failed
            failed = len(refused)
            if refused:
                rows = sorted(refused.items())
                write_table(pl.DataFrame(rows, schema=["key", "error"], orient="row"), folder / "failed.csv", "csv")
                notes.append(
                    f"refused: {failed:,} records, told in {folder / 'failed.csv'}; they are sent again next time"
                )
            state.finish(name)
    return Delivered(name, folder, tuple(files), plan.counts, accepted, failed, records.left_out.height, tuple(notes))


def _check_clearing(plan: Plan, written: int, target: Target) -> None:
    """Refuse to empty the fields of so many people that it is likelier that half a ranking was given."""
    if plan.clear.height > max(_FEW, target.most_cleared * written):
        raise DataError(
            f"{plan.clear.height:,} of the {written:,} people written before are not in this ranking, and their fields "
            f"would be cleared; most_cleared = {target.most_cleared:g} does not allow that. Was only a part of the "
            f"customers ranked? If they did leave, set most_cleared = 1 in [export.{target.form}] once"
        )


def _write(folder: Path, plan: Plan, records: Records, target: Target, about: Mapping[str, Any]) -> list[Part]:
    """Write a delivery beside its place, and put it there."""
    beside = folder.with_name(f".{folder.name}.part")
    if beside.exists():
        shutil.rmtree(beside)  # of a run that was killed
    beside.mkdir()
    try:
        files = _WRITERS[target.form](beside, Parts.of(plan, records, target), records, target)
        if records.left_out.height:
            write_table(records.left_out, beside / "left_out.csv", "csv")
        content = {
            "influence": __version__,
            "schema": SCHEMA_VERSION,
            "target": dataclasses.asdict(target),
            "counts": plan.counts,
            "files": [dataclasses.asdict(part) for part in files],
            **about,
        }
        write_manifest(content, beside / "manifest.json")
        _flush(beside)
        if folder.exists():
            shutil.rmtree(folder)  # it was never finished: its number would be taken
        beside.rename(folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return files


def _flush(folder: Path) -> None:
    """Make files safe on the disk before their folder takes its name."""
    for path in (*folder.iterdir(), folder):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InfluenceError(f"{path}: cannot be written: {error.strerror or error}") from error
