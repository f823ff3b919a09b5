"""The command `influence rank`: the names, the money, the reasons."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from influence.cli.options import (
    Actions,
    AsOf,
    Config,
    Currency,
    Customers,
    Decimal,
    Demo,
    Discount,
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
    Margin,
    Model,
    NoFit,
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
    load_options,
    load_score_settings,
    load_tables,
)
from influence.cli.render import UNITS, check_output, deliver, number, say, staged
from influence.errors import UsageError

if TYPE_CHECKING:
    from rich.table import Table

    from influence.results import TableResult
    from influence.score import Ranking

__all__ = ["rank"]

_SHOWN = 20
_RUN = "Run"


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
    as_of: AsOf = None,
    horizon: Horizon = None,
    top: Annotated[
        int | None,
        typer.Option("--top", min=1, help="Rows to print or write (20 in a table, else all), and those of p_top."),
    ] = None,
    where: Annotated[
        str | None,
        typer.Option("--where", metavar="CONDITION", help="List only these: \"segment = 'gold' and own_value > 100\"."),
    ] = None,
    exclude: Annotated[
        Path | None, typer.Option("--exclude", help="A list of people to leave out of the list, but not of the graph.")
    ] = None,
    min_value: Annotated[
        float | None, typer.Option("--min-value", help="List only those with at least this network value.")
    ] = None,
    since: Annotated[
        Path | None, typer.Option("--since", help="A saved ranking: say who rose, fell, entered and left since.")
    ] = None,
    show_detractors: Annotated[
        bool, typer.Option("--detractors", help="List those on whom negative value rides, the most pressing first.")
    ] = False,
    include_non_customers: Annotated[
        bool, typer.Option("--include-non-customers", help="List people who are not in the customers table too.")
    ] = False,
    show_counterparts: Annotated[
        bool, typer.Option("--show-counterparts", help="Name listeners in the reasons.")
    ] = False,
    no_intervals: Annotated[
        bool, typer.Option("--no-intervals", help="Don't say how sure values are; a little faster.")
    ] = False,
    measures: Annotated[
        list[str] | None,
        typer.Option("--centrality", metavar="MEASURE", help="Add a column: pagerank, harmonic:distance=inverse …"),
    ] = None,
    reach_model: Annotated[
        str | None,
        typer.Option(
            "--reach", metavar="MODEL", help="Add expected reach and bounds; auto, or as for influence reach."
        ),
    ] = None,
    no_fit: NoFit = False,
    model: Model = None,
    write_back: Annotated[
        bool,
        typer.Option("--write-back", help="Write scores to the Neo4j database that is the source, as influence_rank …"),
    ] = False,
    save_model: Annotated[
        Path | None, typer.Option("--save-model", help="Save what this run learns.", rich_help_panel=_RUN)
    ] = None,
    margin: Margin = None,
    discount: Discount = None,
    currency: Currency = None,
    replicates: Annotated[
        int | None, typer.Option("--bootstrap", min=1, help="Replicates behind p_top.", rich_help_panel=_RUN)
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
    """Rank customers by network value: how much of what others buy rides on them.

    influence rank follows=follows.csv interactions=events.csv customers=crm.csv --out scores.csv
    """
    limit_threads(threads)
    check_output(out, form)
    settings = load_score_settings(context, replicates=replicates)
    if min_value is not None:
        least = f"network_value >= {min_value!r}"
        where = least if where is None else f"({where}) and {least}"
    database = _database(sources) if write_back else None
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
            top=top,
            intervals=not no_intervals,
            fit=model,
            since=since,
            exclude=exclude,
            where=where,
            measures=measures or (),
            reach_model=reach_model,
            stages=stages,
        )
        if save_model is not None:
            api.save_fit(ranking, save_model)
        if database is not None:
            stages.begin("write back")
            run = api.write_back(ranking, database, options=load_options(context))
            say([f"Wrote the scores of {len(ranking):,} people to {database}, as influence_* of the run {run}"], quiet)
    result = ranking.detractors(include_non_customers=include_non_customers) if show_detractors else ranking
    say([f"Note: {note}" for note in result.notes], quiet)
    deliver(
        "rank",
        result.head(top) if top is not None else result,
        tables,
        settings,
        stages,
        out=out,
        form=form,
        manifest_to=manifest,
        draw=lambda: _queue(result, top or _SHOWN) if show_detractors else _table(ranking, top or _SHOWN),
    )


def _database(sources: list[str] | None) -> str:
    from influence.store.neo4j import is_uri

    if not sources or len(sources) > 1 or not is_uri(sources[0]):
        raise UsageError("--write-back needs a Neo4j address as the one source, such as neo4j://localhost:7687")
    return sources[0]


def _table(ranking: Ranking, rows: int) -> Table:
    from rich.table import Table
    from rich.text import Text

    facts = ranking.facts
    unit = f"in {facts['currency']}" if facts["currency"] else UNITS[ranking.unit]
    shown = ranking.frame.head(rows)
    table = Table(
        title=f"{shown.height:,} of {len(ranking):,} customers by network value, {unit}",
        caption=f"as of {facts['as_of'] or 'no date'}, horizon {facts['horizon_days']:.3g} days, rate: {facts['rate']}",
        title_justify="left",
        caption_justify="left",
    )
    moved = "movement" in shown.columns
    names = ["rank", "id", "network\nvalue", "90 %\ninterval", "in\ntop", "own\nvalue", "rank by\nown"]
    for name in (*names, *(["since"] if moved else [])):
        table.add_column(name, justify="left" if name == "id" else "right", no_wrap=True)
    table.add_column("reasons", ratio=1)
    for row in shown.iter_rows(named=True):
        sure = row["low"] is not None
        codes = f" [{row['trust_codes']}]" if row["trust_codes"] else ""
        table.add_row(
            f"{row['rank']:,}",
            Text(row["id"]),
            number(row["network_value"]),
            f"{_short(row['low'])}…{_short(row['high'])}" if sure else "–",
            f"{row['p_top']:.0%}" if sure else "–",
            number(row["own_value"]),
            f"{row['rank_by_own_value']:,}",
            *([_moved(row)] if moved else []),
            Text((row["reasons"] or "") + codes),
        )
    return table


def _queue(result: TableResult, rows: int) -> Table:
    from rich.table import Table
    from rich.text import Text

    shown = result.frame.head(rows)
    table = Table(
        title=f"{shown.height:,} of {len(result):,} detractors, the most pressing first", title_justify="left"
    )
    names = ("id", "urgency", "negative\nvalue", "growth", "negative\nreactions", "of", "last", "channel")
    for name in names:
        table.add_column(name, justify="left" if name in ("id", "channel") else "right", no_wrap=True)
    for row in shown.iter_rows(named=True):
        table.add_row(
            Text(row["id"]),
            number(row["urgency"]),
            number(row["negative_value"]),
            f"× {row['growth']:.2f}",
            f"{row['negative_reactions']:,}",
            f"{row['reactions']:,}",
            (row["last_negative"] or "–")[:10],
            Text(row["channel"] or "–"),
        )
    return table


def _moved(row: dict[str, Any]) -> str:
    change = row["rank_change"]
    return "new" if change is None else f"{change:+,}" if change else "="


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 10 else f"{value:.2g}"
