"""Issues and ideas by the people who raised them: what to work on first."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from influence.config import Settings
from influence.errors import UsageError
from influence.graph.arrays import count_by, sum_by
from influence.results import TableResult
from influence.score.facts import moment, notes_of
from influence.score.mvp import score_history
from influence.ties import History
from influence.ties.history import DAY, UNDATED, Topics

__all__ = ["SCHEMA", "TopicRanking", "rank_topics", "topic_table"]

#: Columns of the table.
SCHEMA = {
    "topic": pl.String,
    "people": pl.Int64,
    "network_value": pl.Float64,
    "conserved_value": pl.Float64,
    "own_value": pl.Float64,
    "recent_people": pl.Int64,
    "previous_people": pl.Int64,
    "recent_network_value": pl.Float64,
    "growth": pl.Float64,
    "last_raised": pl.String,
}

_MOST_DAYS = 36_525

Floats = npt.NDArray[np.float64]


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class TopicRanking(TableResult):
    """Topics by the network value of those who raised them, best first; see :func:`topic_table`."""

    unit: str


def topic_table(
    history: History,
    *,
    network: Floats,
    conserved: Floats,
    own: Floats,
    cut: int | None,
    period: int,
    min_people: int = 3,
) -> pl.DataFrame:
    """Return what stands behind each topic: people, each once, and their values.

    Sorted by network value, largest first, ties by topic. Network values overlap where two people are heard by the
    same listeners, and may be compared, not added up; conserved values may be.

    Parameters
    ----------
    history : History
    network, conserved, own : ndarray of float64, shape (n_people,)
    cut : int or None
        Only what was raised before counts, in microseconds; without it no period is known.
    period : int
        Microseconds before the cut that are recent; as many before these are the previous period.
    min_people : int
        Topics raised by fewer are left out, and values of fewer are null: they would show what one person is worth.

    Returns
    -------
    polars.DataFrame
        ``topic``; ``people``, ``network_value``, ``conserved_value`` and ``own_value`` of all who ever raised it;
        ``recent_people`` and ``previous_people`` who raised it in each period, ``recent_network_value`` behind the
        former; ``growth`` = (recent people + 1) / (previous people + 1), null where nothing is dated;
        ``last_raised``, ISO time in UTC.
    """
    n = len(history.topic_names)
    events = history.topics if cut is None else history.topics.before(cut)
    person, topic = _each_once(events, n)
    people = count_by(topic, n)
    value = sum_by(topic, network[person], n)
    shown = np.flatnonzero(people >= max(min_people, 1))
    shown = shown[np.lexsort((shown, -value[shown]))]
    last = np.full(n, UNDATED, np.int64)
    np.maximum.at(last, events.topic, events.time)
    columns: dict[str, Any] = {
        "topic": pl.Series(history.topic_names, dtype=pl.String).gather(shown),
        "people": people[shown],
        "network_value": value[shown],
        "conserved_value": sum_by(topic, conserved[person], n)[shown],
        "own_value": sum_by(topic, own[person], n)[shown],
        **dict.fromkeys(("recent_people", "previous_people", "recent_network_value", "growth"), None),
        "last_raised": [moment(time) if time > UNDATED else None for time in last[shown].tolist()],
    }
    if cut is not None and (events.time > UNDATED).any():
        person, topic = _each_once(_between(events, cut - period, cut), n)
        recent = count_by(topic, n)[shown]
        previous = count_by(_each_once(_between(events, cut - 2 * period, cut - period), n)[1], n)[shown]
        columns["recent_people"], columns["previous_people"] = recent, previous
        behind = pl.Series(sum_by(topic, network[person], n)[shown])
        few = pl.Series((recent > 0) & (recent < min_people))
        columns["recent_network_value"] = pl.select(pl.when(~few).then(behind)).to_series()
        columns["growth"] = (recent + 1.0) / (previous + 1.0)
    return pl.DataFrame(columns, schema=SCHEMA)


def rank_topics(
    history: History,
    settings: Settings,
    *,
    cut: int | None = None,
    period_days: float = 91.0,
    min_people: int = 3,
) -> TopicRanking:
    """Score everybody, and rank the topics that they raised by the network value behind them.

    Parameters
    ----------
    history : History
    settings : Settings
    cut : int, optional
        Use what happened before this moment, in microseconds; all of it by default.
    period_days : float
        Length of the recent period and of the one before it; half of what the topics span where that is shorter.
    min_people : int
        Leave topics out that fewer people raised.

    Raises
    ------
    UsageError
        There are no topics, or an argument cannot be used.
    """
    if min_people < 1:
        raise UsageError(f"a topic is raised by one person at least; min_people cannot be {min_people}")
    if not 0 < period_days <= _MOST_DAYS:
        raise UsageError(f"the period must be above 0 and at most {_MOST_DAYS:,} days, not {period_days!r}")
    if not history.topic_names:
        raise UsageError("no topics: give topics=topics.csv, with the columns customer, topic and maybe timestamp")
    scored = score_history(history, settings, cut=cut)
    dated = history.topics.time[history.topics.time > UNDATED]
    if cut is not None:
        dated = dated[dated < cut]
    elif dated.size:  # what was raised after the newest reaction is the news
        cut = max(int(dated[-1]) + 1, scored.cut or UNDATED)
    period = int(period_days * DAY)
    notes = list(notes_of(scored))
    if cut is not None and dated.size:
        half = max((cut - int(dated[0])) // 2, 1)
        if half < period:
            period = half
            notes.append(
                f"recent: the last {period / DAY:.3g} days, half of what the topics span, instead of {period_days:g}"
            )
    elif not dated.size:
        notes.append("no topic carries a date, or all were raised later: none is known to grow")
    values = {"network": scored.value.network, "conserved": scored.value.conserved, "own": scored.own.values}
    frame = topic_table(history, **values, cut=cut, period=period, min_people=min_people)
    raised = history.topics if cut is None else history.topics.before(cut)
    left_out = np.unique(raised.topic).size - frame.height
    if left_out:
        notes.append(
            f"topics raised by fewer than {min_people:,} people, which would show what one of them is worth: left "
            f"out, {left_out:,}; --min-people 1 shows them"
        )
    notes.append(
        "network values of people who share listeners overlap: compare them, and add up conserved_value instead"
    )
    facts = {
        "unit": scored.own.unit,
        "currency": history.currency if scored.own.unit == "money" else None,
        "as_of": moment(None if cut is None else cut - 1),
        "rate": scored.rates.model,
        "people": history.n_people,
        "people_with_topics": int(np.unique(raised.person).size),
        "topics": frame.height,
        "left_out": left_out,
        "min_people": min_people,
        "period_days": period / DAY,
    }
    return TopicRanking(frame, facts, tuple(notes), scored.own.unit)


def _each_once(events: Topics, n_topics: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the distinct pairs of person and topic."""
    pairs = np.unique(events.person.astype(np.int64) * n_topics + events.topic)
    return pairs // max(n_topics, 1), pairs % max(n_topics, 1)


def _between(events: Topics, begin: int, end: int) -> Topics:
    """Return the dated events with begin <= time < end."""
    low, high = np.searchsorted(events.time, [max(begin, UNDATED + 1), end], side="left")
    return Topics(events.person[low:high], events.topic[low:high], events.time[low:high])
