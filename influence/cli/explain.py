"""The command `influence explain`: why this person."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from influence.api import ROLES
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
    load_score_settings,
    load_tables,
)
from influence.cli.render import as_document, check_output, deliver, number, say, staged
from influence.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.table import Table

    from influence.results import TableResult
    from influence.score.explain import Explanation

__all__ = ["explain"]

_RUN = "Run"
_UNITS = {"acts": "expected acts", "people": "people"}


def explain(
    context: typer.Context,
    person: Annotated[str, typer.Argument(metavar="ID", help="Whom to explain.", show_default=False)],
    sources: Sources = None,
    source: Annotated[
        list[str] | None,
        typer.Option("--source", metavar="SOURCE", help="The same as SOURCE after the id.", rich_help_panel="Input"),
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
    run: Annotated[
        Path | None,
        typer.Option(
            "--run",
            help="A saved ranking: show this person's row of it, and compute nothing.",
            rich_help_panel="Input",
        ),
    ] = None,
    time_unit: TimeUnit = None,
    encoding: Encoding = None,
    decimal: Decimal = None,
    map_columns: MapColumns = None,
    map_types: MapTypes = None,
    fold_case: FoldCase = None,
    on_bad_rows: OnBadRows = None,
    as_of: AsOf = None,
    show_counterparts: Annotated[
        bool, typer.Option("--show-counterparts", help="Name the five largest listeners.")
    ] = False,
    horizon: Horizon = None,
    no_fit: NoFit = False,
    model: Model = None,
    margin: Margin = None,
    discount: Discount = None,
    currency: Currency = None,
    rate: Rate = None,
    config: Config = None,
    seed: Seed = None,
    threads: Threads = None,
    out: Out = None,
    form: Format = None,
    manifest: ManifestPath = None,
    quiet: Quiet = False,
) -> None:
    """Explain one person's network value: who, by what, where, and over how many steps.

    influence explain ID --source follows=follows.csv interactions=events.csv customers=crm.csv
    """
    limit_threads(threads)
    check_output(out, form)
    if run is not None:
        _explain_run(context, person, run, out=out, form=form, manifest=manifest, quiet=quiet)
        return
    settings = load_score_settings(context)
    with staged(quiet) as stages:
        stages.begin("read")
        tables = load_tables(context, [*(source or []), *(sources or [])], demo, settings)
        from influence import api

        result = api.explain(
            person,
            tables,
            settings=settings,
            as_of=as_of,
            show_counterparts=show_counterparts,
            fit=model,
            stages=stages,
        )
    say([f"Note: {note}" for note in result.notes], quiet)
    drawn = []

    def draw() -> Table:
        drawn.append(True)
        return _draw(result)

    deliver(
        "explain",
        result,
        tables,
        settings,
        stages,
        out=out,
        form=form,
        manifest_to=manifest,
        draw=draw,
        as_json=lambda: as_document(result, sentence=result.sentence),
    )
    if not drawn:
        say([_sentence(result)], quiet)


def _explain_run(
    context: typer.Context,
    person: str,
    run: Path,
    *,
    out: Path | None,
    form: str | None,
    manifest: Path | None,
    quiet: bool,
) -> None:
    """Show a saved row; whatever would need a computation is refused."""
    given = context.params
    sources = [name for name in ("sources", "source", "demo", *ROLES) if given[name]]
    others = [name for name in ("as_of", "show_counterparts", "model") if given[name]]
    if sources or others:
        what = f"--{others[0].replace('_', '-')}" if others else "the sources"
        raise UsageError(f"--run shows the row as it was saved; leave {what} out, or leave --run out to compute anew")
    with staged(quiet) as stages:
        stages.begin("read")
        from influence.config import Settings
        from influence.io import SourceFile, Tables
        from influence.io.sources import sha256
        from influence.score.explain import saved_row

        row = saved_row(run, person)
        tables = Tables(files=(SourceFile(str(run), "run", row.facts["rows_of_run"], sha256(str(run))),))
    deliver(
        "explain",
        row,
        tables,
        Settings(),
        stages,
        out=out,
        form=form,
        manifest_to=manifest,
        draw=lambda: _draw_row(row),
        as_json=lambda: as_document(row),
    )


def _sentence(result: Explanation) -> str:
    person = result.facts["id"]
    return f"{person} {result.sentence}" if result.sentence else f"{person}: nobody's value rides on this person"


def _draw(result: Explanation) -> Table:
    from rich.table import Table
    from rich.text import Text

    facts = result.facts
    unit = facts["currency"] or _UNITS.get(facts["unit"], "")
    place = "no customer, so not ranked"
    if facts["rank"] is not None:
        place = f"{facts['rank']:,} of {facts['listed']:,} customers by network value"
    grid = Table.grid()
    values = {name: number(facts[f"{name}_value"]) for name in ("network", "direct", "own", "total", "conserved")}
    lines = [
        f"{facts['id']}: {place}",
        "",
        _sentence(result),
        "",
        f"Network value {values['network']} {unit}".rstrip() + f", of which {values['direct']} directly; "
        f"own {values['own']}, total {values['total']}, conserved {values['conserved']}",
        *_observed(facts),
        *_lowered(facts["lowered"]),
        f"As of {facts['as_of'] or 'no date'}, horizon {facts['horizon_days']:.3g} days, rate: {facts['rate']}",
    ]
    for line in lines:
        grid.add_row(Text(line))
    if len(result):
        grid.add_row("")
        grid.add_row(_breakdowns(result))
    return grid


def _observed(facts: Mapping[str, Any]) -> list[str]:
    from influence.score.words import kind_word

    seen = facts["observed"]
    if not seen["follow_ons"]:
        return ["Follow-ons so far: none"]
    kinds = ", ".join(f"{kind_word(kind)} {_credit(credit)}" for kind, credit in seen["by_type"].items())
    lines = [f"Follow-ons so far: {_credit(seen['follow_ons'])} ({kinds})"]
    if seen["first"] is not None:
        lines[0] += f", {seen['first'][:10]} to {seen['last'][:10]}"
    if seen["movement"] is not None:
        lately = f"{seen['movement'].capitalize()}: {_credit(seen['last_horizon'])} in the last horizon"
        before = seen["horizon_before"]
        lines.append(lately if before is None else f"{lately}, {_credit(before)} in the one before")
    return lines


def _lowered(facts: Mapping[str, Any]) -> list[str]:
    """Return what lowers the value."""
    said = []
    if facts["authenticity"] < 1:
        said.append(f"authenticity {facts['authenticity']:.2f}")
    if facts["trust_codes"]:
        said.append(facts["trust_codes"])
    for name, words in (("incentive_share", "paid for"), ("negative_share", "negative")):
        if facts[name]:
            said.append(f"{100 * facts[name]:.0f} % of the reactions {words}")
    return [f"Lowered by: {', '.join(said)}"] if said else []


def _breakdowns(result: Explanation) -> Table:
    from rich.table import Table
    from rich.text import Text

    from influence.score.words import kind_word

    table = Table()
    for name in ("by", "what", "amount", "share"):
        table.add_column(name, justify="right" if name in ("amount", "share") else "left")
    largest = sum(1 for breakdown, *_ in result.frame.iter_rows() if breakdown == "listener")
    others = result.frame.filter(breakdown="listener")["name"].str.starts_with("others").sum()
    rest = result.facts["contributors"]["people"] - (largest - others)
    last = None
    for breakdown, name, value, share in result.frame.iter_rows():
        if breakdown != last and last is not None:
            table.add_section()
        text = name
        if breakdown == "type":
            text = kind_word(name)
        elif breakdown == "listener" and others == 1 and name.startswith("others"):
            text = f"{rest:,} {'other' if rest == 1 else 'others'}"
        elif name == "hop 1":
            text = "hop 1 (direct)"
        table.add_row("" if breakdown == last else breakdown, Text(text), number(value), _share(share))
        last = breakdown
    return table


def _draw_row(row: TableResult) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(f"{row.facts['id']} in {row.facts['run']}"), title_justify="left", show_header=False)
    for name, value in row.frame.row(0, named=True).items():
        text = "–" if value is None else number(value) if isinstance(value, float) else str(value)
        table.add_row(Text(name), Text(text))
    return table


def _share(share: float) -> str:
    size = 100 * abs(share)
    text = "under 1 %" if size < 1 else f"{size:.0f} %"
    return f"takes away {text}" if share < 0 else text


def _credit(value: float) -> str:
    return f"{value:,.0f}" if value == round(value) else f"{value:,.2f}"
