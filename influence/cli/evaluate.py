"""`influence evaluate`: does the score say what happened next?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from influence.cli.options import (
    Actions,
    Config,
    Customers,
    Demo,
    Follows,
    Format,
    Interactions,
    ManifestPath,
    Out,
    Quiet,
    Rate,
    Seed,
    Sources,
    Threads,
    TimeUnit,
    Transactions,
    limit_threads,
    load_settings,
    load_tables,
)
from influence.cli.render import as_document, deliver, say, staged

if TYPE_CHECKING:
    from rich.table import Table

    from influence.evaluate import Backtest

__all__ = ["evaluate"]

_COLUMNS = {
    "ndcg": "NDCG\ntop 5 %",
    "share_top": "share of best\ntop 5 %",
    "share_top_1": "share of best\ntop 1 %",
    "excess": "excess\ncapture",
    "spearman": "Spearman",
    "predicted_observed": "predicted /\nobserved",
}


def evaluate(
    sources: Sources = None,
    follows: Follows = None,
    interactions: Interactions = None,
    actions: Actions = None,
    transactions: Transactions = None,
    customers: Customers = None,
    demo: Demo = False,
    time_unit: TimeUnit = None,
    cut: Annotated[
        str | None, typer.Option("--cut", help="Date at which the future begins; the latest that leaves a horizon.")
    ] = None,
    horizon: Annotated[float | None, typer.Option("--horizon", help="Days of future to score against.")] = None,
    placebos: Annotated[int, typer.Option("--placebos", min=0, help="Rewirings of the ties to average.")] = 3,
    bootstrap: Annotated[int | None, typer.Option("--bootstrap", min=1, help="Replicates of customers.")] = None,
    rate: Rate = None,
    config: Config = None,
    seed: Seed = None,
    threads: Threads = None,
    out: Out = None,
    form: Format = None,
    manifest: ManifestPath = None,
    quiet: Quiet = False,
) -> None:
    """Score the past, count what followed, and compare with followers, activity, PageRank and chance.

    influence evaluate follows=trust.parquet actions=reviews.parquet --cut 2006-01-01
    """
    limit_threads(threads)
    settings = load_settings(config, horizon_days=horizon, rate=rate, seed=seed, bootstrap=bootstrap)
    with staged(quiet) as stages:
        stages.begin("read")
        by_role = {
            "follows": follows,
            "interactions": interactions,
            "actions": actions,
            "transactions": transactions,
            "customers": customers,
        }
        tables = load_tables(sources, by_role, demo, time_unit, settings)
        from influence import api

        result = api.backtest(tables, settings=settings, cut=cut, placebos=placebos, stages=stages)
    say([f"Note: {note}" for note in result.notes], quiet)
    deliver(
        "evaluate",
        result,
        tables,
        settings,
        stages,
        out=out,
        form=form,
        manifest_to=manifest,
        draw=lambda: _table(result),
        as_json=lambda _: as_document(result, verdict=list(result.verdict)),
    )
    say(list(result.verdict), quiet)


def _table(result: Backtest) -> Table:
    from rich.table import Table

    facts = result.facts
    table = Table(
        title=f"{facts['population']:,} people scored before {facts['cut'][:10]}, "
        f"{facts['follow_ons_of_population']:,.0f} follow-ons in the {facts['horizon_days']:.3g} days after",
        caption="with 90 % intervals over replicates of customers",
        title_justify="left",
        caption_justify="left",
    )
    table.add_column("score")
    for heading in _COLUMNS.values():
        table.add_column(heading, justify="right")
    for row in result.frame.iter_rows(named=True):
        table.add_row(row["score"], *(_cell(row, metric) for metric in _COLUMNS))
    return table


def _cell(row: dict[str, float | None], metric: str) -> str:
    value, low, high = (row[metric + suffix] for suffix in ("", "_low", "_high"))
    if value is None:
        return ""
    return f"{value:.3f}" if low is None or high is None else f"{value:.3f}\n{low:.3f} … {high:.3f}"
