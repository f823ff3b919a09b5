"""Options that commands share, and what they become."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from influence.api import ROLES
from influence.config import Settings, find_settings, read_settings
from influence.errors import UsageError

if TYPE_CHECKING:
    from influence.io import ReadOptions, Tables

__all__ = [
    "Actions",
    "AsOf",
    "Config",
    "Currency",
    "Customers",
    "Decimal",
    "Demo",
    "Discount",
    "Encoding",
    "FoldCase",
    "Follows",
    "Format",
    "Horizon",
    "Identities",
    "Interactions",
    "ManifestPath",
    "MapColumns",
    "MapTypes",
    "Margin",
    "Model",
    "NoFit",
    "OnBadRows",
    "Out",
    "Quiet",
    "Rate",
    "Seed",
    "Sources",
    "Suppress",
    "Threads",
    "TimeUnit",
    "Topics",
    "Transactions",
    "limit_threads",
    "load_options",
    "load_score_settings",
    "load_settings",
    "load_tables",
    "named_sources",
]

_INPUT = "Input"
_RUN = "Run"
_OUTPUT = "Output"

Sources = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="SOURCE...",
        help="ROLE=path, with a role of follows, interactions, actions, transactions, customers, identities, "
        "topics or suppress; or a path whose columns tell the role; or the folder of a store.",
        show_default=False,
    ),
]
Follows = Annotated[
    list[str] | None, typer.Option("--follows", help="Who follows whom: source, target.", rich_help_panel=_INPUT)
]
Interactions = Annotated[
    list[str] | None,
    typer.Option(
        "--interactions", help="Who reacted to whom: source, target, type, timestamp.", rich_help_panel=_INPUT
    ),
]
Actions = Annotated[
    list[str] | None,
    typer.Option("--actions", help="Who acted on what: customer, item, timestamp.", rich_help_panel=_INPUT),
]
Transactions = Annotated[
    list[str] | None,
    typer.Option("--transactions", help="Who bought: customer, timestamp, amount, item.", rich_help_panel=_INPUT),
]
Customers = Annotated[
    list[str] | None,
    typer.Option("--customers", help="Who is a customer: id, clv, segment.", rich_help_panel=_INPUT),
]
Identities = Annotated[
    list[str] | None,
    typer.Option(
        "--identities", help="Which accounts are one person: customer, channel, handle.", rich_help_panel=_INPUT
    ),
]
Topics = Annotated[
    list[str] | None,
    typer.Option("--topics", help="Who raised which issue or idea: customer, topic.", rich_help_panel=_INPUT),
]
Suppress = Annotated[
    list[str] | None,
    typer.Option("--suppress", help="People who must not be processed: id.", rich_help_panel=_INPUT),
]
Demo = Annotated[
    bool,
    typer.Option("--demo", help="Use the data that the package ships.", rich_help_panel=_INPUT),
]
TimeUnit = Annotated[
    str | None,
    typer.Option(
        "--time-unit",
        help="Unit of numeric times: s, ms or us since 1970; day, month or relative (seconds) since a study began.",
        rich_help_panel=_INPUT,
    ),
]
Encoding = Annotated[
    str | None,
    typer.Option("--encoding", help="Of text files: utf-8, utf-16, cp1252 or latin-1.", rich_help_panel=_INPUT),
]
Decimal = Annotated[
    str | None,
    typer.Option("--decimal", help="The decimal mark of numbers: . or , (else recognised).", rich_help_panel=_INPUT),
]
MapColumns = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="ROLE.FIELD=COLUMN",
        help="What a column is, whatever it is called: interactions.source=actor.",
        rich_help_panel=_INPUT,
    ),
]
MapTypes = Annotated[
    list[str] | None,
    typer.Option(
        "--map-type",
        metavar="THEIRS=OURS",
        help="What a type of interaction is: retweet=share.",
        rich_help_panel=_INPUT,
    ),
]
FoldCase = Annotated[
    bool | None,
    typer.Option("--fold-case", help="Ids of people are the same whatever their case.", rich_help_panel=_INPUT),
]
OnBadRows = Annotated[
    str | None,
    typer.Option("--on-bad-rows", help="fail, skip, or quarantine=FILE to put them aside.", rich_help_panel=_INPUT),
]
Config = Annotated[
    Path | None,
    typer.Option(
        "--config", help="Settings; else influence.toml or pyproject.toml in this folder.", rich_help_panel=_RUN
    ),
]
AsOf = Annotated[str | None, typer.Option("--as-of", help="Leave later events out: a date, that day included.")]
Horizon = Annotated[float | None, typer.Option("--horizon", help="Days that rates look ahead.")]
NoFit = Annotated[
    bool, typer.Option("--no-fit", help="Learn nothing: the rule, and what was spent for a lifetime value.")
]
Model = Annotated[
    Path | None, typer.Option("--model", help="Use what an earlier run learned and saved.", rich_help_panel=_RUN)
]
Margin = Annotated[
    float | None,
    typer.Option("--margin", help="Share of amounts that is earned, where there is no margin.", rich_help_panel=_RUN),
]
Discount = Annotated[
    float | None, typer.Option("--discount", help="Yearly discount of lifetime values.", rich_help_panel=_RUN)
]
Currency = Annotated[
    str | None, typer.Option("--currency", help="The currency of all money; a label.", rich_help_panel=_RUN)
]
Rate = Annotated[
    str | None, typer.Option("--rate", help="auto, rule or learned: auto lets them compete.", rich_help_panel=_RUN)
]
Seed = Annotated[int | None, typer.Option("--seed", help="Seed of everything random.", rich_help_panel=_RUN)]
Threads = Annotated[
    int | None, typer.Option("--threads", min=1, help="Threads; the result is the same.", rich_help_panel=_RUN)
]
Out = Annotated[
    Path | None,
    typer.Option("--out", "-o", help="Write to this file instead of the standard output.", rich_help_panel=_OUTPUT),
]
Format = Annotated[
    str | None,
    typer.Option(
        "--format",
        "-f",
        help="table, csv, json, jsonl or parquet; a table on a terminal, else CSV.",
        rich_help_panel=_OUTPUT,
    ),
]
ManifestPath = Annotated[
    Path | None,
    typer.Option("--manifest", help="Write the manifest here; beside --out by default.", rich_help_panel=_OUTPUT),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing on the way.", rich_help_panel=_OUTPUT)]


def limit_threads(threads: int | None) -> None:
    """Limit the threads of the libraries; it must come before they are loaded."""
    if threads is None:
        return
    os.environ["POLARS_MAX_THREADS"] = str(threads)
    os.environ["NUMBA_NUM_THREADS"] = str(threads)


def load_settings(config: Path | None, **changes: Any) -> Settings:
    """Return the settings: options given, over the file given or found, over the defaults."""
    path = config if config is not None else find_settings()
    settings = Settings() if path is None else read_settings(path)
    return settings.replace(**{name: value for name, value in changes.items() if value is not None})


def load_score_settings(context: typer.Context, **changes: Any) -> Settings:
    """Return the settings of a score by the options that rank and explain share, taken from the context."""
    given = context.params
    return load_settings(
        given["config"],
        horizon_days=given["horizon"],
        rate="rule" if given["no_fit"] and given["rate"] is None else given["rate"],
        clv_fit=False if given["no_fit"] else None,
        clv_margin=given["margin"],
        clv_discount=given["discount"],
        currency=given["currency"],
        seed=given["seed"],
        **changes,
    )


def load_options(context: typer.Context) -> ReadOptions:
    """Return how sources are read: options given, over the settings file given or found, over the defaults.

    The options are taken from the context, so that no command has to pass them on.
    """
    from influence.io import ReadOptions, read_options
    from influence.io.options import pairs

    given = context.params
    path = given.get("config") or find_settings()
    options = ReadOptions() if path is None else read_options(path)
    names = ("time_unit", "encoding", "decimal", "fold_case", "on_bad_rows")
    changes: dict[str, Any] = {name: given[name] for name in names if given.get(name) is not None}
    changes["map"] = pairs(given.get("map_columns") or [], "--map")
    changes["map_type"] = pairs(given.get("map_types") or [], "--map-type")
    return options.replace(**changes)


def load_tables(context: typer.Context, sources: list[str] | None, demo: bool, settings: Settings) -> Tables:
    """Read what the arguments and options name."""
    from influence.api import demo_tables
    from influence.store import read_sources

    named = named_sources(context, sources, demo)
    if demo:
        return demo_tables()
    return read_sources(named, options=load_options(context), settings=settings)


def named_sources(context: typer.Context, sources: list[str] | None, demo: bool) -> list[str]:
    """Return what the arguments and options name, each as ``ROLE=path`` or a path; nothing with ``--demo``.

    The options that are called like a role are taken from the context, so that no command has to list them.

    Raises
    ------
    UsageError
        Nothing is named, or something beside ``--demo``.
    """
    by_role = {role: context.params.get(role) or [] for role in ROLES}
    named = [*(sources or []), *(f"{role}={path}" for role, paths in by_role.items() for path in paths)]
    if demo and named:
        raise UsageError("--demo brings its own data; leave the other sources out")
    if not demo and not named:
        raise UsageError(
            "nothing to read: give files as ROLE=path, for example follows=follows.csv interactions=events.csv, "
            "or try --demo"
        )
    return named
