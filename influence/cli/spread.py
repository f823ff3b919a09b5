"""The commands `influence reach` and `influence seeds`: whom each customer reaches, and whom to pick together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from influence.cli.options import (
    Actions,
    AsOf,
    Config,
    Customers,
    Decimal,
    Demo,
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
    OnBadRows,
    Out,
    Quiet,
    Rate,
    Seed,
    Sources,
    Suppress,
    Threads,
    TimeUnit,
    Transactions,
    limit_threads,
    load_settings,
    load_tables,
)
from influence.cli.render import UNITS, as_document, check_output, deliver, number, say, staged
from influence.errors import UsageError

if TYPE_CHECKING:
    import polars as pl
    from rich.table import Table

    from influence.score.spread import ReachTable, SeedTable

__all__ = ["reach", "seeds"]

_SHOWN = 20
_MODEL = "Model of spread"
_WHO = {True: "she herself is counted", False: "she herself is left out"}
_THEY = {True: "they themselves are counted", False: "what they themselves are worth is left out"}

Model = Annotated[
    str,
    typer.Option(
        "--model",
        help="rates (who follows at least once in the horizon), learned (who follows one act, from acts on items), "
        "weighted-cascade, constant, trivalency, linear-threshold; auto is rates where enough was followed, else "
        "weighted-cascade.",
        rich_help_panel=_MODEL,
    ),
]
Chance = Annotated[float, typer.Option("--p", help="The chance of the constant model.", rich_help_panel=_MODEL)]
Hops = Annotated[
    int | None,
    typer.Option("--hops", min=1, help="Reached within so many steps; of rates 1 by default.", rich_help_panel=_MODEL),
]
Quality = Annotated[
    float,
    typer.Option("--quality", help="Chance that a newly reached person stays positive.", rich_help_panel=_MODEL),
]
Value = Annotated[
    str,
    typer.Option(
        "--value",
        help="Who is reached counts as one of the people, or by what she is worth: own; others leaves those out who "
        "are picked or ranked themselves.",
        rich_help_panel=_MODEL,
    ),
]
Delta = Annotated[float, typer.Option("--delta", help="Chance that some bound does not hold.")]
TimeLimit = Annotated[
    float | None, typer.Option("--time-limit", help="Seconds of sampling; the result then depends on the machine.")
]
NonCustomers = Annotated[
    bool, typer.Option("--include-non-customers", help="People who are not in the customers table too.")
]


def reach(
    context: typer.Context,
    sources: Sources = None,
    follows: Follows = None,
    interactions: Interactions = None,
    actions: Actions = None,
    transactions: Transactions = None,
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
    model: Model = "auto",
    p: Chance = 0.01,
    hops: Hops = None,
    quality: Quality = 1.0,
    value: Value = "people",
    target: Annotated[
        float, typer.Option("--target", help="Sample until nobody's bounds are further off than this share.")
    ] = 0.1,
    above: Annotated[
        float | None,
        typer.Option("--above", help="Of those who reach this much; by default a tenth of the greatest."),
    ] = None,
    only_top: Annotated[
        int | None, typer.Option("--only-top", min=1, help="Stop as soon as it is certain who the first so many are.")
    ] = None,
    delta: Delta = 0.01,
    time_limit: TimeLimit = None,
    top: Annotated[
        int | None, typer.Option("--top", min=1, help="Rows to print or write; 20 in a table, else all.")
    ] = None,
    include_non_customers: NonCustomers = False,
    horizon: Horizon = None,
    rate: Rate = None,
    config: Config = None,
    seed: Seed = None,
    threads: Threads = None,
    out: Out = None,
    form: Format = None,
    manifest: ManifestPath = None,
    quiet: Quiet = False,
) -> None:
    """Say how many people, or how much value, each customer is expected to reach, with bounds for all at once.

    influence reach follows=follows.csv actions=reviews.csv customers=crm.csv --value own --out reach.csv
    """
    limit_threads(threads)
    check_output(out, form)
    settings = load_settings(config, horizon_days=horizon, rate=rate, seed=seed)
    with staged(quiet) as stages:
        stages.begin("read")
        tables = load_tables(context, sources, demo, settings)
        from influence import api

        result = api.reach(
            tables,
            settings=settings,
            as_of=as_of,
            model={"model": model, "p": p, "hops": hops, "quality": quality, "value": value},
            include_non_customers=include_non_customers,
            stages=stages,
            target=target,
            above=above,
            top=only_top,
            delta=delta,
            time_limit=time_limit,
        )
    say([f"Note: {note}" for note in result.notes], quiet)
    deliver(
        "reach",
        result.head(top) if top is not None else result,
        tables,
        settings,
        stages,
        out=out,
        form=form,
        manifest_to=manifest,
        draw=lambda: _reach_table(result, top or _SHOWN),
    )


def seeds(
    context: typer.Context,
    sources: Sources = None,
    k: Annotated[int | None, typer.Option("-k", min=1, help="How many to pick.")] = None,
    follows: Follows = None,
    interactions: Interactions = None,
    actions: Actions = None,
    transactions: Transactions = None,
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
    model: Model = "auto",
    p: Chance = 0.01,
    hops: Hops = None,
    quality: Quality = 1.0,
    value: Value = "people",
    include: Annotated[Path | None, typer.Option("--include", help="A list of people who must be among them.")] = None,
    exclude: Annotated[Path | None, typer.Option("--exclude", help="A list of people not to pick.")] = None,
    invited: Annotated[
        Path | None, typer.Option("--invited", help="Invited already: what is reached beyond them counts.")
    ] = None,
    costs: Annotated[
        str | None, typer.Option("--costs", help="Column of the customers table: what inviting each costs.")
    ] = None,
    budget: Annotated[float | None, typer.Option("--budget", help="Spend at most so much.")] = None,
    quota: Annotated[
        list[str] | None,
        typer.Option("--quota", metavar="COLUMN=LABEL:NUMBER", help="At most so many: segment=gold:10."),
    ] = None,
    epsilon: Annotated[float, typer.Option("--epsilon", help="At least 1 - 1/e less this is certified.")] = 0.1,
    target_ratio: Annotated[
        float, typer.Option("--target-ratio", help="Sample until this share of the best is certain, if it can be.")
    ] = 0.95,
    delta: Delta = 0.01,
    time_limit: TimeLimit = None,
    compare: Annotated[bool, typer.Option("--compare", help="Judge rules of thumb beside it.")] = False,
    include_non_customers: NonCustomers = False,
    horizon: Horizon = None,
    rate: Rate = None,
    config: Config = None,
    seed: Seed = None,
    threads: Threads = None,
    out: Out = None,
    form: Format = None,
    manifest: ManifestPath = None,
    quiet: Quiet = False,
) -> None:
    """Pick the customers who together reach the most people, or the most value, and certify how good the pick is.

    influence seeds follows=follows.csv actions=reviews.csv customers=crm.csv -k 50 --value own
    """
    limit_threads(threads)
    check_output(out, form)
    settings = load_settings(config, horizon_days=horizon, rate=rate, seed=seed)
    if k is None and budget is None:
        raise UsageError("say how many to pick with -k, or what to spend with --budget")
    with staged(quiet) as stages:
        stages.begin("read")
        tables = load_tables(context, sources, demo, settings)
        from influence import api
        from influence.score.filters import read_ids

        lists = {"include": include, "exclude": exclude, "invited": invited}
        named: dict[str, Any] = {name: read_ids(path).to_list() for name, path in lists.items() if path is not None}
        result = api.seeds(
            tables,
            k=k,
            settings=settings,
            as_of=as_of,
            model={"model": model, "p": p, "hops": hops, "quality": quality, "value": value},
            include_non_customers=include_non_customers,
            stages=stages,
            costs=costs,
            budget=budget,
            quotas=quota or (),
            compare=compare,
            epsilon=epsilon,
            target_ratio=target_ratio,
            delta=delta,
            time_limit=time_limit,
            **named,
        )
    say([f"Note: {note}" for note in result.notes], quiet)
    deliver(
        "seeds",
        result,
        tables,
        settings,
        stages,
        out=out,
        form=form,
        manifest_to=manifest,
        draw=lambda: _seed_table(result),
        as_json=lambda: as_document(
            result, comparison=None if result.comparison is None else result.comparison.to_dicts()
        ),
    )
    if result.comparison is not None and not quiet:
        _show_comparison(result.comparison, result.unit)


def _unit(unit: str) -> str:
    return UNITS.get(unit, unit)


def _span(row: dict[str, Any], low: str, high: str) -> str:
    return f"{number(row[low])} … {number(row[high])}"


def _reach_table(result: ReachTable, rows: int) -> Table:
    from rich.table import Table
    from rich.text import Text

    facts = result.facts
    shown = result.frame.head(rows)
    valued = "reached_value" in shown.columns
    table = Table(
        title=f"{shown.height:,} of {len(result):,} customers by what each reaches alone",
        caption=f"model {facts['model']}; {_WHO[facts['value'] != 'others']}; all bounds hold at once with "
        f"{1 - facts['delta']:.0%}; "
        f"{facts['samples']:,} samples: {facts['stopped']}",
        title_justify="left",
        caption_justify="left",
    )
    for name in ("rank", "id", "people", "between", *([f"value\n{_unit(facts['unit'])}", "between"] if valued else [])):
        table.add_column(name, justify="left" if name == "id" else "right", no_wrap=True)
    for row in shown.iter_rows(named=True):
        value = [number(row["reached_value"]), _span(row, "value_low", "value_high")] if valued else []
        table.add_row(
            f"{row['rank']:,}",
            Text(row["id"]),
            number(row["reach"]),
            _span(row, "reach_low", "reach_high"),
            *value,
        )
    return table


def _seed_table(result: SeedTable) -> Table:
    from rich.table import Table
    from rich.text import Text

    facts = result.facts
    valued = facts["value"] != "people"
    unit = _unit(facts["unit"])
    people = f"{number(facts['reach'])} people ({_span(facts, 'reach_low', 'reach_high')})"  # type: ignore[arg-type]
    worth = f", {number(facts['reached_value'])} {unit} ({_span(facts, 'value_low', 'value_high')})" if valued else ""  # type: ignore[arg-type]
    table = Table(
        title=f"{len(result):,} customers together reach {people}{worth}",
        caption=f"model {facts['model']}; {_THEY[facts['value'] != 'others']}; certified: at least "
        f"{facts['ratio']:.1%} of the best possible, with "
        f"{1 - facts['delta']:.0%}; {facts['stopped']}",
        title_justify="left",
        caption_justify="left",
    )
    what = f"value {unit}" if valued else "people"
    for name in ("rank", "id", f"adds, {what}", "together"):
        table.add_column(name, justify="left" if name == "id" else "right", no_wrap=True)
    for row in result.frame.iter_rows(named=True):
        table.add_row(f"{row['rank']:,}", Text(row["id"]), number(row["gain"]), number(row["total"]))
    return table


def _show_comparison(frame: pl.DataFrame, unit: str) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"Chosen otherwise, by an independent sample, {_unit(unit)}", title_justify="left")
    for name in ("chosen by", "reach", "between"):
        table.add_column(name, justify="left" if name == "chosen by" else "right")
    for row in frame.iter_rows(named=True):
        table.add_row(row["chosen_by"], number(row["reached"]), _span(row, "low", "high"))
    Console(stderr=True).print(table)
