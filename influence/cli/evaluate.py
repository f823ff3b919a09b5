"""The command `influence evaluate`: whether the score says what happened next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from influence.cli.options import (
    Actions,
    Config,
    Customers,
    Decimal,
    Demo,
    Encoding,
    FoldCase,
    Follows,
    Format,
    Identities,
    Interactions,
    ManifestPath,
    MapColumns,
    MapTypes,
    OnBadRows,
    Out,
    Quiet,
    Rate,
    Seed,
    Sources,
    Suppress,
    Threads,
    TimeUnit,
    Topics,
    Transactions,
    limit_threads,
    load_settings,
    load_tables,
)
from influence.cli.render import as_document, check_output, console, deliver, say, staged

if TYPE_CHECKING:
    from rich.table import Table

    from influence.evaluate import Backtest

__all__ = ["evaluate"]

_COLUMNS = {
    "ndcg": "NDCG\nin the top",
    "excess": "excess\ncapture",
    "share_top": "share\nof best",
    "share_top_1": "same,\ntop 1 %",
    "spearman": "rank\ncorr.",
    "predicted_observed": "pred./\nobs.",
}
#: Where the terminal is wide enough, the main metrics show their intervals; the file has those of all.
_WIDE = 110
_WITH_INTERVAL = ("ndcg", "excess")


def evaluate(
    context: typer.Context,
    sources: Sources = None,
    follows: Follows = None,
    interactions: Interactions = None,
    actions: Actions = None,
    transactions: Transactions = None,
    customers: Customers = None,
    identities: Identities = None,
    topics: Topics = None,
    suppress: Suppress = None,
    demo: Demo = False,
    time_unit: TimeUnit = None,
    encoding: Encoding = None,
    decimal: Decimal = None,
    map_columns: MapColumns = None,
    map_types: MapTypes = None,
    fold_case: FoldCase = None,
    on_bad_rows: OnBadRows = None,
    cut: Annotated[
        str | None, typer.Option("--cut", help="Date at which the future begins; the latest that leaves a horizon.")
    ] = None,
    horizon: Annotated[float | None, typer.Option("--horizon", help="Days of future to score against.")] = None,
    placebos: Annotated[int, typer.Option("--placebos", min=0, help="Rewirings of the ties to average.")] = 8,
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
    check_output(out, form)
    settings = load_settings(config, horizon_days=horizon, rate=rate, seed=seed, bootstrap=bootstrap)
    with staged(quiet) as stages:
        stages.begin("read")
        tables = load_tables(context, sources, demo, settings)
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
        draw=lambda: _table(result, console().width >= _WIDE),
        as_json=lambda: as_document(result, verdict=list(result.verdict)),
    )
    say(list(result.verdict), quiet)


def _table(result: Backtest, wide: bool) -> Table:
    from rich.table import Table

    facts = result.facts
    table = Table(
        title=f"{facts['population']:,} people scored before {facts['cut'][:10]}, "
        f"{facts['follow_ons_of_population']:,.0f} follow-ons in the {facts['horizon_days']:.3g} days after",
        caption=f"top: {facts['top']:,} people; 90 % intervals over replicates of customers",
        title_justify="left",
        caption_justify="left",
    )
    table.add_column("score", min_width=16)
    for heading in _COLUMNS.values():
        table.add_column(heading, justify="right", no_wrap=True)
    for row in result.frame.iter_rows(named=True):
        table.add_row(row["score"], *(_cell(row, metric, wide) for metric in _COLUMNS))
    return table


def _cell(row: dict[str, float | None], metric: str, wide: bool) -> str:
    value, low, high = (row[metric + suffix] for suffix in ("", "_low", "_high"))
    if value is None:
        return ""
    if not wide or metric not in _WITH_INTERVAL or low is None or high is None:
        return f"{value:.3f}"
    return f"{value:.3f} ({low:.2f}…{high:.2f})"
