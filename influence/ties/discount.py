"""What a follow-on is worth by how it came about: negative where the brand is run down, less where it was paid for."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from influence.graph.arrays import sum_by
from influence.ties.ledger import Ledger

__all__ = ["Discount", "discount", "worth"]

Floats = npt.NDArray[np.float64]


@dataclasses.dataclass(frozen=True, eq=False)
class Discount:
    """The factor of each tie, and what the reactions that a person receives are made of.

    Attributes
    ----------
    tie : ndarray of float64, shape (n_ties,)
        m_uv in [-1, 1]; 1 where nothing is known.
    person : ndarray of float64, shape (n_people,)
        Mean worth of the reactions that a person received; 1 where she received none.
    incentive_share, negative_share : ndarray of float64, shape (n_people,)
        Share of the reactions received that were paid for, or say something negative; NaN where there are none, or
        the input does not say.
    """

    tie: Floats
    person: Floats
    incentive_share: Floats
    negative_share: Floats


def worth(ledger: Ledger, weight: Floats | None = None) -> Floats:
    """Return what each reaction is worth, f(s) × organic, shape (n_reactions,).

    f(s) = 1 for a sentiment s of 0 or more and 1 + 2 s below: a complaint counts against the person whom it reacts to.
    A reaction of unknown sentiment is worth the mean of those to the same person that are known, with
    ``discount_prior`` reactions worth 1 added, so 1 where none is known: silence about a person who is complained about
    is no praise. Organic is 1, and ``incentive_weight`` where the reaction was paid for.

    Parameters
    ----------
    weight : ndarray of float64, shape (n_reactions,), optional
        In the means; the credit by default.
    """
    reactions, settings = ledger.history.reactions, ledger.settings
    value = np.ones(len(reactions))
    if reactions.sentiment is not None:
        weight = reactions.weight if weight is None else weight
        known = ~np.isnan(reactions.sentiment)
        value[known] += 2.0 * np.minimum(reactions.sentiment[known], 0.0)
        who, much, n = reactions.influencer[known], weight[known], ledger.n_people
        prior = settings.discount_prior
        mean = (sum_by(who, much * value[known], n) + prior) / (sum_by(who, much, n) + prior)
        value[~known] = mean[reactions.influencer[~known]]
    if reactions.incentivised is not None:
        value[reactions.incentivised] *= settings.incentive_weight
    return value


def discount(ledger: Ledger, cut: int | None) -> Discount:
    """Return m_uv: the mean worth of v's reactions to u, each fading with age, drawn to u's mean.

    m_uv = (Σ_e d_e w_e + k m_u) / (Σ_e d_e + k), with w the worth of a reaction, d its credit times ½^(age /
    half-life), k = ``discount_prior`` and m_u the same mean over everybody's reactions to u.

    Parameters
    ----------
    cut : int or None
        Age is counted back from here, in microseconds; without it nothing fades.
    """
    reactions, settings = ledger.history.reactions, ledger.settings
    n, n_ties = ledger.n_people, ledger.ties.n_edges
    if reactions.sentiment is None and reactions.incentivised is None:
        unknown = np.full(n, np.nan)
        return Discount(np.ones(n_ties), np.ones(n), unknown, unknown)
    weight = reactions.weight.copy()
    if cut is not None:
        weight *= ledger.fading(reactions.time, cut)
    value = worth(ledger, weight)
    of_person = sum_by(reactions.influencer, weight, n)
    heard = of_person > 0
    person = np.ones(n)
    np.divide(sum_by(reactions.influencer, weight * value, n), of_person, out=person, where=heard)
    evidence = sum_by(ledger.reaction_tie, weight, n_ties)
    prior = settings.discount_prior
    tie = person[ledger.influencer]
    known = evidence > 0
    total = sum_by(ledger.reaction_tie, weight * value, n_ties)
    tie[known] = (total[known] + prior * tie[known]) / (evidence[known] + prior)

    def share(rows: npt.NDArray[np.bool_] | None) -> Floats:
        shares = np.full(n, np.nan)
        if rows is not None:
            some = sum_by(reactions.influencer[rows], weight[rows], n)
            np.divide(some, of_person, out=shares, where=heard)
        return shares

    negative = None if reactions.sentiment is None else reactions.sentiment < 0
    return Discount(tie, person, share(reactions.incentivised), share(negative))
