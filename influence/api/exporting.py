"""A saved ranking, or one in memory, to files for people and CRMs."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from influence.config import Settings
from influence.export.changes import plan_changes
from influence.export.delivery import Delivered, Sender, deliver
from influence.export.parts import Parts
from influence.export.records import Records, make_records
from influence.export.tables import table
from influence.export.targets import Target
from influence.io import ReadOptions, Tables, merge_identities, suppress
from influence.io.suppression import denied
from influence.results import TableResult
from influence.score.movers import read_run

if TYPE_CHECKING:
    from influence.api.stages import Stages

__all__ = ["People", "export_changes", "export_table"]


@dataclasses.dataclass(frozen=True, eq=False)
class _Prepared:
    records: Records
    order: pl.Series
    whole: bool
    facts: Mapping[str, Any]
    notes: tuple[str, ...]


@dataclasses.dataclass(frozen=True, eq=False)
class People:
    """What exports need to know of people, whichever they go to.

    Attributes
    ----------
    customers : polars.DataFrame, optional
        In which the keys stand.
    gone : polars.Series
        Ids of those who must not be processed.
    notes : tuple of str
    """

    customers: pl.DataFrame | None
    gone: pl.Series
    notes: tuple[str, ...]

    @classmethod
    def of(
        cls, people: Tables | Sequence[str], settings: Settings | None = None, options: ReadOptions | None = None
    ) -> People:
        """Read them."""
        if not isinstance(people, Tables):
            if not people:
                return cls(None, pl.Series(dtype=pl.String), ())
            from influence.store import read_sources

            people = read_sources(list(people), options=options, settings=settings)
        merged = merge_identities(people)
        known = suppress(merged)
        return cls(known.customers, denied(merged), known.notes)


def export_changes(
    run: str | Path | TableResult,
    target: Target,
    out: str | Path,
    *,
    people: People | Tables | Sequence[str] = (),
    settings: Settings | None = None,
    options: ReadOptions | None = None,
    everything: bool = False,
    send: bool = False,
    environ: Mapping[str, str] | None = None,
    stages: Stages | None = None,
) -> Delivered:
    """Write what changed in a ranking since it was last written, and send it if asked to.

    Parameters
    ----------
    run : path or Ranking
        What ``influence rank --out`` wrote, with its manifest beside it; or a ranking.
    target : Target
        Which format, and how; see :func:`influence.export.targets.read_target`.
    out : path
        A folder; see :func:`influence.export.delivery.deliver`.
    people : People, Tables or sequence of str
        The customers table, where the key of people stands in it, and whom to suppress: files, or a store.
    settings, options
        How ``people`` are read.
    everything : bool
        Write all, changed or not.
    send : bool
        Send it too; the login comes from ``environ``, by default that of the process.

    Raises
    ------
    DataError
        An input cannot be used.
    UsageError
        A setting cannot be used, a column is missing, or what sends is not installed.
    InfluenceError
        A file cannot be written, or the CRM does not answer.
    """
    begin = _stage(stages)
    begin("read")
    ready = _prepare(run, target, people, settings, options)
    sender = None
    if send:
        begin("send")
        sender = _sender(target, os.environ if environ is None else environ)
    else:
        begin("write")
    done = deliver(
        ready.records,
        target,
        out,
        whole=ready.whole,
        everything=everything,
        sender=sender,
        about={"ranking": str(run) if isinstance(run, str | Path) else None, "facts": _plain(ready.facts)},
    )
    if stages is not None:
        stages.end()
    return dataclasses.replace(done, notes=(*ready.notes, *done.notes))


def export_table(
    run: str | Path | TableResult,
    target: Target,
    *,
    people: People | Tables | Sequence[str] = (),
    settings: Settings | None = None,
    options: ReadOptions | None = None,
) -> TableResult:
    """Return the records of a whole ranking as one table, in its order, for a program or a person who wants all of it.

    Parameters
    ----------
    run, target, people, settings, options
        As for :func:`export_changes`.
    """
    ready = _prepare(run, target, people, settings, options)
    none = pl.DataFrame(schema=dict.fromkeys(("key", "id", "hash", "watched"), pl.String))
    plan = plan_changes(ready.records, none, none, threshold=target.threshold)
    frame = table(Parts.of(plan, ready.records, target), ready.records, target).drop("action")
    places = pl.DataFrame({"_id": ready.order, "place": range(len(ready.order))})
    order = ready.records.frame.join(places, on="_id", maintain_order="left")["place"].arg_sort()
    frame = frame[order]
    return TableResult(frame, ready.facts, (*ready.notes, *ready.records.notes))


def _prepare(
    run: str | Path | TableResult,
    target: Target,
    people: People | Tables | Sequence[str],
    settings: Settings | None,
    options: ReadOptions | None,
) -> _Prepared:
    notes: list[str] = []
    if isinstance(run, TableResult):
        frame, facts = run.frame, run.facts
    else:
        saved = read_run(run, whole=True)
        frame, facts = saved.frame, saved.facts
    whole = facts.get("listed") == frame.height
    if not whole:
        notes.append(_partly(frame.height, facts.get("listed")))
    known = people if isinstance(people, People) else People.of(people, settings, options)
    notes += known.notes
    frame = frame.filter(~pl.col("id").cast(pl.String).is_in(known.gone.implode()))
    records = make_records(frame, target, facts=facts, customers=known.customers)
    return _Prepared(records, frame["id"].cast(pl.String), whole, facts, tuple(notes))


def _partly(rows: int, listed: Any) -> str:
    if isinstance(listed, int):
        return f"the ranking holds {rows:,} of {listed:,} people: nobody's fields are cleared for not being in it"
    return "no manifest beside the ranking tells whether it is whole: nobody's fields are cleared for not being in it"


def _stage(stages: Stages | None) -> Callable[[str], None]:
    return (lambda name: None) if stages is None else stages.begin


def _plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a manifest of an export tells of its ranking."""
    return {name: facts[name] for name in ("as_of", "unit", "currency", "people", "listed") if name in facts}


def _sender(target: Target, environ: Mapping[str, str]) -> Sender:
    from influence.send import sender_for

    return sender_for(target, environ)
