"""Fifty people picked before a cut: how many different people follow them in the year after, on ciao and higgs.

python benchmarks/picks.py [--k 50] [--draws 200]

Everybody picks with what was known before the cut; then the follow-ons of the year after are counted as the backtest
does. Who follows two of the fifty counts once: that is what picking together is for.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from backtest import CUTS, HIGGS_CUT
from common import data_folder, machine, markdown

from influence import Settings
from influence.api import parse_moment
from influence.io import read_tables
from influence.reach import expected_reach, select_seeds
from influence.reach.baselines import degree_discount, top
from influence.score import score_history
from influence.score.spread import Spreading
from influence.ties import History, Ledger
from influence.ties.history import DAY

Nodes = npt.NDArray[np.int32]

MODELS = (
    ("rates", "rates", None),
    ("rates, 2 hops", "rates", 2),
    ("learned", "learned", None),
    ("weighted cascade", "weighted-cascade", None),
)


def picks(history: History, settings: Settings, cut: int, k: int) -> Iterator[tuple[str, Nodes, str]]:
    """Yield who picks, whom, and what was promised of the pick."""
    scored = score_history(history, settings, cut=cut)
    past = scored.ledger
    for label, model, hops in MODELS:
        if model == "learned" and not (history.acts.item >= 0).any():
            continue  # of reactions it is not known what they were to
        spreading = Spreading.of_scored(scored, model=model, hops=hops)
        seeds = select_seeds(spreading.cascade, k, count_seeds=False, time_limit=60.0)
        yield f"seeds, {label}", seeds.nodes, f"{seeds.reach:,.0f} people; at least {seeds.ratio:.1%} of the best"
    cascade = Spreading.of_scored(scored, model="rates").cascade
    yield "reach, one by one", top(expected_reach(cascade, count_herself=False).values, k), ""
    yield "degree discount", degree_discount(cascade, k), ""
    yield "network value", top(scored.value.network, k), ""
    credit = np.bincount(past.influencer[past.credits.tie], past.credits.credit, minlength=past.n_people)
    yield "follow-ons so far", top(credit, k), ""
    followed = np.bincount(past.influencer[past.follow & (past.followed < cut)], minlength=past.n_people)
    yield "followers", top(followed, k), ""


def case(label: str, ledger: Ledger, cut_text: str, k: int, draws: int) -> list[list[str]]:
    settings = ledger.settings
    cut = parse_moment(cut_text, end_of_day=False)
    after = ledger.credits.between(cut, cut + int(settings.horizon_days * DAY))
    influencer, listener = ledger.influencer[after.tie], ledger.ties.out_targets[after.tie]

    def outcome(nodes: Nodes) -> tuple[int, float]:
        hers = np.isin(influencer, nodes)
        return np.unique(listener[hers & ~np.isin(listener, nodes)]).size, float(after.credit[hers].sum())

    rows = []
    for name, nodes, promise in picks(ledger.history, settings, cut, k):
        people, acts = outcome(nodes)
        rows.append([label, name, f"{people:,}", f"{acts:,.0f}", promise])
        print("  ".join(rows[-1]), flush=True)
    active = np.flatnonzero(ledger.acted_or_tied(cut))
    rng = np.random.default_rng(1)
    found = np.array([outcome(rng.choice(active, k, replace=False)) for _ in range(draws)])
    rows.append([label, f"{k} at random, mean", f"{found[:, 0].mean():,.1f}", f"{found[:, 1].mean():,.1f}", ""])
    return rows


def ledger_of(*sources: str) -> Ledger:
    settings = Settings()
    return Ledger.of(History.from_tables(read_tables(sources), settings), settings)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--k", type=int, default=50)
    parser.add_argument("--draws", type=int, default=200)
    options = parser.parse_args()
    folder = data_folder()
    twitter = folder / "higgs-twitter"
    rows = []
    ciao = ledger_of(f"follows={folder}/ciao/trust.parquet", f"actions={folder}/ciao/reviews.parquet")
    for cut in CUTS:
        rows += case(f"ciao, {cut}", ciao, cut, options.k, options.draws)
    higgs = ledger_of(f"follows={twitter}/follows_prefix.parquet", f"interactions={twitter}/activity.parquet")
    rows += case("higgs", higgs, HIGGS_CUT, options.k, options.draws)
    head = ["data, cut", f"{options.k} picked by", "different people who followed", "follow-ons", "promised"]
    print(f"\n{machine()}\n\n{markdown(head, rows)}")


if __name__ == "__main__":
    main()
