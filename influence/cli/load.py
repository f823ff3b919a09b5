"""The command `influence load`: files into a store, once each."""

from __future__ import annotations

import json
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
from influence.cli.render import say, staged
from influence.errors import UsageError

if TYPE_CHECKING:
    from influence.store import Appended

__all__ = ["load"]

_NAMED = 3


def load(
    context: typer.Context,
    sources: Sources = None,
    into: Annotated[
        str | None,
        typer.Option(
            "--into",
            help="The folder of the store, made if it is not there; neo4j://…; neo4j-import:DIR for files "
            "that neo4j-admin imports; or a new file: graph.graphml, .gexf, .gml, .json.",
            show_default=False,
        ),
    ] = None,
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
    lock_timeout: Annotated[
        float, typer.Option("--lock-timeout", min=0, help="Seconds to wait for another writer.")
    ] = 10.0,
    config: Config = None,
    threads: Threads = None,
    form: Annotated[str | None, typer.Option("--format", "-f", help="json: a summary on the standard output.")] = None,
    quiet: Quiet = False,
) -> None:
    """Add files to a store that rank and evaluate read in their place; what was loaded before is skipped.

    influence load follows=follows.csv interactions=events.csv --into store && influence rank store
    """
    if form not in (None, "json"):
        raise UsageError(f"--format must be json, not {form!r}")
    if into is None:
        raise UsageError("--into is missing: name the folder of the store, which is made if it is not there")
    limit_threads(threads)
    settings = load_settings(config)
    named = named_sources(context, sources, demo)
    from influence import api

    with staged(quiet) as stages:
        appended = api.load(
            *([api.demo_tables()] if demo else named),
            into=into,
            settings=settings,
            options=load_options(context),
            lock_timeout=lock_timeout,
            stages=stages,
        )
    say(_report(appended), quiet)
    if form == "json":
        typer.echo(json.dumps(appended.as_dict(), ensure_ascii=False, indent=2))


def _report(done: Appended) -> list[str]:
    lines = [f"Note: {note}" for note in done.notes]
    added = ", ".join(f"{rows:,} {role}" for role, rows in done.added.items()) or "nothing"
    lines.append(f"Added to {done.path}: {added}; {done.new_people:,} new people, {done.new_ties:,} new ties")
    if done.skipped_files:
        names = ", ".join(file.path for file in done.skipped_files[:_NAMED])
        more = f" and {len(done.skipped_files) - _NAMED:,} more" if len(done.skipped_files) > _NAMED else ""
        lines.append(f"Skipped, loaded before: {names}{more}")
    if done.skipped_events:
        lines.append(f"Skipped, interactions whose id was seen before: {done.skipped_events:,}")
    if done.replaced_customers:
        lines.append(f"Replaced, customers of whom there was an older row: {done.replaced_customers:,}")
    totals = ", ".join(f"{rows:,} {role}" for role, rows in done.totals.rows.items())
    lines.append(
        f"The store holds {totals}; {done.totals.people:,} people, {done.totals.ties:,} ties, "
        f"{done.totals.bytes / 1e6:,.1f} MB in generation {done.generation}"
    )
    return lines
