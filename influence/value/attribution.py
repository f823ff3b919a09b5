"""Attribution W: which share of what a customer is worth is owed to whom she listens to."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from influence.graph.arrays import sum_by
from influence.ties import Ledger, measure_chance
from influence.ties.chance import shuffled_share
from influence.value.contest import Rates

__all__ = ["Attribution", "Kappa", "attribute", "measure_kappa"]

Floats = npt.NDArray[np.float64]


@dataclasses.dataclass(frozen=True)
class Kappa:
    """κ, the share of a follow-on that is influence and neither chance nor homophily.

    Attributes
    ----------
    item : float
        For acts on the same item.
    direct : float
        For reactions, follows and untracked referrals.
    beyond_chance : float or None
        κ_raw measured on exposed acts; None where there are too few.
    shuffled : float or None
        κ_raw after times were shuffled within items.
    exposed : int
        Exposed acts.
    """

    item: float
    direct: float
    beyond_chance: float | None
    shuffled: float | None
    exposed: int

    @property
    def none_found(self) -> bool:
        """Whether co-action shows no influence beyond chance."""
        return self.beyond_chance is not None and self.beyond_chance <= 0.05


def measure_kappa(ledger: Ledger) -> Kappa:
    """Measure κ on all of a ledger's past: half of the share of exposed acts beyond chance.

    The other half is taken as homophily (Aral, Muchnik and Sundararajan, PNAS 2009: naive estimates overstate
    influence by 300 to 700 %). Direct reactions, and fewer than ``min_exposed`` exposed acts, get the default.
    """
    settings = ledger.settings
    span = ledger.history.span
    default = settings.kappa_default
    if span is None or not ledger.items.actor.size:
        return Kappa(default, default, None, None, 0)
    chance = measure_chance(ledger, span[0], span[1] + 1)
    if chance.exposed < settings.min_exposed:
        return Kappa(default, default, None, None, chance.exposed)
    beyond = min(1.0, max(settings.kappa_floor, chance.beyond))
    shuffled = shuffled_share(ledger, span[0], span[1] + 1, settings.seed)
    return Kappa(settings.influence_share * beyond, default, chance.beyond, shuffled, chance.exposed)


@dataclasses.dataclass(frozen=True, eq=False)
class Attribution:
    """W by tie, and the parts of it by kind of evidence.

    Attributes
    ----------
    weight : ndarray of float64, shape (n_ties,)
        W_uv for each tie u → v; the sum over the influencers of a listener is at most 0.75.
    by_kind : ndarray of float64, shape (n_kinds, n_ties)
        Adds up to ``weight``.
    denominator : ndarray of float64, shape (n_people,)
        m₀ + max(a_v, Σ_u λ_uv).
    """

    weight: Floats
    by_kind: Floats
    denominator: Floats


def attribute(
    ledger: Ledger, rates: Rates, kappa: Kappa, worth: Floats | None = None, trust: Floats | None = None
) -> Attribution:
    """Return W_uv = κ t_u m_uv λ_uv / (m₀ + max(a_v, Σ_k |λ_kv|)), and t_u φ for a tracked referral.

    Where a listener was referred, her referrer gets ``referral_share`` and the others share at most
    ``referral_rest``. The denominator is of what is expected to follow, good or bad, paid or not: a bribe takes
    nothing from it, so that it does not raise the share of the others.

    Parameters
    ----------
    worth : ndarray of float64, shape (n_ties,), optional
        m_uv in [-1, 1], of :func:`influence.ties.discount`.
    trust : ndarray of float64, shape (n_people,), optional
        t_u in [0, 1].
    """
    settings = ledger.settings
    kinds = ledger.history.kinds
    n = ledger.n_people
    prior = settings.prior_acts_learned if rates.model == "learned" else settings.prior_acts_rule
    total = rates.follow_ons.sum(axis=0)
    heard = sum_by(ledger.listener, np.abs(total), n)
    denominator = prior + np.maximum(rates.acts, heard)
    share = np.full(len(kinds), kappa.direct)
    share[0] = kappa.item
    by_kind = share[:, None] * rates.follow_ons / denominator[ledger.listener]
    if worth is not None:
        by_kind *= worth
    if ledger.referral.any():
        referred = np.zeros(n, np.bool_)
        referred[ledger.listener[ledger.referral]] = True
        by_kind[:, ledger.referral] = 0.0
        others = sum_by(ledger.listener, np.abs(by_kind).sum(axis=0), n)
        scale = np.ones(n)
        crowded = referred & (others > settings.referral_rest)
        scale[crowded] = settings.referral_rest / others[crowded]
        by_kind *= scale[ledger.listener]
        by_kind[kinds.index("referral"), ledger.referral] = settings.referral_share
    if trust is not None:
        by_kind *= trust[ledger.influencer]
    return Attribution(by_kind.sum(axis=0), by_kind, denominator)
