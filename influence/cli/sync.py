"""The command `influence sync`: load, rank and export in one run, fit for a scheduler."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from influence.cli.options import Quiet, Threads, limit_threads
from influence.cli.render import staged
from influence.errors import InfluenceError, UsageError

__all__ = ["sync"]


def sync(
    config: Annotated[Path, typer.Option("--config", help="A settings file with a table [sync].")] = Path(
        "influence.toml"
    ),
    send: Annotated[
        bool | None, typer.Option("--send/--no-send", help="Send or not, whatever the settings say.")
    ] = None,
    everything: Annotated[bool, typer.Option("--full", help="Export all, changed or not.")] = False,
    last: Annotated[bool, typer.Option("--last", help="Print what the last run did, and do nothing.")] = False,
    lock_timeout: Annotated[
        float, typer.Option("--lock-timeout", min=0.0, help="Seconds to wait for a run that is under way.")
    ] = 0.0,
    threads: Threads = None,
    quiet: Quiet = False,
) -> None:
    """Load new events, rank, export what changed and send it if told; print one line of JSON.

    influence sync --config influence.toml
    """
    limit_threads(threads)
    if not config.is_file():
        raise UsageError(f"{config}: no such file; it needs a table [sync] (see the README)")
    from influence import api

    settings = api.SyncSettings.read(config)
    if last:
        summary = api.last_sync(settings.out)
        if summary is None:
            raise InfluenceError(f"{settings.out}: no run is told of there")
        typer.echo(json.dumps(summary, ensure_ascii=False))
        return
    try:
        with staged(quiet) as stages:
            summary = api.sync(settings, send=send, everything=everything, lock_timeout=lock_timeout, stages=stages)
    except InfluenceError as error:
        typer.echo(json.dumps({"status": "failed", "error": str(error)}, ensure_ascii=False))
        raise
    typer.echo(json.dumps(summary, ensure_ascii=False))
    if summary["status"] != "done":
        raise typer.Exit(1)
