"""The queue of detractors: who runs the brand down before others, the most pressing first."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from influence.graph.arrays import count_by, sum_by
from influence.ties import Ledger
from influence.ties.discount import discount
from influence.ties.history import DAY, UNDATED

__all__ = ["SCHEMA", "detractors", "negative_growth"]

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

#: Columns of the queue.
SCHEMA = {
    "id": pl.String,
    "urgency": pl.Float64,
    "negative_value": pl.Float64,
    "growth": pl.Float64,
    "direct_value": pl.Float64,
    "negative_share": pl.Float64,
    "reactions": pl.Int64,
    "negative_reactions": pl.Int64,
    "negative_listeners": pl.Int64,
    "last_negative": pl.String,
    "channel": pl.String,
}
_SLOWEST, _FASTEST = 0.25, 4.0


def negative_growth(ledger: Ledger, cut: int | None, horizon: int) -> Floats:
    """Return how fast negative reactions to each person rise, shape (n_people,).

    growth = (x + 1) / (e + 1), clipped to [1/4, 4]: x is the negative evidence of the last ``fresh_days`` (half a
    horizon where that is shorter), e what the rate of the horizon before it would bring in as long. A reaction's
    evidence is its credit times |sentiment|, less where it was paid for. The one that is added on both sides is one
    whole angry reply, so that a single complaint is no wave.

    Parameters
    ----------
    cut : int or None
        The present, in microseconds; without it nothing is known to grow, and all are 1.
    horizon : int
        In microseconds.
    """
    reactions, settings = ledger.history.reactions, ledger.settings
    if cut is None or reactions.sentiment is None:
        return np.ones(ledger.n_people)
    recent = min(int(settings.fresh_days * DAY), horizon // 2)
    evidence = _evidence(ledger)

    def between(begin: int, end: int) -> Floats:
        low, high = np.searchsorted(reactions.time, [max(begin, UNDATED + 1), end], side="left")
        return sum_by(reactions.influencer[low:high], evidence[low:high], ledger.n_people)

    now = between(cut - recent, cut)
    expected = between(cut - recent - horizon, cut - recent) * (recent / horizon)
    growth: Floats = np.clip((now + 1.0) / (expected + 1.0), _SLOWEST, _FASTEST)
    return growth


def detractors(
    ledger: Ledger,
    direct: Floats,
    negative_part: Floats,
    cut: int | None,
    horizon: int,
    *,
    include_non_customers: bool = False,
) -> pl.DataFrame:
    """Return the people with negative direct value, the most pressing first, ties by id.

    urgency = |negative value| × growth (:func:`negative_growth`). Only the first hop counts: signs multiply along
    paths, and a complaint about a complaint is no praise. Who has many fans and some angry listeners is here with the
    latter alone; ``direct_value`` is the sum of both.

    Parameters
    ----------
    direct : ndarray of float64, shape (n_people,)
        Σ_v W_uv c_v.
    negative_part : ndarray of float64, shape (n_people,)
        Σ_v min(W_uv, 0) c_v.
    cut : int or None
        The present, in microseconds.
    horizon : int
        In microseconds.
    include_non_customers : bool
        List people who are not in the customers table too.

    Returns
    -------
    polars.DataFrame
        ``id``; ``urgency`` and ``negative_value`` (0 or less) in the unit of the ranking; ``growth``;
        ``direct_value``; ``negative_share`` of the reactions to her, each fading with age; ``reactions``,
        ``negative_reactions`` and ``negative_listeners`` (people), counted, never named; ``last_negative``, ISO time
        in UTC; ``channel`` that carries most of the negative evidence, fading with age.
    """
    history = ledger.history
    shown = negative_part < 0
    if not include_non_customers:
        shown &= history.listed
    people = np.flatnonzero(shown)
    reactions, n = history.reactions, ledger.n_people
    if not people.size or reactions.sentiment is None:
        return pl.DataFrame(schema=SCHEMA)
    growth = negative_growth(ledger, cut, horizon)
    urgency = -negative_part * growth
    people = people[np.lexsort((people, -urgency[people]))]
    negative = np.flatnonzero(reactions.sentiment < 0)
    last = np.full(n, UNDATED, np.int64)
    np.maximum.at(last, reactions.influencer[negative], reactions.time[negative])
    listeners = count_by(ledger.influencer[np.unique(ledger.reaction_tie[negative])], n)
    share = discount(ledger, cut).negative_share
    return pl.DataFrame(
        {
            "id": history.ids.ids(people),
            "urgency": urgency[people],
            "negative_value": negative_part[people],
            "growth": growth[people],
            "direct_value": direct[people],
            "negative_share": pl.Series(share[people]).fill_nan(None),
            "reactions": count_by(reactions.influencer, n)[people],
            "negative_reactions": count_by(reactions.influencer[negative], n)[people],
            "negative_listeners": listeners[people],
            "last_negative": _moments(last[people]),
            "channel": _main_channel(ledger, negative, cut).gather(people),
        },
        schema=SCHEMA,
    )


def _evidence(ledger: Ledger) -> Floats:
    """Return the negative evidence of each reaction, shape (n_reactions,): credit × |sentiment| × organic."""
    reactions = ledger.history.reactions
    if reactions.sentiment is None:
        return np.zeros(len(reactions))
    evidence: Floats = reactions.weight * -np.minimum(np.nan_to_num(reactions.sentiment, nan=0.0), 0.0)
    if reactions.incentivised is not None:
        evidence[reactions.incentivised] *= ledger.settings.incentive_weight
    return evidence


def _main_channel(ledger: Ledger, negative: Rows, cut: int | None) -> pl.Series:
    """Return the channel with most negative evidence by person, the first by name of equals; null without one."""
    history = ledger.history
    reactions, n = history.reactions, ledger.n_people
    best = np.full(n, -1, np.int64)
    if reactions.channel is not None:
        rows = negative[reactions.channel[negative] >= 0]
        evidence = _evidence(ledger)[rows]
        if cut is not None:
            evidence = evidence * ledger.fading(reactions.time[rows], cut)
        size = len(history.channels)
        key, pair = np.unique(
            reactions.influencer[rows].astype(np.int64) * size + reactions.channel[rows], return_inverse=True
        )
        total = sum_by(pair, evidence, key.size)
        order = np.lexsort((key, -total, key // size))
        person, first = np.unique(key[order] // size, return_index=True)
        best[person] = key[order][first] % size
    names = pl.Series([*history.channels, None], dtype=pl.String)
    return names.gather(np.where(best < 0, len(history.channels), best))


def _moments(times: npt.NDArray[np.int64]) -> pl.Series:
    """Return times as ISO text in UTC, to the second; null where there is no date."""
    series = pl.Series(np.where(times == UNDATED, 0, times)).cast(pl.Datetime("us")).dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    return pl.select(pl.when(pl.Series(times != UNDATED)).then(series)).to_series()
