"""What to show of a ranking, once everybody has a rank: rows, movements, centralities."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from influence.centrality.table import node_columns
from influence.errors import UsageError
from influence.score.filters import exclude as leave_out
from influence.score.filters import read_ids
from influence.score.filters import where as only_where
from influence.score.movers import comparison, movement_columns, movers, read_run, summary

if TYPE_CHECKING:
    from influence.score.mvp import Ranking

__all__ = ["select", "with_measures", "with_reach"]


def with_measures(ranking: Ranking, measures: Sequence[str], *, seed: int = 0) -> Ranking:
    """Return a ranking with centralities as further columns.

    They are measured on the ties that the ranking was made of, from the listener to the influencer, each weighing
    the follows, reactions and referrals along it.

    Parameters
    ----------
    measures : sequence of str
        As :func:`influence.measure` takes them.

    Raises
    ------
    UsageError
        There is no such measure, it is one of edges, or its column is there already.
    """
    ledger = ranking.scored.ledger
    columns, facts = node_columns(ledger.ties.reverse(), measures, seed=seed)
    taken = [column.name for column in columns if column.name in ranking.frame.columns]
    if taken:
        raise UsageError(f"a ranking has a column {taken[0]!r} already")
    rows = ledger.history.ids.codes(ranking.frame["id"])
    frame = ranking.frame.with_columns(column[rows] for column in columns)
    return dataclasses.replace(ranking, frame=frame, facts={**ranking.facts, "measures": facts})


def with_reach(ranking: Ranking, model: str = "auto", *, seed: int = 0) -> Ranking:
    """Return a ranking with the other people that each is expected to reach by herself, their value, and bounds.

    Parameters
    ----------
    model : str
        As for :meth:`influence.score.spread.Spreading.of`.
    """
    from influence.score.spread import Spreading, reach_columns

    spreading = Spreading.of_scored(ranking.scored, model=model, value="others")
    found = spreading.expected_reach(seed=seed)
    rows = spreading.history.ids.codes(ranking.frame["id"])
    frame = ranking.frame.with_columns(
        pl.Series(name, values[rows]) for name, values in reach_columns(spreading, found).items()
    )
    facts = {**ranking.facts, "reach": {**spreading.facts, "samples": found.samples, "delta": found.delta}}
    return dataclasses.replace(ranking, frame=frame, facts=facts, notes=(*ranking.notes, *spreading.notes))


def select(
    ranking: Ranking, *, since: str | Path | None = None, exclude: Any = None, where: str | None = None
) -> Ranking:
    """Return a ranking beside an earlier one, without some people, or only with those who meet a condition.

    Ranks stay as they were among all.

    Parameters
    ----------
    since : path, optional
        A saved ranking.
    exclude : path or sequence of ids, optional
    where : str, optional
        Over the columns of the ranking and of the customers table.
    """
    frame, facts, notes = ranking.frame, dict(ranking.facts), list(ranking.notes)
    if since is not None:
        run = read_run(since)
        comparable, said = comparison(run, facts)
        moved = movers(frame, run.frame, values=comparable)
        frame = movement_columns(frame, run.frame, values=comparable)
        notes += [*said, summary(moved, run.name)]
        facts["since"] = {
            "run": run.name,
            "as_of": run.facts.get("as_of"),
            "left": int((moved["movement"] == "left").sum()),
        }
    if exclude is not None:
        people = read_ids(exclude) if isinstance(exclude, str | Path) else exclude
        frame, note = leave_out(frame, people)
        notes.append(note)
    if where is not None:
        kept = only_where(frame, where, ranking.scored.ledger.history.customers)
        notes.append(f"the condition holds for {kept.height:,} of {frame.height:,} people; ranks stay")
        frame = kept
    return dataclasses.replace(ranking, frame=frame, facts=facts, notes=tuple(notes))
