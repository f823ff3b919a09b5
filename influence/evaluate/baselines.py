"""What the score must beat: numbers that a CRM or a graph library has for nothing."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from influence.centrality import pagerank
from influence.graph import Graph
from influence.graph.arrays import count_by, sum_by
from influence.ties import Ledger, PersonFeatures

__all__ = ["baselines"]

Floats = npt.NDArray[np.float64]


def baselines(ledger: Ledger, cut: int, horizon: int, own_value: Floats | None) -> dict[str, Floats]:
    """Return the baselines at ``cut`` by name, each of shape (n_people,); those without data are left out.

    ``own_value`` is the given lifetime value, where there is one.
    """
    ledger.assert_before(cut)
    n = ledger.n_people
    activity = PersonFeatures.at(ledger, cut, horizon, None)
    relation = ledger.follow if ledger.follow.any() else np.ones(ledger.ties.n_edges, np.bool_)
    influencer, listener = ledger.influencer[relation], ledger.listener[relation]
    audience = count_by(influencer, n).astype(np.float64)
    audience_recent = sum_by(influencer, activity.recent[listener], n)
    scores = {
        "followers": audience,
        "audience × own activity": audience * activity.acts,
        "own activity × audience's recent activity": activity.acts * audience_recent,
        "own recent × audience's recent activity": activity.recent * audience_recent,
    }
    item = ledger.credits.kind == 0
    for name, rows in (("follow-ons so far", item), ("prior reactions received", ~item)):
        if rows.any():
            tie, credit = ledger.credits.tie[rows], ledger.credits.credit[rows]
            scores[name] = sum_by(ledger.influencer[tie], credit, n)
    scores["PageRank"] = pagerank(Graph.from_edges(listener, influencer, n_nodes=n)).values
    if own_value is not None:
        scores["own value"] = own_value
    scores["random"] = np.random.default_rng(ledger.settings.seed).random(n)
    return scores
