"""Why one person stands where she stands: what her network value is made of, four times over, and what was seen."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from influence.config import Settings
from influence.graph.arrays import sum_by
from influence.io import IdIndex
from influence.kernels.linear import pull
from influence.results import TableResult
from influence.score.facts import moment, notes_of
from influence.score.movers import read_run
from influence.score.mvp import Scored, score_history
from influence.score.reasons import Reasons, find_person
from influence.ties import UNDATED, History
from influence.ties.history import DAY

if TYPE_CHECKING:
    import numpy.typing as npt

    from influence.value.fit import Fit

__all__ = ["BREAKDOWNS", "Explanation", "explain_person", "explain_scored", "saved_row"]

#: The ways in which a network value is taken apart, in the order of the table.
BREAKDOWNS = ("listener", "type", "channel", "hop")

#: Where what is no reaction is counted, and reactions of which no channel is known.
_CHANNELS = {"item": "items", "follow": "follows", "referral": "referrals"}
_UNKNOWN = "unknown"
_REST = 0.005
_ROUNDING = 1e-9
_MOST_HOPS = 50

Parts = list[tuple[str, float]]


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Explanation(TableResult):
    """What a person's network value is made of.

    The table has the columns ``breakdown`` (listener, type, channel or hop), ``name``, ``value`` and ``share``: the
    values of each breakdown add up to the network value, and a share is a value divided by the sum of all absolute
    values of its breakdown, so it is negative for what takes away.

    Attributes
    ----------
    sentence : str or None
        The same in words, as in the column ``reasons`` of a ranking; None where nobody contributes.
    """

    sentence: str | None


def explain_person(
    history: History,
    settings: Settings,
    person: str | int,
    *,
    cut: int | None = None,
    show_counterparts: bool = False,
    fit: Fit | None = None,
) -> Explanation:
    """Explain the network value of one person.

    Parameters
    ----------
    cut : int, optional
        Use what happened before this moment, in microseconds.
    show_counterparts : bool
        Name the five largest listeners; they are numbered by default.
    fit : Fit, optional
        Learned before.

    Raises
    ------
    UsageError
        Nobody has this id; the message names ids that look like it.
    """
    number = find_person(history.ids, person)
    scored = score_history(history, settings, cut=cut, fit=fit)
    return explain_scored(scored, number, show_counterparts=show_counterparts)


def saved_row(path: str | Path, person: str | int) -> TableResult:
    """Return one person's row of a ranking that was saved, with all its columns; nothing is computed.

    Raises
    ------
    DataError
        The file is no saved ranking.
    UsageError
        Nobody in it has this id; the message names ids that look like it.
    """
    run = read_run(path)
    ids = IdIndex.of(run.frame["id"])
    person = ids.ids([find_person(ids, person)])[0]
    at = int((run.frame["id"] == person).arg_max() or 0)
    row = _whole(Path(path).expanduser(), at).with_columns(id=pl.lit(person))
    facts = {"run": str(path), "rows_of_run": run.frame.height, "id": person}
    return TableResult(row, facts | {name: run.facts.get(name) for name in ("unit", "currency", "as_of")}, ())


def _whole(path: Path, at: int) -> pl.DataFrame:
    """Return all columns of a row of a file that was found to be a ranking, in their order."""
    ending = path.suffix.lower()
    if ending == ".csv":
        return pl.read_csv(path, infer_schema_length=None, schema_overrides={"id": pl.String})[at]
    if ending == ".parquet":
        return pl.read_parquet(path)[at]
    text = path.read_text(encoding="utf-8-sig")
    if ending == ".jsonl":
        rows = [line for line in text.split("\n") if line.strip()]
        return pl.DataFrame([json.loads(rows[at])])
    rows = json.loads(text)
    return pl.DataFrame([(rows["rows"] if isinstance(rows, dict) else rows)[at]])


def explain_scored(scored: Scored, number: int, *, show_counterparts: bool = False) -> Explanation:
    """Explain the network value of the person with a number in a score; see :func:`explain_person`."""
    ledger, value = scored.ledger, scored.value
    reasons = Reasons(ledger, scored.attribution, value, scored.own)
    parts = {
        "listener": _by_listener(reasons, number, show_counterparts),
        "type": _by_type(reasons, number),
        "channel": _by_channel(reasons, number),
        "hop": _by_hop(scored, number),
    }
    sentence = reasons.sentences(show_counterparts)[number]
    facts = {
        "id": ledger.history.ids.ids([number])[0],
        "reasons": sentence,
        "rank": _rank(scored, number),
        "listed": int(np.count_nonzero(ledger.history.listed)),
        "network_value": float(value.network[number]),
        "direct_value": float(value.direct[number]),
        "own_value": float(scored.own.values[number]),
        "total_value": float(value.gross[number]),
        "conserved_value": float(value.conserved[number]),
        "unit": scored.own.unit,
        "currency": ledger.history.currency if scored.own.unit == "money" else None,
        "as_of": moment(None if scored.cut is None else scored.cut - 1),
        "horizon_days": scored.rates.horizon / DAY,
        "rate": scored.rates.model,
        "contributors": _contributors(reasons, number),
        "observed": _observed(scored, reasons.row(number)),
        "lowered": {
            "authenticity": float(scored.trust.authenticity[number]),
            "trust_codes": scored.trust.words()[number],
            "incentive_share": _known(scored.discount.incentive_share[number]),
            "negative_share": _known(scored.discount.negative_share[number]),
        },
    }
    notes = list(notes_of(scored))
    if scored.rates.model == "learned" and len(ledger.history.kinds) > 3:
        notes.append("types and channels of reactions: as expected, in the mix that was received so far")
    return Explanation(_table(parts), facts, tuple(notes), sentence)


def _known(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _table(parts: dict[str, Parts]) -> pl.DataFrame:
    rows = []
    for breakdown in BREAKDOWNS:
        size = math.fsum(abs(value) for _, value in parts[breakdown])
        rows += [(breakdown, name, value, value / size if size else 0.0) for name, value in parts[breakdown]]
    schema = {"breakdown": pl.String, "name": pl.String, "value": pl.Float64, "share": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _largest_first(names: list[str], values: npt.NDArray[np.float64]) -> Parts:
    """Return what is not zero, the largest absolute value first, ties in the order given."""
    order = np.argsort(-np.abs(values), kind="stable")
    return [(names[at], float(values[at])) for at in order.tolist() if values[at] != 0]


def _by_listener(reasons: Reasons, number: int, show_counterparts: bool) -> Parts:
    row = reasons.row(number)
    amount = reasons.amount[row]
    largest = reasons.largest[number]
    places = largest[largest >= 0] - row.start
    ids = reasons.ledger.history.ids.ids(reasons.ledger.listener[row][places]).to_list()
    parts = [
        (name if show_counterparts else f"listener {place}", value)
        for place, (name, value) in enumerate(zip(ids, amount[places].tolist(), strict=True), start=1)
    ]
    others = np.delete(amount, places)
    if (others > 0).any():
        parts.append(("others", math.fsum(others[others > 0])))
    if (others < 0).any():
        parts.append(("others who take away", math.fsum(others[others < 0])))
    return parts


def _by_kind(reasons: Reasons, number: int) -> npt.NDArray[np.float64]:
    """Return the contributions to one person, shape (n_kinds, n_ties_of_hers)."""
    row = reasons.row(number)
    return reasons.attribution.by_kind[:, row] * reasons.value.gross[reasons.ledger.listener[row]]


def _by_type(reasons: Reasons, number: int) -> Parts:
    return _largest_first(list(reasons.ledger.history.kinds), _by_kind(reasons, number).sum(axis=1))


def _by_channel(reasons: Reasons, number: int) -> Parts:
    """Spread each tie's reactions of a kind over channels as its credits are spread so far.

    Where the tie has none of that kind, as all credits of that kind which the influencer received; where there are
    none either, the channel is unknown.
    """
    ledger, row = reasons.ledger, reasons.row(number)
    history, size = ledger.history, row.stop - row.start
    reactions = history.reactions
    found = np.flatnonzero((ledger.reaction_tie >= row.start) & (ledger.reaction_tie < row.stop))
    tie, weight, kinds = ledger.reaction_tie[found] - row.start, reactions.weight[found], reactions.kind[found]
    unknown = len(history.channels)
    channel = np.full(found.size, unknown, np.int64)
    if reactions.channel is not None:
        said = reactions.channel[found]
        channel[said >= 0] = said[said >= 0]
    total = np.zeros(unknown + 1)
    fixed: dict[str, float] = {}
    for number_of_kind, (kind, amount) in enumerate(zip(history.kinds, _by_kind(reasons, number), strict=True)):
        if kind in _CHANNELS:
            fixed[_CHANNELS[kind]] = float(amount.sum())
            continue
        rows = kinds == number_of_kind
        credit = sum_by(tie[rows], weight[rows], size)
        own = credit > 0
        scale = np.zeros(size)
        np.divide(amount, credit, out=scale, where=own)
        total += sum_by(channel[rows], weight[rows] * scale[tie[rows]], unknown + 1)
        of_person = sum_by(channel[rows], weight[rows], unknown + 1)
        rest = float(amount[~own].sum())
        if of_person.sum() > 0:
            total += rest * of_person / of_person.sum()
        else:
            total[unknown] += rest
    merged: dict[str, float] = {}
    for name, part in [*zip([*history.channels, _UNKNOWN], total.tolist(), strict=True), *fixed.items()]:
        merged[name] = merged.get(name, 0.0) + part
    return _largest_first(list(merged), np.array(list(merged.values())))


def _by_hop(scored: Scored, number: int) -> Parts:
    """Return (W c)_u, (W² c)_u, … until what is left is small; what is left comes last."""
    ties, network = scored.ledger.ties, float(scored.value.network[number])
    flow = scored.own.values
    hops: list[float] = []
    while True:
        flow = pull(ties.out_offsets, ties.out_targets, scored.attribution.weight, flow)
        hops.append(float(flow[number]))
        rest = network - math.fsum(hops)
        size = max(abs(network), math.fsum(map(abs, hops)))
        if abs(rest) <= _REST * size or len(hops) == _MOST_HOPS:
            break
    if abs(rest) <= _ROUNDING * size:
        hops[-1] += rest
        rest = 0.0
    parts = [(f"hop {place}", value) for place, value in enumerate(hops, start=1)]
    if rest:
        parts.append(("further", rest))
    return parts if size else []


def _rank(scored: Scored, number: int) -> int | None:
    """Return the place among the listed by network value, ties by id; None for who is not listed."""
    listed, network = scored.ledger.history.listed, scored.value.network
    if not listed[number]:
        return None
    ahead = network > network[number]
    ahead[:number] |= network[:number] == network[number]
    return 1 + int(np.count_nonzero(ahead & listed))


def _contributors(reasons: Reasons, number: int) -> dict[str, Any]:
    counted = reasons.counted().filter(pl.col("person") == number)
    names = {"people": 0, "customers": 0, "worth": 0.0, "referred": 0, "seen": 0, "top_seen": 0, "away": 0}
    return {name: counted[name][0] if counted.height else nothing for name, nothing in names.items()}


def _observed(scored: Scored, row: slice) -> dict[str, Any]:
    """Return what followed the person so far: how much, of which kind, from when to when, and whether it grows."""
    ledger, credits, horizon = scored.ledger, scored.ledger.credits, scored.rates.horizon
    hers = np.flatnonzero((credits.tie >= row.start) & (credits.tie < row.stop) & (credits.credit > 0))
    time, credit, kind = credits.time[hers], credits.credit[hers], credits.kind[hers]
    dated = time[time > UNDATED]
    latest = before = None
    if scored.cut is not None:
        end, span = scored.cut, ledger.history.span
        latest = math.fsum(credit[(time >= end - horizon) & (time < end)])
        if span is not None and span[0] <= end - 2 * horizon:
            before = math.fsum(credit[(time >= end - 2 * horizon) & (time < end - horizon)])
    by_kind = sum_by(kind, credit, len(ledger.history.kinds))
    return {
        "follow_ons": math.fsum(credit),
        "by_type": dict(_largest_first(list(ledger.history.kinds), by_kind)),
        "first": moment(int(dated[0])) if dated.size else None,
        "last": moment(int(dated[-1])) if dated.size else None,
        "last_horizon": latest,
        "horizon_before": before,
        "movement": _movement(latest, before),
    }


def _movement(latest: float | None, before: float | None) -> str | None:
    """Return growing or fading where the change is more than chance: beyond √(sum), the error of a difference."""
    if latest is None:
        return None
    if latest == 0:
        return "silent"
    if before is None:
        return "active"
    error = math.sqrt(latest + before)
    return "growing" if latest - before > error else "fading" if before - latest > error else "active"
