"""Which rows of a ranking to show, once everybody has a rank, and how they moved."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

from influence.score.filters import exclude as leave_out
from influence.score.filters import read_ids
from influence.score.filters import where as only_where
from influence.score.movers import comparison, movement_columns, movers, read_run, summary

if TYPE_CHECKING:
    from influence.score.mvp import Ranking

__all__ = ["select"]


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
