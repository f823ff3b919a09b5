"""Results as text on a terminal, and the one place that decides where they go."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from influence.api.stages import Stages
from influence.errors import InfluenceError, UsageError
from influence.progress import Listener, listening

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from influence.config import Settings
    from influence.io import Tables
    from influence.results import TableResult

__all__ = ["UNITS", "as_document", "check_output", "console", "deliver", "number", "say", "staged"]

#: What values are in, where no currency is known.
UNITS = {"money": "in money", "acts": "in expected acts", "people": "in people"}


def number(value: float) -> str:
    """Return an amount as people read it: cents below a hundred, whole above."""
    return f"{value:,.2f}" if abs(value) < 100 else f"{value:,.0f}"


def console() -> Console:
    """Return a console on the standard output."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=False)


def say(lines: tuple[str, ...] | list[str], quiet: bool) -> None:
    """Print lines to the standard error, unless asked to be quiet."""
    if not quiet:
        for line in lines:
            typer.echo(line, err=True)


@contextmanager
def staged(quiet: bool) -> Iterator[Stages]:
    """Show what is running, and how far it is, on a terminal; in a pipe tell only of much memory."""
    if quiet:
        yield Stages()
        return
    if not sys.stderr.isatty():
        with listening(Listener(memory=_tell_memory)):
            yield Stages()
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description} …"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=None)

        def show(label: str, part: float | None) -> None:
            bar.update(task, description=label, total=None if part is None else 1.0, completed=part or 0.0)

        with listening(Listener(show, _tell_memory)):
            yield Stages(lambda name: show(name, None))


def _tell_memory(label: str, size: int) -> None:
    typer.echo(f"Note: {label} takes about {size / 2**30:.1f} GiB of memory", err=True)


def check_output(out: Path | None, form: str | None) -> None:
    """Refuse an output that cannot be, before anything is computed for it.

    Raises
    ------
    UsageError
        The format is unknown, or does not go where it is to go.
    InfluenceError
        There is no folder for the file.
    """
    from influence.export.files import FORMATS, format_of

    if form is not None and form not in (*FORMATS, "table"):
        raise UsageError(f"--format must be one of table, {', '.join(FORMATS)}, not {form!r}")
    if out is None and form == "parquet":
        raise UsageError("Parquet is not text: give a file with --out")
    if out is not None:
        if form == "table":
            raise UsageError("--format table goes to the terminal; leave --out away, or choose another format")
        format_of(out, form)
        if not out.absolute().parent.is_dir():
            raise InfluenceError(f"{out}: there is no folder {str(out.parent)!r}; make it first")


def deliver(
    command: str,
    result: TableResult,
    tables: Tables,
    settings: Settings,
    stages: Stages,
    *,
    out: Path | None,
    form: str | None,
    manifest_to: Path | None,
    draw: Callable[[], Table],
    as_json: Callable[[], str] | None = None,
) -> None:
    """Write a result to a file or to the standard output, and its manifest where one is due."""
    from influence.export import format_of, manifest, manifest_path, to_text, write_manifest, write_table

    stages.begin("write")
    if out is not None:
        write_table(result.frame, out, format_of(out, form))
    else:
        chosen = form or ("table" if sys.stdout.isatty() else "csv")
        if chosen == "table":
            console().print(draw())
        elif chosen == "json" and as_json is not None:
            typer.echo(as_json())
        else:
            typer.echo(to_text(result.frame, chosen), nl=False)
    stages.end()
    if manifest_to is None and out is not None:
        manifest_to = manifest_path(out)
    if manifest_to is not None:
        write_manifest(manifest(command, result, tables, settings, stages.seconds), manifest_to)


def as_document(result: TableResult, **more: Any) -> str:
    """Return a result as one JSON document: rows, facts and notes."""
    return json.dumps(
        {"rows": result.frame.to_dicts(), **more, "facts": dict(result.facts), "notes": list(result.notes)},
        ensure_ascii=False,
        indent=2,
    )
