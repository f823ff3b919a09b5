"""What a score was made of, in plain values for a manifest and in words for people."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from influence.ties.history import DAY

if TYPE_CHECKING:
    from influence.score.mvp import Scored
    from influence.value.intervals import Intervals

__all__ = ["facts_of", "moment", "notes_of"]

#: Earlier predictions that were off by more than this factor are worth a warning.
_DRIFT = 3.0


def moment(time: int | None) -> str | None:
    """Return a time in microseconds as ISO text in UTC."""
    if time is None:
        return None
    unit = "us" if time % 1_000_000 else "s"
    return f"{np.datetime64(time, 'us').astype(f'datetime64[{unit}]')}Z"


def facts_of(scored: Scored, listed: int, sure: Intervals | None) -> dict[str, Any]:
    """Return what a manifest says of a score."""
    ledger, rates, value = scored.ledger, scored.rates, scored.value
    learned = None
    if rates.learned is not None:
        learned = {
            "cuts": [moment(cut) for cut in rates.learned.cuts],
            "acts": {name: dataclasses.asdict(fit) for name, fit in rates.learned.acts.items()},
            "follow_ons": {name: dataclasses.asdict(fit) for name, fit in rates.learned.follow_ons.items()},
        }
    lifetime = scored.own.lifetime
    return {
        "unit": scored.own.unit,
        "currency": ledger.history.currency if scored.own.unit == "money" else None,
        "as_of": moment(None if scored.cut is None else scored.cut - 1),
        "horizon_days": rates.horizon / DAY,
        "people": ledger.n_people,
        "listed": listed,
        "ties": ledger.ties.n_edges,
        "acts": int(ledger.act_time.size),
        "follow_ons": float(ledger.credits.credit.sum()),
        "rate": rates.model,
        "contest": rates.contest.as_dict(),
        "level": dataclasses.asdict(rates.level),
        "learned": learned,
        "saved_fit": None if scored.fit is None else {"as_of": moment(_before(scored.fit.cut))},
        "kappa": dataclasses.asdict(scored.kappa),
        "trust": scored.trust.as_dict(),
        "lifetime": None if lifetime is None else lifetime.as_dict(),
        "intervals": None
        if sure is None
        else {
            "kind": sure.kind,
            "top": sure.k,
            "residuals": None if sure.residuals is None else sure.residuals.as_dict(),
        },
        "solver": {
            "iterations": value.iterations,
            "residual": value.residual,
            "error_bound": value.error_bound,
            "norm": value.norm,
        },
        "sum_of_own_value": math.fsum(scored.own.values),
        "sum_of_conserved_value": math.fsum(value.conserved),
    }


def _before(cut: int | None) -> int | None:
    return None if cut is None else cut - 1


def notes_of(scored: Scored, sure: Intervals | None = None) -> tuple[str, ...]:
    """Return what was assumed, left out or found in a score, in words."""
    history, rates, kappa = scored.ledger.history, scored.rates, scored.kappa
    notes = list(history.notes)
    settings = scored.ledger.settings
    if scored.fit is None:
        notes.append(f"rate: {rates.model} ({rates.contest.reason})")
    else:
        notes.append(
            f"rate: {rates.model}, as it was fitted until {moment(_before(scored.fit.cut)) or 'an earlier run'}"
        )
    if rates.horizon < int(settings.horizon_days * DAY):
        notes.append(
            f"horizon: {rates.horizon / DAY:.3g} days, a third of what the data spans, instead of "
            f"{settings.horizon_days:g}"
        )
    prior = rates.contest.prior_reactions
    chosen = rates.contest.learned if rates.model == "learned" else rates.contest.rule
    if prior is not None and chosen is not None and prior > chosen:
        notes.append(
            f"counting follow-ons received so far did better in the contest (NDCG {prior:.3f} against {chosen:.3f})"
        )
    if kappa.none_found:
        notes.append(f"acts on the same items show no influence beyond chance (κ_raw {kappa.beyond_chance:.3f})")
    if not len(scored.ledger.credits.tie):
        notes.append("nothing was seen to follow anything: follows alone say who could be heard, not who is")
    listed = scored.ledger.history.listed
    if scored.ledger.ties.n_edges and not scored.ledger.ties.out_degree[listed].any():
        notes.append(
            "nobody in the customers table has anybody who listens, so all network values are 0: are ids written "
            "differently there? influence check compares them"
        )
    return (*notes, *_own_value(scored), *_trust(scored), *_sureness(sure))


def _own_value(scored: Scored) -> list[str]:
    notes = []
    customers, own = scored.ledger.history.customers, scored.own
    fitted = own.lifetime is not None and own.lifetime.clv is not None
    if own.unit == "money" and customers is not None and "clv" in customers.columns:
        missing = int(customers["clv"].null_count())
        if missing:
            rest = "what their purchases suggest" if fitted else "the median of their segment, else 0"
            notes.append(f"{missing:,} customers have no clv: they get {rest}")
    if own.lifetime is not None and own.lifetime.problem:
        notes.append(f"lifetime value: {own.lifetime.problem}")
    return notes


def _trust(scored: Scored) -> list[str]:
    facts = scored.trust.as_dict()
    notes = [f"authenticity: {facts['basis']}"]
    found = [f"{count:,} {name.replace('_', ' ')}" for name, count in facts["suspicious"].items() if count]
    if found:
        notes.append(f"suspicious, and so counted less (column trust_codes): {', '.join(found)}")
    return notes


def _sureness(sure: Intervals | None) -> list[str]:
    if sure is None:
        return []
    if sure.residuals is None:
        return [
            "intervals: sampling only, since the past is too short to check earlier predictions; what comes varies "
            "far more"
        ]
    off = [ratio for ratio in sure.residuals.ratios if not 1 / _DRIFT <= ratio <= _DRIFT]
    if off:
        ratios = " and ".join(f"{ratio:.2g}" for ratio in sure.residuals.ratios)
        return [
            f"the level drifts: earlier predictions were {ratios} times what came; trust the order, not the amounts"
        ]
    return []
