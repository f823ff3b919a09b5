"""The command `influence rank`: the names, the money, the reasons."""

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
from influence.cli.render import check_output, deliver, say, staged

if TYPE_CHECKING:
    from rich.table import Table

    from influence.score import Ranking

__all__ = ["rank"]

_SHOWN = 20


def rank(
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
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="Leave later events out: a date, that day included.")
    ] = None,
    horizon: Annotated[float | None, typer.Option("--horizon", help="Days that rates look ahead.")] = None,
    top: Annotated[
        int | None, typer.Option("--top", min=1, help="Rows to print or write; 20 in a table, else all.")
    ] = None,
    include_non_customers: Annotated[
        bool, typer.Option("--include-non-customers", help="List people who are not in the customers table too.")
    ] = False,
    show_counterparts: Annotated[
        bool, typer.Option("--show-counterparts", help="Name listeners in the reasons.")
    ] = False,
    rate: Rate = None,
    config: Config = None,
    seed: Seed = None,
    threads: Threads = None,
    out: Out = None,
    form: Format = None,
    manifest: ManifestPath = None,
    quiet: Quiet = False,
) -> None:
    """Rank customers by network value: how much of what others buy rides on them.

    influence rank follows=follows.csv interactions=events.csv customers=crm.csv --out scores.csv
    """
    limit_threads(threads)
    check_output(out, form)
    settings = load_settings(config, horizon_days=horizon, rate=rate, seed=seed)
    with staged(quiet) as stages:
        stages.begin("read")
        tables = load_tables(context, sources, demo, settings)
        from influence import api

        ranking = api.rank(
            tables,
            settings=settings,
            as_of=as_of,
            include_non_customers=include_non_customers,
            show_counterparts=show_counterparts,
            stages=stages,
        )
    say([f"Note: {note}" for note in ranking.notes], quiet)
    deliver(
        "rank",
        ranking.head(top) if top is not None else ranking,
        tables,
        settings,
        stages,
        out=out,
        form=form,
        manifest_to=manifest,
        draw=lambda: _table(ranking, top or _SHOWN),
    )


def _table(ranking: Ranking, rows: int) -> Table:
    from rich.table import Table
    from rich.text import Text

    unit = {"money": "in the currency of the clv column", "acts": "in expected acts", "people": "in people"}
    facts = ranking.facts
    table = Table(
        title=f"{min(rows, len(ranking)):,} of {len(ranking):,} customers by network value, {unit[ranking.unit]}",
        caption=f"as of {facts['as_of'] or 'no date'}, horizon {facts['horizon_days']:.3g} days, rate: {facts['rate']}",
        title_justify="left",
        caption_justify="left",
    )
    for name in ("rank", "id", "network\nvalue", "own\nvalue", "rank by\nown", "people\ninfluenced"):
        table.add_column(name, justify="left" if name == "id" else "right", no_wrap=True)
    table.add_column("reasons", ratio=1)
    for row in ranking.frame.head(rows).iter_rows(named=True):
        table.add_row(
            f"{row['rank']:,}",
            Text(row["id"]),
            _number(row["network_value"]),
            _number(row["own_value"]),
            f"{row['rank_by_own_value']:,}",
            f"{row['people_influenced']:,}",
            Text(row["reasons"] or ""),
        )
    return table


def _number(value: float) -> str:
    return f"{value:,.2f}" if abs(value) < 100 else f"{value:,.0f}"
