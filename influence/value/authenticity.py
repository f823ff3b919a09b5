"""Authenticity: how much of the attention that a person gets comes, in the end, from people who are trusted."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from influence.centrality.pagerank import pagerank
from influence.centrality.trustrank import received, trustrank
from influence.graph import Graph
from influence.graph.arrays import count_by, sum_by
from influence.ties import Ledger
from influence.ties.history import DAY, UNDATED

__all__ = ["Authenticity", "assess_authenticity", "choose_seeds", "relative_trust", "trust_graph"]

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

#: About a quarter of all attention may fall short of full trust: the rest counts as authentic.
_SHORTFALL = (0.2, 0.3)
#: Attention of this many average people is taken to be authentic beforehand, so that few listeners condemn nobody.
_PRIOR = 0.1
#: Trust that reaches less than this share of all attention says nothing about the rest.
_LEAST_REACH = 0.5
#: Error of all of a PageRank together, of which a person has 1 / n on average.
_TOLERANCE = 1e-9
_EVERYBODY = "everybody counts as authentic"


@dataclasses.dataclass(frozen=True, eq=False)
class Authenticity:
    """How authentic the attention is that people get.

    Attributes
    ----------
    values : ndarray of float64, shape (n_people,)
        In [0, 1]; 1 for seeds, and for everybody where it is not known.
    seeds : ndarray of bool, shape (n_people,)
    basis : str
        What it was built on.
    known : bool
        Whether there are seeds whose trust reaches enough people.
    """

    values: Floats
    seeds: Mask
    basis: str
    known: bool


def assess_authenticity(ledger: Ledger, barred: Mask) -> Authenticity:
    """Return the authenticity of everybody.

    Parameters
    ----------
    barred : ndarray of bool, shape (n_people,)
        Who is no seed by her purchases alone.
    """
    seeds, basis = choose_seeds(ledger, barred)
    if not seeds.any():
        return Authenticity(np.ones(ledger.n_people), seeds, f"no seeds: {_EVERYBODY}", known=False)
    values = relative_trust(trust_graph(ledger), seeds)
    if values is None:
        basis = f"{basis}; their trust reaches less than {_LEAST_REACH:.0%} of all attention: {_EVERYBODY}"
        return Authenticity(np.ones(ledger.n_people), seeds, basis, known=False)
    return Authenticity(values, seeds, basis, known=True)


def choose_seeds(ledger: Ledger, barred: Mask) -> tuple[Mask, str]:
    """Return who is trusted beforehand, and who they are in words.

    They are the ``vetted`` customers; where there are none, those who bought repeatedly over more than ``seed_days``,
    never at a discount.
    """
    history, n = ledger.history, ledger.n_people
    customers = history.customers
    seeds = np.zeros(n, np.bool_)
    if customers is not None and "vetted" in customers.columns:
        vetted = customers.filter(customers["vetted"].fill_null(value=False))
        seeds[history.ids.codes(vetted["id"])] = True
        if seeds.any():
            return seeds, f"{np.count_nonzero(seeds):,} vetted customers"
    purchases = history.purchases
    paid = purchases.time > UNDATED
    if purchases.amount is not None:
        paid &= ~(purchases.amount <= 0)  # a refund is no purchase; an amount that is not known is one
    who, time = purchases.customer[paid], purchases.time[paid]
    first = np.full(n, np.iinfo(np.int64).max, np.int64)
    last = np.full(n, UNDATED, np.int64)
    np.minimum.at(first, who, time)
    np.maximum.at(last, who, time)
    bought = count_by(who, n) >= 2
    days = ledger.settings.seed_days
    seeds[bought] = last[bought] - first[bought] > int(days * DAY)
    cheap = ""
    if purchases.discounted is not None:
        seeds[purchases.customer[purchases.discounted]] = False
        cheap = ", never at a discount"
    seeds &= ~barred
    return seeds, f"{np.count_nonzero(seeds):,} repeat buyers over more than {days:g} days{cheap}"


def trust_graph(ledger: Ledger) -> Graph:
    """Return who trusts whom: an edge from each listener to each influencer, by the evidence of the rule undecayed.

    w = Σ reaction weights + ``follow_weight`` if she follows. A reaction is chosen and costs something, a follow is
    careless, so where somebody reacts at all, it is reactions that say whom she trusts; who only follows spreads her
    trust over whom she follows. That she was referred or invited is an act of the other: it shows no trust of hers.
    """
    reactions, settings = ledger.history.reactions, ledger.settings
    weight = sum_by(ledger.reaction_tie, reactions.weight, ledger.ties.n_edges)
    weight += settings.follow_weight * ledger.follow
    some = weight > 0
    return Graph.from_edges(ledger.listener[some], ledger.influencer[some], weight[some], n_nodes=ledger.n_people)


def relative_trust(graph: Graph, seeds: Mask, *, alpha: float = 0.85) -> Floats | None:
    """Return the trust that each node receives relative to plain PageRank, a_u = min(1, (T_u + s) / (P_u + s)).

    T and P are what arrives along the edges of TrustRank and of PageRank, so that it does not matter where a surfer
    starts. Only nodes that trust reaches set the scale: P is made to add up to 1 over them, and T so that about three
    quarters of that P fall on nodes with T ≥ P (T / P averages 1 from the 20th to the 30th hundredth of P, so that
    rounding moves it little). Few seeds leave most trust near themselves, and a plain ratio of two distributions would
    hold that against everybody far away. s is a tenth of the average of P. So a node that nobody points to has 1, and
    what is not reached changes nobody else.

    Parameters
    ----------
    graph : Graph
        Edges from who trusts to who is trusted.
    seeds : ndarray of bool, shape (n_nodes,)

    Returns
    -------
    ndarray of float64, shape (n_nodes,), or None
        In [0, 1], 1 for seeds. None where the seeds' trust reaches less than half of all that plain PageRank hands
        on.

    References
    ----------
    Gyöngyi, Garcia-Molina and Pedersen, "Combating web spam with TrustRank", VLDB 2004. Relative to PageRank: Gyöngyi,
    Berkhin, Garcia-Molina and Pedersen, "Link spam detection based on mass estimation", VLDB 2006.

    Examples
    --------
    Three who listen in a circle, and two who do so alone.

    >>> g = Graph.from_edges([0, 1, 2, 3, 4], [1, 2, 0, 4, 3])
    >>> relative_trust(g, np.array([True, True, False, False, False])).round(3).tolist()
    [1.0, 1.0, 1.0, 0.091, 0.091]
    """
    plain = received(graph, pagerank(graph, alpha=alpha, tolerance=_TOLERANCE).values)
    trust = received(graph, trustrank(graph, seeds, alpha=alpha, tolerance=_TOLERANCE).values)
    reached = np.flatnonzero((trust > 0) & (plain > 0))
    if not reached.size or plain[reached].sum() < _LEAST_REACH * plain.sum():
        return None
    plain /= plain[reached].sum()
    trust /= _quantile(trust[reached] / plain[reached], plain[reached], _SHORTFALL)
    prior = _PRIOR / reached.size
    values: Floats = np.minimum(1.0, (trust + prior) / (plain + prior))
    values[seeds] = 1.0
    return values


def _quantile(values: Floats, weight: Floats, band: tuple[float, float]) -> float:
    """Return the mean of weighted quantiles over a band of shares: unlike one quantile, it is continuous."""
    order = np.argsort(values, kind="stable")
    held = np.concatenate([[0.0], np.cumsum(weight[order])])
    inside = np.diff(np.clip(held / held[-1], *band))
    return float((inside * values[order]).sum() / inside.sum())
