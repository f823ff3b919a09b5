"""The command `influence check`: whether sources can be loaded, and what a score could use of them."""

from __future__ import annotations

import textwrap
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
    Horizon,
    Identities,
    Interactions,
    MapColumns,
    MapTypes,
    OnBadRows,
    Quiet,
    Sources,
    Suppress,
    Threads,
    TimeUnit,
    Topics,
    Transactions,
    limit_threads,
    load_options,
    load_settings,
    named_sources,
)
from influence.cli.render import as_document, console, say, staged
from influence.errors import DataError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from influence.evaluate.outlook import Check

__all__ = ["check"]


def check(
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
    horizon: Horizon = None,
    config: Config = None,
    threads: Threads = None,
    form: Annotated[str | None, typer.Option("--format", "-f", help="table (by default) or json.")] = None,
    quiet: Quiet = False,
) -> None:
    """Validate files or a store: what would be loaded, and what the score could use. Nothing is scored or written.

    influence check follows=follows.csv interactions=events.csv customers=crm.csv
    """
    if form not in (None, "table", "json"):
        raise UsageError(f"--format must be table or json, not {form!r}")
    limit_threads(threads)
    settings = load_settings(config, horizon_days=horizon)
    named = named_sources(context, sources, demo)
    from influence import api

    options = load_options(context)
    with staged(quiet) as stages:
        result = api.check(*([api.demo_tables()] if demo else named), settings=settings, options=options, stages=stages)
    say([f"Note: {note}" for note in result.notes], quiet)
    if form == "json":
        typer.echo(as_document(result, findings=list(result.findings), outlook=list(result.outlook)))
    else:
        _show(result)
    if not result.loadable:
        bad = result.facts["bad_rows"]
        raise DataError(
            f"bad rows: {', '.join(f'{rows:,} in {name}' for name, rows in bad.items())}. The other commands stop at "
            "them; correct them, or leave them out with --on-bad-rows skip"
        )


def _show(result: Check) -> None:
    screen = console()
    frame, facts = result.frame, result.facts
    tables = f"{frame.height:,} table{'' if frame.height == 1 else 's'}"
    typer.echo(f"{facts['people']:,} people in {tables}")
    screen.print(_tables(result))
    for title, sentences in (
        ("What the tables hold", result.findings),
        ("What the score can use", result.outlook),
    ):
        if sentences:
            typer.echo("\n".join(["", title, *_aligned(sentences, screen.width)]))


def _tables(result: Check) -> Table:
    from rich.table import Table

    frame = result.frame
    table = Table()
    columns = ["table", "rows", "bad_rows", "used", "people", "first", "last"]
    if not result.facts["bad_rows"]:
        columns.remove("bad_rows")
    if (frame["rows"] == frame["used"]).all():
        columns.remove("used")
    for name in columns:
        table.add_column(name.replace("_", " "), justify="left" if name in ("table", "first", "last") else "right")
    for row in frame.iter_rows(named=True):
        cells = [row[name] for name in columns]
        table.add_row(
            *("" if cell is None else f"{cell:,}" if isinstance(cell, int) else _time(cell) for cell in cells)
        )
    return table


def _time(text: str) -> str:
    return text[:16].replace("T", " ")


def _aligned(sentences: Sequence[str], width: int) -> list[str]:
    """Return sentences below each other, and what they are about, once, before them."""
    parts = [sentence.partition(": ") for sentence in sentences]
    margin = min(max(len(about) for about, _, _ in parts), width // 3)
    lines = []
    before = None
    for about, _, said in parts:
        # a name longer than the margin, such as that of a file, takes a line of its own
        if about != before and len(about) > margin:
            lines.append(about)
        first = about if about != before and len(about) <= margin else ""
        for text in textwrap.wrap(said, max(20, width - margin - 2)):
            lines.append(f"{first:<{margin}}  {text}")
            first = ""
        before = about
    return lines
