"""The `influence` command: its subcommands, and one place where errors become exit statuses."""

from __future__ import annotations

import sys

import typer

from influence import __version__
from influence.cli import centrality, check, evaluate, explain, export, load, rank, spread, sync, topics
from influence.errors import InfluenceError

__all__ = ["app", "main"]

app = typer.Typer(
    name="influence",
    help="Rank customers by how much of what others buy rides on them.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("rank")(rank.rank)
app.command("load")(load.load)
app.command("check")(check.check)
app.command("explain")(explain.explain)
app.command("evaluate")(evaluate.evaluate)
app.command("centrality")(centrality.centrality)
app.command("reach")(spread.reach)
app.command("seeds")(spread.seeds)
app.command("topics")(topics.topics)
app.command("export")(export.export)
app.command("sync")(sync.sync)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"influence {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),
) -> None:
    """Rank customers by how much of what others buy rides on them."""


def main() -> None:
    """Run the command line and end with its exit status.

    0 good, 1 runtime error, 2 usage, 3 bad data, 4 store held by another writer, 130 interrupted.
    """
    try:
        app()
    except InfluenceError as error:
        typer.echo(f"Error: {error}", err=True)
        sys.exit(error.exit_status)
    except MemoryError:
        typer.echo("Error: out of memory; a machine with more, or less data, is needed", err=True)
        sys.exit(1)
    except BrokenPipeError:
        # whoever read our output has enough; keep the interpreter from complaining at exit
        sys.stderr.close()
        sys.exit(1)
    except (KeyboardInterrupt, Exception) as error:
        if not _interrupted(error):
            raise
        typer.echo("Interrupted; nothing was written.", err=True)
        sys.exit(130)


def _interrupted(error: BaseException | None) -> bool:
    """Return whether an error is an interrupt, or came of one: in a compiled call or a compiler it is wrapped."""
    while error is not None:
        if isinstance(error, KeyboardInterrupt):
            return True
        error = error.__cause__ or error.__context__
    return False
