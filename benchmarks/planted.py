"""What a ranking makes of people whose part is known: generated influencers, bribed posters, rings, detractors.

python benchmarks/planted.py [--draws 10] [--people 3000]

Each score ranks the same people with the same tables. Precision at k is the share of planted influencers among the
first k, k being how many are planted. The other parts are told by the share of their people among the first 5 %, so 5 %
is what chance would give. "Network value, no trust" is ours without authenticity, codes and incentive discount, and
with handles left as they are "not merged". Everything here is synthetic.
"""

from __future__ import annotations

import argparse
import dataclasses
import time
from typing import Any

import numpy as np
import polars as pl
from common import machine, markdown

import influence
from influence.config import Settings
from influence.datasets.community import Community, synthetic_community
from influence.evaluate.baselines import baselines
from influence.io import Tables, tables_from_frames
from influence.value.metrics import best_first

PARTS = ("bribed", "rings", "referral rings", "self-referrers", "detractors")


def tables_of(made: Community, *, identities: bool) -> Tables:
    frames: dict[str, Any] = {
        "follows": made.follows,
        "interactions": made.interactions,
        "actions": made.actions,
        "transactions": made.transactions,
        "customers": made.customers,
    }
    return tables_from_frames(**frames, **({"identities": made.identities} if identities else {}))


def ranking_of(tables: Tables, settings: Settings) -> influence.Ranking:
    return influence.rank(tables, settings=settings, include_non_customers=True, intervals=False)


def people(made: Community) -> dict[str, set[str]]:
    truth = made.truth
    groups = {
        "bribed": truth.bribed,
        "rings": [person for ring in truth.rings for person in ring],
        "referral rings": [person for ring in truth.referral_rings for person in ring],
        "self-referrers": truth.self_referrals,
        "detractors": truth.detractors,
    }
    return {name: {str(person) for person in group} for name, group in groups.items()}


def measure(order: list[str], made: Community) -> list[float]:
    """Return precision at k, then the share of each part among the first 5 %."""
    planted = {str(person) for person in made.planted}
    top = set(order[: max(1, round(0.05 * made.n_people))])
    shares = [len(group & top) / len(group) if group else np.nan for group in people(made).values()]
    return [len(planted & set(order[: len(planted)])) / len(planted), *shares]


def one(seed: int, n_people: int) -> dict[str, list[float]]:
    made = synthetic_community(n_people, n_people // 40, seed=seed, transactions=True)
    tables = tables_of(made, identities=True)
    ours = ranking_of(tables, Settings())
    ledger = ours.scored.ledger
    factors = dict.fromkeys(Settings().suspicion_factors, 1.0)
    blind = Settings(suspicion_factors=factors, incentive_weight=1.0)
    unvetted = tables_of(made, identities=True)
    customers = unvetted.customers.with_columns(vetted=pl.lit(value=False))
    naive = ranking_of(
        tables_from_frames(
            follows=unvetted.follows,
            interactions=unvetted.interactions.drop("sentiment", "incentivised"),
            actions=unvetted.actions,
            transactions=unvetted.transactions.with_columns(discounted=pl.lit(value=True)),
            customers=customers,
            identities=unvetted.identities,
        ),
        blind,
    )
    apart = ranking_of(tables_of(made, identities=False), Settings())
    acts = ranking_of(dataclasses.replace(tables, transactions=None), Settings())
    orders = {
        "network value": ours.frame["id"].to_list(),
        "network value in acts": acts.frame["id"].to_list(),
        "network value, no trust": naive.frame["id"].to_list(),
        "network value, not merged": apart.frame["id"].to_list(),
    }
    ids = ledger.history.ids.ids()
    scores = baselines(ledger, ours.scored.cut, ours.scored.rates.horizon, ours.scored.own.values)
    for name, score in scores.items():
        orders[name] = ids.gather(best_first(score)).to_list()
    return {name: measure(order, made) for name, order in orders.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=10)
    parser.add_argument("--people", type=int, default=3_000)
    arguments = parser.parse_args()
    print(machine(), "\n")
    began = time.perf_counter()
    draws = [one(seed, arguments.people) for seed in range(arguments.draws)]
    rows = []
    for name in draws[0]:
        values = np.array([draw[name] for draw in draws])
        mean = np.nanmean(values, axis=0)
        error = np.nanstd(values, axis=0, ddof=1) / np.sqrt(len(draws)) if len(draws) > 1 else np.zeros(mean.size)
        rows.append([name, f"{mean[0]:.2f} ± {error[0]:.2f}", *(f"{100 * share:.0f} %" for share in mean[1:])])
    print(markdown(["score", "planted: precision at k", *PARTS], rows))
    print(f"\n{time.perf_counter() - began:.0f} s for {arguments.draws} draws of {arguments.people:,} people.")


if __name__ == "__main__":
    main()
