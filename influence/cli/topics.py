"""The command `influence topics`: which issues and ideas the people who matter raised."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from influence.cli.options import (
    Actions,
    AsOf,
    Config,
    Customers,
    Decimal,
    Encoding,
    FoldCase,
    Follows,
    Format,
    Horizon,
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
from influence.cli.render import UNITS, check_output, deliver, number, say, staged

if TYPE_CHECKING:
    from rich.table import Table

    from influence.score.topics import TopicRanking

__all__ = ["topics"]

_SHOWN = 20


def topics(
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
    time_unit: TimeUnit = None,
    encoding: Encoding = None,
    decimal: Decimal = None,
    map_columns: MapColumns = None,
    map_types: MapTypes = None,
    fold_case: FoldCase = None,
    on_bad_rows: OnBadRows = None,
    as_of: AsOf = None,
    period: Annotated[
        float, typer.Option("--period", help="Days that are recent; growth compares them with as many before.")
    ] = 91.0,
    min_people: Annotated[
        int, typer.Option("--min-people", min=1, help="Leave out what fewer people raised: it would show one's worth.")
    ] = 3,
    horizon: Horizon = None,
    top: Annotated[
        int | None, typer.Option("--top", min=1, help="Rows to print or write; 20 in a table, else all.")
    ] = None,
    rate: Rate = None,
    config: Config = None,
    seed: Seed = None,
    threads: Threads = None,
    out: Out = None,
    form: Format = None,
    manifest: ManifestPath = None,
    quiet: Quiet = False,
) -> None:
    """Rank issues and ideas by the network value of the people who raised them.

    influence topics topics=topics.csv interactions=events.csv customers=crm.csv
    """
    limit_threads(threads)
    check_output(out, form)
    settings = load_settings(config, horizon_days=horizon, rate=rate, seed=seed)
    with staged(quiet) as stages:
        stages.begin("read")
        tables = load_tables(context, sources, False, settings)
        from influence import api

        result = api.topics(
            tables, settings=settings, as_of=as_of, period_days=period, min_people=min_people, stages=stages
        )
    say([f"Note: {note}" for note in result.notes], quiet)
    deliver(
        "topics",
        result.head(top) if top is not None else result,
        tables,
        settings,
        stages,
        out=out,
        form=form,
        manifest_to=manifest,
        draw=lambda: _table(result, top or _SHOWN),
    )


def _table(result: TopicRanking, rows: int) -> Table:
    from rich.table import Table
    from rich.text import Text

    facts = result.facts
    table = Table(
        title=f"{min(rows, len(result)):,} of {len(result):,} topics by the network value behind them, "
        f"{facts['currency'] or UNITS[result.unit]}",
        caption=f"as of {facts['as_of'] or 'no date'}, recent: {facts['period_days']:.3g} days; raised by "
        f"{facts['min_people']:,} people or more",
        title_justify="left",
        caption_justify="left",
    )
    table.add_column("topic", ratio=1)
    for name in ("people", "network\nvalue", "conserved\nvalue", "own\nvalue", "recent\npeople", "growth"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in result.frame.head(rows).iter_rows(named=True):
        table.add_row(
            Text(row["topic"]),
            f"{row['people']:,}",
            *(number(row[name]) for name in ("network_value", "conserved_value", "own_value")),
            "" if row["recent_people"] is None else f"{row['recent_people']:,}",
            "" if row["growth"] is None else f"× {row['growth']:.2f}",
        )
    return table
