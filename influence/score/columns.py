"""The columns of a ranking, one row for each person number."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import polars as pl

from influence.graph.arrays import count_by
from influence.score.rewards import suggested_rewards
from influence.score.segments import segment_columns
from influence.value.generations import KFactor, k_factor, referral_forest
from influence.value.metrics import best_first
from influence.value.own import ORIGINS
from influence.value.reciprocity import reciprocity
from influence.value.referral import referral_value

if TYPE_CHECKING:
    from influence.score.mvp import Scored
    from influence.value.intervals import Intervals

__all__ = ["COLUMNS", "Columns", "ranking_columns"]

#: In the order of the table.
COLUMNS = (
    "rank",
    "id",
    "network_value",
    "low",
    "high",
    "p_top",
    "direct_value",
    "own_value",
    "total_value",
    "conserved_value",
    "rank_by_own_value",
    "rank_shift",
    "percentile",
    "quadrant",
    "hidden_gem",
    "people_influenced",
    "active_weeks",
    "audience",
    "followers",
    "reciprocity",
    "authenticity",
    "trust_codes",
    "incentive_share",
    "negative_share",
    "referral_value",
    "referrals",
    "acquisition_saved",
    "incentives_paid",
    "generation",
    "descendants",
    "descendants_value",
    "nps_group",
    "survey_gap",
    "suggested_reward",
    "own_value_origin",
    "reasons",
)


@dataclasses.dataclass(frozen=True, eq=False)
class Columns:
    """The table before it is put in order, and what it was made of.

    Attributes
    ----------
    frame : polars.DataFrame
        A row for each person number, without what depends on the order.
    facts : dict
        Plain values for a manifest.
    notes : tuple of str
    """

    frame: pl.DataFrame
    facts: dict[str, Any]
    notes: tuple[str, ...]


def ranking_columns(
    scored: Scored, listed: npt.NDArray[np.int64], sure: Intervals | None, sentences: pl.Series
) -> Columns:
    """Return everything that a ranking says about everybody."""
    ledger, value, own = scored.ledger, scored.value, scored.own
    n = ledger.n_people
    place = np.zeros(n, np.int64)
    place[listed[best_first(own.values[listed])]] = np.arange(1, listed.size + 1)
    brought = referral_value(ledger, own.values, scored.cut, unit=own.unit)
    forest = referral_forest(ledger, own.values)
    frame = pl.DataFrame(
        {
            "id": ledger.history.ids.ids(),
            "network_value": value.network,
            "low": None if sure is None else sure.low,
            "high": None if sure is None else sure.high,
            "p_top": None if sure is None else sure.p_top,
            "direct_value": value.direct,
            "own_value": own.values,
            "total_value": value.gross,
            "conserved_value": value.conserved,
            "rank_by_own_value": place,
            "people_influenced": count_by(ledger.influencer[np.unique(ledger.credits.tie)], n),
            "audience": ledger.ties.out_degree,
            "followers": count_by(ledger.influencer[ledger.follow], n),
            "reciprocity": pl.Series(reciprocity(ledger)).fill_nan(None),
            "authenticity": scored.trust.authenticity,
            "trust_codes": scored.trust.words(),
            "incentive_share": pl.Series(scored.discount.incentive_share).fill_nan(None),
            "negative_share": pl.Series(scored.discount.negative_share).fill_nan(None),
            "referral_value": brought.referral_value,
            "referrals": brought.referrals_tracked,
            "acquisition_saved": brought.acquisition_saved,
            "incentives_paid": brought.incentives_paid,
            "generation": forest.generation,
            "descendants": forest.descendants,
            "descendants_value": forest.descendants_value,
            "own_value_origin": pl.Series(ORIGINS).gather(own.origin.astype(np.uint32)),
            "reasons": sentences,
        },
        schema_overrides=dict.fromkeys(("low", "high", "p_top"), pl.Float64),
    )
    segments = segment_columns(ledger, own.values, value.network, listed, cut=scored.cut, horizon=scored.rates.horizon)
    frame = pl.concat([frame, segments], how="horizontal")
    frame = frame.with_columns(suggested_reward=suggested_rewards(frame, listed))
    facts: dict[str, Any] = {"referrals": brought.facts}
    if scored.cut is not None and len(ledger.history.referrals):
        facts["k_factor"] = _k_factor(k_factor(ledger, forest, scored.cut, scored.rates.horizon))
    return Columns(frame, facts, brought.notes)


def _k_factor(found: KFactor) -> dict[str, Any]:
    names = ("k", "invites_per_customer", "conversion_rate")
    values = {name: float(getattr(found, name)) for name in names}
    return {name: None if math.isnan(value) else value for name, value in values.items()} | {
        "by_generation": found.by_generation().to_dicts()
    }
