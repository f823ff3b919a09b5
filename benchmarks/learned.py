"""Chances learned from logs: what they foretell of cascades that were held out, on ciao and higgs.

python benchmarks/learned.py [--split random]
"""

from __future__ import annotations

import argparse
import dataclasses
import time

import numpy as np
import numpy.typing as npt
import polars as pl
from common import data_folder, machine, markdown

from influence.graph import Graph
from influence.reach.credit_distribution import credit_spread
from influence.reach.learn import METHODS, estimate, fit_prior
from influence.reach.log import ActionLog, Exposures, split_log
from influence.reach.model import Cascade, weighted_cascade
from influence.reach.saito import log_likelihood
from influence.reach.simulate import Simulator
from influence.reach.virality import cascades

DAY = 86_400
RUNS = 256
#: Of the cascades held out, so many are foretold.
MOST = 10_000
NAMES = {"em": "EM", "partial": "partial credit", "bernoulli": "Bernoulli", "constant": "one chance"}

Floats = npt.NDArray[np.float64]


@dataclasses.dataclass(frozen=True, eq=False)
class Log:
    """A graph from influencer to listener, a log, and how long an act can be followed."""

    name: str
    graph: Graph
    log: ActionLog
    window: int


def ciao() -> Log:
    """Reviews of items; who trusts listens."""
    folder = data_folder() / "ciao"
    reviews, trust = pl.read_parquet(folder / "reviews.parquet"), pl.read_parquet(folder / "trust.parquet")
    n = 1 + max(int(reviews["user"].max()), int(trust["truster"].max()), int(trust["trustee"].max()))
    graph = Graph.from_edges(trust["trustee"].to_numpy(), trust["truster"].to_numpy(), n_nodes=n, merge="max")
    item = reviews["item"].rank("dense").cast(pl.Int64).to_numpy() - 1
    log = ActionLog.of(reviews["user"].to_numpy(), item, reviews["timestamp"].to_numpy(), n_people=n)
    return Log("ciao, 90 days", graph, log, 90 * DAY)


