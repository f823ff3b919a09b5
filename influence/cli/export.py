"""The command `influence export`: scores to files for people and CRMs, and to CRMs."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from influence.cli.options import (
    Config,
    Customers,
    FoldCase,
    MapColumns,
    OnBadRows,
    Quiet,
    Suppress,
    Threads,
    limit_threads,
    load_options,
    load_settings,
)
from influence.cli.render import say, staged
from influence.config import find_settings
from influence.errors import UsageError

if TYPE_CHECKING:
    from influence.export.delivery import Delivered
    from influence.export.targets import Target

__all__ = ["export"]

_TABLES = ("csv", "parquet", "jsonl")


def export(
    context: typer.Context,
    form: Annotated[str, typer.Argument(metavar="FORMAT", help="csv, parquet, jsonl, salesforce, hubspot, identify.")],
    store: Annotated[
        str | None,
        typer.Argument(metavar="[STORE]", help="A store that holds the customers table.", show_default=False),
    ] = None,
    run: Annotated[
        Path | None, typer.Option("--run", help="The ranking: what influence rank --out wrote, its manifest beside it.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", help="A folder, which gets what changed; or a new .csv, .jsonl, .parquet, which gets all."
        ),
    ] = None,
    customers: Customers = None,
    suppress: Suppress = None,
    everything: Annotated[bool, typer.Option("--full", help="Write all, changed or not.")] = False,
    send: Annotated[
        bool, typer.Option("--send", help="Send to the CRM too; without it, files are written and nothing is sent.")
    ] = False,
    definitions: Annotated[
        bool, typer.Option("--definitions", help="Print the fields that the CRM needs, for its administrator.")
    ] = False,
    map_columns: MapColumns = None,
    fold_case: FoldCase = None,
    on_bad_rows: OnBadRows = None,
    config: Config = None,
    threads: Threads = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was done as JSON.")] = False,
    quiet: Quiet = False,
) -> None:
    """Write scores for people and CRMs: all of them, or what changed since the last time.

    influence export salesforce --run scores.parquet --customers crm.csv --out exports
    """
    limit_threads(threads)
    settings = load_settings(config)
    from influence.export.targets import read_target

    target = read_target(form, config if config is not None else find_settings())
    if definitions:
        typer.echo(_definitions(target), nl=False)
        return
    if run is None:
        raise UsageError("give the ranking with --run: a file that influence rank --out wrote")
    people = [*([store] if store else []), *_files("customers", customers), *_files("suppress", suppress)]
    how: dict[str, Any] = {"people": people, "settings": settings, "options": load_options(context)}
    if form in _TABLES and (out is None or out.suffix):
        if send:
            raise UsageError(f"{form} is sent nowhere; --send goes with salesforce or hubspot")
        _whole(run, target, out, how, quiet)
        return
    if out is None:
        raise UsageError(f"name a folder for {form} with --out; it also keeps what was written the last time")
    from influence import api

    with staged(quiet) as stages:
        done = api.export_changes(run, target, out, everything=everything, send=send, stages=stages, **how)
    say(_report(done, target, send), quiet)
    if as_json:
        typer.echo(json.dumps(done.as_dict(), ensure_ascii=False))
    if done.failed:
        raise typer.Exit(1)


def _files(role: str, paths: list[str] | None) -> list[str]:
    return [f"{role}={path}" for path in paths or []]


def _whole(run: Path, target: Target, out: Path | None, how: dict[str, Any], quiet: bool) -> None:
    from influence import api
    from influence.export import to_text, write_table

    if out is None and target.form == "parquet":
        raise UsageError("Parquet is not text: give a file with --out")
    if out is not None and out.suffix != f".{target.form}":
        raise UsageError(f"{out}: does not end in .{target.form}; name a file that does, or a folder")
    with staged(quiet):
        result = api.export_table(run, target, **how)
        if out is not None:
            write_table(result.frame, out, target.form)
    say([f"Note: {note}" for note in result.notes], quiet)
    if out is None:
        typer.echo(to_text(result.frame, target.form), nl=False)
    else:
        say([f"Wrote {len(result):,} people to {out}"], quiet)


def _definitions(target: Target) -> str:
    from influence.export.definitions import definitions_text

    return definitions_text(target, people=sys.stdout.isatty())


def _report(done: Delivered, target: Target, send: bool) -> list[str]:
    from influence.send import SENDABLE

    lines = [f"Note: {note}" for note in done.notes]
    counts = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in done.counts.items() if count)
    lines.append(f"People: {counts or 'none'}")
    if done.folder is None:
        lines.append("Nothing to write")
        return lines
    size = sum(part.bytes for part in done.files)
    lines.append(f"Wrote {len(done.files):,} files, {size / 1e6:,.1f} MB, to {done.folder}")
    if send:
        lines.append(f"Sent: {done.accepted:,} accepted, {done.failed:,} refused")
    elif target.form in SENDABLE:
        lines.append("Nothing was sent: --send does that")
    return lines
