"""Whom each customer reaches, and whom to pick together: a model of spread from a history, and tables from that."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from influence.config import Settings
from influence.errors import UsageError
from influence.reach import (
    Cascade,
    Reach,
    Seeds,
    compare_seeds,
    constant,
    expected_reach,
    linear_threshold,
    select_seeds,
    trivalency,
    weighted_cascade,
)
from influence.reach.learn import learn_probabilities
from influence.results import TableResult
from influence.score.mvp import Scored, score_history
from influence.ties import History, Ledger

__all__ = ["MODELS", "VALUES", "ReachTable", "SeedTable", "Spreading", "reach_columns", "reach_of", "seeds_of"]

Floats = npt.NDArray[np.float64]

#: How people influence each other: what chances the ties get.
MODELS = ("auto", "learned", "rates", "weighted-cascade", "constant", "trivalency", "linear-threshold")
VALUES = ("people", "own", "others")
#: Fewer follow-ons than this teach nothing about chances.
_ENOUGH = 100


@dataclasses.dataclass(frozen=True, eq=False)
class Spreading:
    """A model of spread over the people of a history.

    Attributes
    ----------
    history : History
    cascade : Cascade
        Of the people by their numbers; arcs lead from the influencer to the listener.
    value : ndarray of float64, shape (n_people,), or None
        What reaching each person is worth; None where they only count.
    unit : str
        Of the values.
    facts : dict
    notes : tuple of str
    score : ndarray of float64, shape (n_people,), or None
        Network values, where they were computed.
    """

    history: History
    cascade: Cascade
    value: Floats | None
    unit: str
    facts: dict[str, Any]
    notes: tuple[str, ...]
    score: Floats | None = None

    @property
    def counts_themselves(self) -> bool:
        """Whether those who are picked or ranked count as reached."""
        return bool(self.facts["value"] != "others")

    def expected_reach(self, **options: Any) -> Reach:
        """Return what everybody reaches by herself; options as for :func:`influence.reach.expected_reach`."""
        return expected_reach(self.cascade, value=self.value, count_herself=self.counts_themselves, **options)

    @classmethod
    def of(
        cls,
        history: History,
        settings: Settings,
        *,
        model: str = "auto",
        p: float = 0.01,
        hops: int | None = None,
        quality: float = 1.0,
        value: str = "people",
        cut: int | None = None,
    ) -> Spreading:
        """Build a model of spread.

        Parameters
        ----------
        model : {"auto", "learned", "rates", "weighted-cascade", "constant", "trivalency", "linear-threshold"}
            ``rates``: the chance that a listener follows her at least once in the horizon, 1 − exp(−expected
            follow-ons) by the rates of the score. ``learned``: the chance that one act of hers is followed by the
            listener, from the log of acts on items (expectation-maximisation); it does not say who will act. ``auto``:
            rates where enough was followed, else weighted cascade.
        p : float
            Of the constant model.
        hops : int, optional
            People are reached within so many steps. By default without limit, but of ``rates`` 1: whoever follows at
            some time of the horizon is not followed from its beginning on, and picks that counted on it were worse
            (`benchmarks/picks.py`).
        quality : float
            Chance that a newly reached person stays positive.
        value : {"people", "own", "others"}
            Whether reaching a person counts as one, or as what she is worth; of ``others``, what those are worth who
            are picked or ranked is left out.
        cut : int, optional
            Leave later events out, in microseconds since 1970.

        Raises
        ------
        UsageError
            The model or the value is unknown, or there is nothing to learn from.
        """
        _check(model, value)
        if cut is not None:
            history = history.before(cut)
        if value != "people":
            return cls.of_scored(
                score_history(history, settings), model=model, p=p, hops=hops, quality=quality, value=value
            )
        return cls._of(Ledger.of(history, settings), None, model, p, {"hops": hops, "quality": quality}, value)

    @classmethod
    def of_scored(
        cls,
        scored: Scored,
        *,
        model: str = "auto",
        p: float = 0.01,
        hops: int | None = None,
        quality: float = 1.0,
        value: str = "people",
    ) -> Spreading:
        """Build a model of spread of what was scored; see :meth:`of`."""
        _check(model, value)
        return cls._of(scored.ledger, scored, model, p, {"hops": hops, "quality": quality}, value)

    @classmethod
    def _of(
        cls, ledger: Ledger, scored: Scored | None, model: str, p: float, limits: dict[str, Any], value: str
    ) -> Spreading:
        history, settings = ledger.history, ledger.settings
        notes: list[str] = []
        chosen = model
        if model == "auto":
            follow_ons = ledger.credits.tie.size
            chosen = "rates" if follow_ons >= _ENOUGH else "weighted-cascade"
            notes.append(f"the model of spread is {chosen}: {_WHY[chosen]}")
        if chosen == "rates" and limits["hops"] is None:
            limits = {**limits, "hops": 1}
        facts: dict[str, Any] = {"model": chosen, **limits}
        if chosen == "learned":
            cascade, told = _learned(ledger, settings, limits)
            facts |= told
        elif chosen == "rates":
            scored = scored or score_history(history, settings)
            expected = scored.rates.follow_ons.sum(axis=0)
            cascade = Cascade(ledger.ties, -np.expm1(-expected), **limits)
            facts["horizon_days"] = scored.rates.horizon / 86_400_000_000
        elif chosen == "constant":
            cascade, facts["p"] = constant(ledger.ties, p, **limits), p
        elif chosen == "trivalency":
            cascade = trivalency(ledger.ties, seed=settings.seed, **limits)
        elif chosen == "linear-threshold":
            cascade = linear_threshold(ledger.ties, **limits)
        else:
            cascade = weighted_cascade(ledger.ties, **limits)
        facts |= {
            "people": history.n_people,
            "ties": ledger.ties.n_arcs,
            "mean_chance": float(cascade.probability.mean()) if cascade.probability.size else None,
            "value": value,
        }
        score = None if scored is None else scored.value.network
        if scored is None or value == "people":
            return cls(history, cascade, None, "people", facts, tuple(notes), score)
        return cls(history, cascade, scored.own.values, scored.own.unit, facts, tuple(notes), score)


_WHY = {
    "rates": "chances are those of following her at least once in the horizon, by the rates of the score",
    "weighted-cascade": "nothing was followed yet, so everybody listens to one of those she is tied to, on average",
}


def _learned(ledger: Ledger, settings: Settings, limits: dict[str, Any]) -> tuple[Cascade, dict[str, Any]]:
    acts = ledger.history.acts
    kept = acts.item >= 0
    if not kept.any():
        raise UsageError("no acts on items to learn chances from: give actions with items, or choose another model")
    found = learn_probabilities(
        ledger.ties,
        acts.actor[kept],
        acts.item[kept],
        acts.time[kept],
        window=round(settings.window_days * 86_400_000_000),
        seed=settings.seed,
    )
    told = {
        "method": found.method,
        "cascades": found.cascades,
        "cascades_held_out": found.cascades_held_out,
        "held_out_log_likelihood": {name: float(value) for name, value in found.held_out.items()},
    }
    return Cascade(ledger.ties, found.values, **limits), told


def _check(model: str, value: str) -> None:
    if model not in MODELS:
        raise UsageError(f"model must be one of {', '.join(MODELS)}, not {model!r}")
    if value not in VALUES:
        raise UsageError(f"value must be one of {', '.join(VALUES)}, not {value!r}")


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class ReachTable(TableResult):
    """Customers by the people, or the value, that each is expected to reach by herself."""

    reach: Reach


def reach_of(spreading: Spreading, *, seed: int = 0, include_non_customers: bool = False, **options: Any) -> ReachTable:
    """Rank customers by expected reach.

    Parameters
    ----------
    include_non_customers : bool
        List people who are not in the customers table too; they are reached in any case.
    **options
        As for :func:`influence.reach.expected_reach`.
    """
    found = spreading.expected_reach(seed=seed, **options)
    history = spreading.history
    listed = np.arange(history.n_people) if include_non_customers else np.flatnonzero(history.listed)
    frame = pl.DataFrame({"id": history.ids.ids(), **reach_columns(spreading, found)})[listed]
    ranked = "reach" if spreading.value is None else "reached_value"
    # stable: equal values stay in id order
    frame = frame.sort(ranked, descending=True, maintain_order=True)
    frame = frame.select(pl.Series("rank", np.arange(1, frame.height + 1)), pl.all())
    facts = {
        **spreading.facts,
        "unit": spreading.unit,
        "samples": found.samples,
        "delta": found.delta,
        "stopped": found.stopped,
        "top": None if found.top is None else history.ids.ids(found.top).to_list(),
    }
    return ReachTable(frame, facts, spreading.notes, found)


def reach_columns(spreading: Spreading, found: Reach) -> dict[str, npt.NDArray[np.float64]]:
    """Return what a reach says of everybody, in the order of their numbers."""
    columns = {"reach": found.values, "reach_low": found.low, "reach_high": found.high}
    if spreading.value is not None and found.reached_value is not None:
        columns |= {"reached_value": found.reached_value}
        columns |= {"value_low": found.value_low, "value_high": found.value_high}  # type: ignore[dict-item]
    return columns


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class SeedTable(TableResult):
    """Whom to pick together, in order, with what each adds.

    Attributes
    ----------
    seeds : Seeds
    comparison : polars.DataFrame or None
        What rules of thumb reach, by an independent sample.
    unit : str
    """

    seeds: Seeds
    comparison: pl.DataFrame | None
    unit: str


def seeds_of(
    spreading: Spreading,
    k: int | None,
    *,
    include: Sequence[Any] = (),
    exclude: Sequence[Any] = (),
    invited: Sequence[Any] = (),
    costs: str | None = None,
    budget: float | None = None,
    quotas: Sequence[str] = (),
    include_non_customers: bool = False,
    compare: bool = False,
    seed: int = 0,
    **options: Any,
) -> SeedTable:
    """Pick the customers who together reach the most people, or the most value.

    Parameters
    ----------
    include, exclude, invited : sequence of ids
    costs : str, optional
        Column of the customers table with what inviting each costs.
    budget : float, optional
    quotas : sequence of str
        ``COLUMN=LABEL:NUMBER``: at most so many with this label in that column of the customers table.
    include_non_customers : bool
        Whether people who are not in the customers table may be picked.
    compare : bool
        Judge rules of thumb beside it, under the same limits.
    **options
        As for :func:`influence.reach.select_seeds`.

    Raises
    ------
    UsageError
        An id or a column is unknown, or what is asked for cannot be.
    """
    history = spreading.history
    barred = set(_numbers(history, exclude, "--exclude").tolist())
    if not include_non_customers:
        barred |= set(np.flatnonzero(~history.listed).tolist())
    wanted = _numbers(history, include, "--include")
    already = _numbers(history, invited, "--invited")
    barred -= set(wanted.tolist())
    groups, limits = _quotas(history, quotas)
    price = None if costs is None else _costs(history, costs)
    if price is not None:  # who has no price cannot be bought
        barred |= set(np.flatnonzero(np.isnan(price)).tolist())
        price = np.where(np.isnan(price), 1.0, price)
    asked: dict[str, Any] = {
        "value": spreading.value,
        "count_seeds": spreading.counts_themselves,
        "costs": price,
        "budget": budget,
        "include": wanted.tolist(),
        "exclude": sorted(barred - set(already.tolist())),
        "invited": already.tolist(),
        "groups": groups,
        "quotas": limits,
    }
    found = select_seeds(spreading.cascade, k, seed=seed, **asked, **options)
    table = found.to_polars()
    notes = list(spreading.notes)
    if found.padded:
        notes.append(f"the last {found.padded:,} add nothing to the samples: fewer would do")
    if not found.method.startswith("greedy"):
        notes.append(
            f"these are the picks of {found.method}, which an independent sample found better than greedy ones"
        )
    comparison = None
    if compare:
        judged = compare_seeds(
            spreading.cascade,
            k,
            given={"influence seeds": found.nodes},
            scores=None if spreading.score is None else {"network value": spreading.score},
            seed=seed + 1,
            **asked,
        )
        comparison = judged.to_polars()
    facts = {
        **spreading.facts,
        "unit": spreading.unit,
        "k": len(found),
        **{name: getattr(found, name) for name in _TOLD},
        "candidates": dict(found.candidates),
        "comparison": None if comparison is None else comparison.drop("seconds").to_dicts(),
    }
    return SeedTable(table, facts, tuple(notes), found, comparison, spreading.unit)


_TOLD = (
    "reach", "reach_low", "reach_high", "reached_value", "value_low", "value_high", "ratio", "floor", "method",
    "padded", "samples", "judged", "stopped", "delta",
)  # fmt: skip


def _numbers(history: History, ids: Sequence[Any], option: str) -> npt.NDArray[np.int32]:
    """Return the numbers of people, or raise where one is unknown."""
    asked = pl.Series("id", [str(one) for one in ids], dtype=pl.String)
    codes = history.ids.codes(asked)
    if (codes < 0).any():
        unknown = asked.filter(pl.Series(codes < 0))
        raise UsageError(
            f"{option}: {len(unknown):,} of {len(asked):,} ids are nobody's in the data, first {unknown[0]!r}; "
            "take them out of the list, or load what they are in"
        )
    return codes


def _label(history: History, column: str, option: str) -> pl.Series:
    """Return a column of the customers table for everybody, null for who has none."""
    table = history.customers
    if table is None or column not in table.columns:
        known = "" if table is None else f"; it has {', '.join(table.columns)}"
        raise UsageError(f"{option}: the customers table has no column {column!r}{known}")
    everybody = pl.DataFrame({"id": history.ids.ids()})
    known_ids = table.select(pl.col("id").cast(pl.String), column).unique("id", keep="first")
    return everybody.join(known_ids, on="id", how="left", maintain_order="left")[column]


def _costs(history: History, column: str) -> Floats:
    costs = _label(history, column, "--costs")
    if costs.dtype == pl.String:
        costs = costs.cast(pl.Float64, strict=False)
    if not costs.dtype.is_numeric():
        raise UsageError(f"--costs: column {column!r} of the customers table holds no numbers")
    found = costs.cast(pl.Float64).to_numpy().copy()
    return found


def _quotas(history: History, quotas: Sequence[str]) -> tuple[npt.NDArray[Any] | None, Mapping[object, int] | None]:
    if not quotas:
        return None, None
    limits: dict[object, int] = {}
    columns = set()
    for quota in quotas:
        column, _, rest = quota.partition("=")
        label, _, number = rest.rpartition(":")
        if not column or not label or not number.isdecimal():
            raise UsageError(f"--quota must look like segment=gold:10, not {quota!r}")
        columns.add(column.strip())
        limits[label.strip()] = int(number)
    if len(columns) > 1:
        raise UsageError(f"--quota: all must be of one column, not of {', '.join(sorted(columns))}")
    labels = _label(history, columns.pop(), "--quota").cast(pl.String).fill_null("").to_numpy()
    missing = sorted(str(label) for label in limits if label not in set(labels.tolist()))
    if missing:
        raise UsageError(f"--quota: nobody has the label {missing[0]!r}")
    return labels.astype(str), limits