def higgs() -> Log:
    """Retweets: the log names no tweets, so a cascade is all retweets of one person on one day.

    She herself acts a second before the first of them. Only the beginning of the list of followers is to be had, so
    that few listeners are known.
    """
    folder = data_folder() / "higgs-twitter"
    follows = pl.read_parquet(folder / "follows_prefix.parquet")
    tweets = pl.read_parquet(folder / "activity.parquet").filter(pl.col("interaction") == "retweet")
    tweets = tweets.with_columns(day=pl.col("timestamp") // DAY)
    tweets = tweets.with_columns(item=pl.struct("target", "day").rank("dense").cast(pl.Int64) - 1)
    own = tweets.group_by("item").agg(pl.col("target").first().alias("actor"), pl.col("timestamp").min() - 1)
    rows = pl.concat([tweets.select("actor", "item", "timestamp"), own.select("actor", "item", "timestamp")])
    n = 1 + max(int(rows["actor"].max()), int(follows["follower"].max()), int(follows["followee"].max()))
    graph = Graph.from_edges(follows["followee"].to_numpy(), follows["follower"].to_numpy(), n_nodes=n, merge="max")
    log = ActionLog.of(*(rows[name].to_numpy() for name in ("actor", "item", "timestamp")), n_people=n)
    return Log("higgs, one day", graph, log, DAY)


def foretold(cascade: Cascade, seed_sets: list[npt.NDArray[np.int32]]) -> Floats:
    """Return how many are expected to follow each set of seeds."""
    simulator = Simulator.of(cascade, [], None, 0)
    expected = np.empty(len(seed_sets))
    for i, seeds in enumerate(seed_sets):
        people, _ = dataclasses.replace(simulator, seeds=seeds).run(0, RUNS)
        expected[i] = people.mean() - seeds.size
    return expected


def show(data: Log, by: str) -> None:
    print(f"\n### {data.name}, split by {by}\n")
    split = split_log(data.log, share=0.2, by=by)
    began = time.perf_counter()
    train = Exposures.of(data.graph, split.train, window=data.window)
    judged = Exposures.of(data.graph, split.held_out, window=data.window)
    prior = fit_prior(train)
    found = {name: estimate(train, name, prior=prior) for name in METHODS}
    seconds = time.perf_counter() - began
    fits = {name: chance for name, (chance, _) in found.items()}
    parents = np.diff(judged.parents.offsets)
    print(
        f"{data.graph}, {split.train.n_acts:,} acts to learn from, {train.parents.act.size:,} of them exposures; "
        f"{split.held_out.n_acts:,} acts held out, of which {np.count_nonzero(parents):,} may have followed another. "
        f"Prior Beta({prior[0]:.3g}, {prior[1]:.3g}). All fits took {seconds:.1f} s ({found['em'][1]} EM steps).\n"
    )
    acts = judged.log.acts
    used = np.flatnonzero(np.diff(acts.offsets) > 0)
    used = used[:: -(-used.size // MOST)]
    seeds, followed = [], np.empty(used.size)
    for i, item in enumerate(used):
        rows = slice(acts.offsets[item], acts.offsets[item + 1])
        first = parents[rows] == 0
        seeds.append(acts.actor[rows][first])
        followed[i] = np.count_nonzero(~first)
    models = {NAMES[name]: Cascade(data.graph, train.by_arc(chance)) for name, chance in fits.items()}
    models["weighted cascade"] = weighted_cascade(data.graph)
    expected = {name: foretold(cascade, seeds) for name, cascade in models.items()}
    expected["credit distribution"] = np.array(
        [credit_spread(train, s[np.isin(s, split.train.acts.actor)]) for s in seeds]
    ) - np.array([np.count_nonzero(np.isin(s, split.train.acts.actor)) for s in seeds])

    rows = []
    for name, guess in expected.items():
        fit = next((f for short, f in fits.items() if NAMES[short] == name), None)
        likelihood = "" if fit is None else f"{log_likelihood(judged, fit) / judged.trials.sum():.5f}"
        order = pl.Series(guess).rank().to_numpy(), pl.Series(followed).rank().to_numpy()
        rank = float(np.corrcoef(*order)[0, 1])
        error = float(np.sqrt(((guess - followed) ** 2).mean()))
        rows.append([name, likelihood, f"{guess.sum() / followed.sum():.2f}", f"{rank:.3f}", f"{error:.3f}"])
    nobody = float(np.sqrt((followed**2).mean()))
    rows.append(["nobody follows", "", "0", "", f"{nobody:.3f}"])
    print(markdown(["chances", "log-likelihood a trial, held out", "foretold / observed", "Spearman", "RMSE"], rows))

    print("\nPeople who followed, a cascade, by tenth of what is foretold: foretold / observed\n")
    header = ["chances", *(str(tenth) for tenth in range(1, 11))]
    rows = []
    for name, guess in expected.items():
        tenths = np.array_split(np.argsort(guess, kind="stable"), 10)
        rows.append([name, *(f"{guess[t].mean():.3f} / {followed[t].mean():.3f}" for t in tenths)])
    print(markdown(header, rows))


def show_spread(data: Log) -> None:
    found = cascades(
        data.graph, [], [], [], window=data.window, exposures=Exposures.of(data.graph, data.log, window=data.window)
    )
    print(f"\n### How it spread: {data.name}\n\n{found!r}\n")
    size = found.size[found.size > 1]
    shares = [f"{int(np.quantile(size, q)):,}" for q in (0.5, 0.9, 0.99)]
    print(f"Of those that spread, half have up to {shares[0]} people, 90 % up to {shares[1]}, 99 % up to {shares[2]}; ")
    big = found.size >= 10
    viral = found.virality[big]
    print(
        f"{viral.size:,} have 10 or more, with a structural virality of {np.median(viral):.2f} (median) "
        f"and {viral.max():.2f} at most, and a depth of {found.depth.max()} at most.\n"
    )
    top = found.starters().head(5)
    print(
        markdown(top.columns, [[f"{x:.2f}" if isinstance(x, float) else f"{x:,}" for x in row] for row in top.rows()])
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--split", choices=["time", "random"], action="append")
    chosen = parser.parse_args().split or ["time", "random"]
    print(machine())
    for data in (ciao(), higgs()):
        for by in chosen:
            show(data, by)
        show_spread(data)


if __name__ == "__main__":
    main()
