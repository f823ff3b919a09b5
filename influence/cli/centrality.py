"""The command `influence centrality`: any measure of the graph, one or several, in one table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from influence.cli.options import (
    AsOf,
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
    Seed,
    Sources,
    Suppress,
    Threads,
    TimeUnit,
    limit_threads,
    load_settings,
    load_tables,
)
from influence.cli.render import check_output, console, deliver, say, staged

if TYPE_CHECKING:
    from rich.table import Table

    from influence.centrality.table import Measures

__all__ = ["centrality"]

_SHOWN = 20


def centrality(
    context: typer.Context,
    sources: Sources = None,
    measures: Annotated[
        list[str] | None,
        typer.Option(
            "--measure",
            "-m",
            metavar="NAME[:OPTION=VALUE,...]",
            help="A measure; may be given again. --list shows all.",
        ),
    ] = None,
    show_list: Annotated[bool, typer.Option("--list", help="List the measures and their options, and end.")] = False,
    undirected: Annotated[bool, typer.Option("--undirected", help="Forget who listens to whom.")] = False,
    unweighted: Annotated[bool, typer.Option("--unweighted", help="Count each tie once, however often.")] = False,
    distance: Annotated[
        str | None,
        typer.Option(
            "--distance", help="Length of a tie: inverse (the stronger, the shorter) or weight; else each is one hop."
        ),
    ] = None,
    follows: Follows = None,
    interactions: Interactions = None,
    customers: Customers = None,
    identities: Identities = None,
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
    top: Annotated[
        int | None, typer.Option("--top", min=1, help="Rows to print or write; 20 in a table, else all.")
    ] = None,
    config: Config = None,
    seed: Seed = None,
    threads: Threads = None,
    out: Out = None,
    form: Format = None,
    manifest: ManifestPath = None,
    quiet: Quiet = False,
) -> None:
    """Measure the graph: PageRank, betweenness, closeness, cores, communities and more.

    influence centrality follows=follows.csv interactions=events.csv -m pagerank -m harmonic --out measures.csv
    """
    limit_threads(threads)
    if show_list:
        console().print(_list())
        return
    check_output(out, form)
    settings = load_settings(config, seed=seed)
    common: dict[str, Any] = {} if distance is None else {"distance": distance}
    if unweighted:
        common["weighted"] = False
    with staged(quiet) as stages:
        stages.begin("read")
        tables = load_tables(context, sources, demo, settings)
        from influence import api

        result = api.measure(
            tables,
            measures=measures or ["pagerank"],
            undirected=undirected,
            settings=settings,
            as_of=as_of,
            common=common,
            stages=stages,
        )
    say([f"Note: {note}" for note in result.notes], quiet)
    deliver(
        "centrality",
        result.head(top) if top is not None else result,
        tables,
        settings,
        stages,
        out=out,
        form=form,
        manifest_to=manifest,
        draw=lambda: _table(result, top or _SHOWN),
    )


def _table(result: Measures, rows: int) -> Table:
    from rich.table import Table
    from rich.text import Text

    facts = result.facts
    shown = result.frame.head(rows)
    kind = "directed" if facts["directed"] else "undirected"
    seconds = sum(one["seconds"] for one in facts["measures"].values())
    table = Table(
        title=f"{shown.height:,} of {len(result):,} by {result.columns[0]}",
        caption=f"{facts['nodes']:,} people, {facts['edges']:,} {kind} ties; measured in {seconds:.3g} s",
        title_justify="left",
        caption_justify="left",
    )
    for name in shown.columns:
        table.add_column(Text(name), justify="right" if name in result.columns else "left", overflow="fold")
    for row in shown.iter_rows(named=True):
        table.add_row(*(_cell(row[name], name in result.columns) for name in shown.columns))
    return table


def _cell(value: Any, measured: bool) -> Any:
    from rich.text import Text

    if value is None:
        return "–"
    if not measured:
        return Text(str(value))
    return f"{value:,}" if isinstance(value, int) else f"{value:.6g}"


def _list() -> Table:
    from rich.table import Table

    from influence.centrality.measures import MEASURES

    table = Table(title="Measures, and options with their defaults", title_justify="left")
    table.add_column("measure", no_wrap=True)
    table.add_column("what it says")
    table.add_column("options", overflow="fold")
    for measure in MEASURES.values():
        options = ", ".join(f"{name}={_plain(value)}" for name, value in measure.options().items())
        table.add_row(measure.name, measure.about, options)
    return table


def _plain(value: Any) -> str:
    return "none" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
