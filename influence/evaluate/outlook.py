"""What a score could use of some tables, told without computing one."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import numpy as np

from influence.config import Settings
from influence.errors import DataError
from influence.evaluate.backtest import default_cut
from influence.graph.arrays import count_by
from influence.io import Tables, merge_identities, suppress
from influence.io.findings import counted, of, tell
from influence.io.summary import overview, summarise
from influence.results import TableResult
from influence.score.mvp import moment
from influence.ties import History, Ledger
from influence.ties.history import DAY
from influence.value.contest import horizon_of, last_horizon
from influence.value.own import ORIGINS, own_value

__all__ = ["Check", "check_tables"]

#: Columns that are read and stored, and that no part of the score looks at.
UNUSED = {
    "actions": ("value",),
}
# Days of horizon from which times are told by the day.
_LONG = 14


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Check(TableResult):
    """What would be loaded, and what a score could use of it.

    The frame has a row for each table: rows read, bad rows, rows used after suppression, people, first and last time.

    Attributes
    ----------
    findings : tuple of str
        What the tables hold, in sentences.
    outlook : tuple of str
        What the score will be able to use, in sentences.
    """

    findings: tuple[str, ...]
    outlook: tuple[str, ...]

    @property
    def loadable(self) -> bool:
        """Whether the other commands read these sources as they are read here: no bad row stops them."""
        return bool(self.facts["loadable"])


def check_tables(tables: Tables, settings: Settings, *, strict: bool = False) -> Check:
    """Count what tables hold, and derive from the score's own conditions what it could use.

    Ties are built and follow-ons credited, which is cheap; no rate is fitted and no value computed.

    Parameters
    ----------
    strict
        Whether bad rows, which were left out in reading, would stop the other commands.

    Raises
    ------
    DataError
        The identities cannot be merged.
    """
    merged = merge_identities(tables)
    used = suppress(merged)
    facts = summarise(tables, merged, used)
    facts = {"loadable": not (strict and facts["bad_rows"]), **facts}
    try:
        history = History.from_tables(used, settings)
    except DataError as error:
        facts["score"] = {"possible": False, "why_not": str(error)}
        outlook = [f"Ranked: nobody; {error}"]
        notes = used.notes
    else:
        # what the history says about its input comes after the notes of reading
        said = history.notes[len(used.notes) :]
        facts["score"] = _score(history, settings)
        outlook = _outlook(facts, said, settings)
        notes = history.notes
    return Check(overview(facts), facts, notes, tuple(tell(facts)), tuple(outlook))


def _score(history: History, settings: Settings) -> dict[str, Any]:
    cut = None if history.newest is None else history.newest + 1
    horizon = horizon_of(history, settings, cut)
    ledger = Ledger.of(history, settings)
    n = ledger.n_people
    # own value needs no rates but for their scale, and no fit but for its amounts: neither is of interest here
    own = own_value(ledger, np.ones(n))
    credits = ledger.credits
    by_kind = [float(credits.credit[credits.kind == kind].sum()) for kind in range(len(history.kinds))]
    listed = history.listed
    unit, origin = own.unit, own.origin
    if cut is not None and history.purchases.amount is not None and len(history.purchases):
        bought = np.zeros(n, np.bool_)
        bought[history.purchases.customer] = True
        open_ = listed & (origin != ORIGINS.index("given"))
        origin = np.where(open_, np.where(bought, ORIGINS.index("fitted"), ORIGINS.index("no purchase")), origin)
        unit = "money"
    origins = count_by(origin[listed].astype(np.int64), len(ORIGINS))
    exposed = round(by_kind[0])
    return {
        "possible": bool(listed.any()),
        "why_not": None if listed.any() else "nobody is listed as a customer",
        "unit": unit,
        "currency": history.currency,
        "own_value_origins": {name: int(count) for name, count in zip(ORIGINS, origins, strict=True) if count},
        "people": n,
        "listed": int(listed.sum()),
        "listed_with_audience": int((ledger.ties.out_degree[listed] > 0).sum()),
        "ties": ledger.ties.n_edges,
        "acts": int(ledger.act_time.size),
        "first": None if history.span is None else moment(history.span[0]),
        "last": None if cut is None else moment(cut - 1),
        "horizon_days": None if horizon is None else horizon / DAY,
        "follow_ons": float(credits.credit.sum()),
        "follow_ons_by_kind": {kind: credit for kind, credit in zip(history.kinds, by_kind, strict=True) if credit},
        "referred": int(ledger.referral.sum()),
        "rate": _rate(ledger, cut, horizon),
        "influence_beyond_chance": {"exposed": exposed, "measurable": exposed >= max(1, settings.min_exposed)},
        "backtest": _backtest(history, ledger, settings),
    }


def _rate(ledger: Ledger, cut: int | None, horizon: int | None) -> dict[str, Any]:
    """Return whether the learned rate may compete, by the conditions under which the contest lets it."""
    settings = ledger.settings
    if cut is None or horizon is None:
        return {"may_learn": False, "why": "undated"}
    if settings.rate != "auto":
        return {"may_learn": settings.rate == "learned", "why": "as set"}
    span = ledger.history.span
    begin = cut - horizon
    if span is None or begin <= span[0]:
        return {"may_learn": False, "why": "short"}
    seen = last_horizon(ledger, begin, cut)
    facts = dataclasses.asdict(seen)
    if seen.few(settings):
        return {"may_learn": False, "why": "few", **facts}
    if not seen.on_known_ties(settings):
        return {"may_learn": False, "why": "unknown ties", **facts}
    return {"may_learn": True, "why": "enough", **facts}


def _backtest(history: History, ledger: Ledger, settings: Settings) -> dict[str, Any]:
    """Return whether `evaluate` can run at its default cut, by the conditions on which it gives up."""
    try:
        cut = default_cut(history, settings)
    except DataError:
        return {"possible": False, "why_not": "nothing carries a date"}
    span = history.span
    if span is None or not span[0] < cut <= span[1]:
        return {"possible": False, "why_not": "everything happened at one time"}
    horizon = min(horizon_of(history.before(cut), settings, cut) or 1, span[1] + 1 - cut)
    observed = ledger.credit_of_people(ledger.credits.between(cut, cut + horizon))[ledger.acted_or_tied(cut)]
    facts = {"cut": moment(cut), "horizon_days": horizon / DAY, "follow_ons": float(observed.sum())}
    if not observed.sum() > 0:
        return {"possible": False, "why_not": "nothing followed anybody after the cut", **facts}
    return {"possible": True, "why_not": None, **facts}


# ----- in words -----


def _outlook(facts: dict[str, Any], said: tuple[str, ...], settings: Settings) -> list[str]:
    score = facts["score"]
    if not score["possible"]:
        return [f"Ranked: nobody; {score['why_not']}. --include-non-customers lists the others"]
    return [
        *_tell_people(facts),
        _tell_unit(facts),
        *_tell_follow_ons(facts, said, settings),
        *_tell_time(facts, settings),
        _tell_rate(score, settings),
        _tell_backtest(facts),
        *_tell_unused(facts),
    ]


def _tell_people(facts: dict[str, Any]) -> list[str]:
    score = facts["score"]
    rest = score["listed"] - score["listed_with_audience"]
    outside = score["people"] - score["listed"]
    said = f"Ranked: {counted(score['listed'], 'customer')}"
    if "customers" not in facts["tables"]:
        said += " (everybody: there is no customers table)"
    elif outside:
        said += f"; {counted(outside, 'other person', 'other people')} can listen to them and be influenced"
    if not score["listed_with_audience"]:
        return [said, "Audience: nobody listens to any of them, so every network value will be 0"]
    audience = f"Audience: {of(score['listed_with_audience'], score['listed'])} customers have somebody who listens"
    if rest:
        audience += f"; the other {rest:,} can have no network value"
    return [said, audience]


def _tell_unit(facts: dict[str, Any]) -> str:
    score = facts["score"]
    if score["unit"] == "money":
        origins, listed = score["own_value_origins"], score["listed"]
        currency = score["currency"]
        said = f"Unit: money{f' ({currency})' if currency else ''}"
        if "given" in origins or "fitted" not in origins:
            said += f", from the column clv; it is given for {of(origins.get('given', 0), listed)} customers"
        if "fitted" in origins:
            said += (
                f", {'else ' if 'given' in origins else ''}fitted to the purchases of {of(origins['fitted'], listed)}"
            )
        if "segment median" in origins:
            said += f", {origins['segment median']:,} get the median of their segment"
        nothing = origins.get("no value known", 0) + origins.get("no purchase", 0)
        if nothing:
            said += f", {nothing:,} count as 0"
        return said
    if score["unit"] == "acts":
        return "Unit: expected acts; for money, give transactions with amounts, or customers with a column clv"
    return (
        "Unit: people, each worth one, since there is neither a clv nor an act; for money, give customers with a clv, "
        "or transactions with amounts"
    )


def _tell_follow_ons(facts: dict[str, Any], said: tuple[str, ...], settings: Settings) -> list[str]:
    score = facts["score"]
    kinds = score["follow_ons_by_kind"]
    told = []
    if kinds:
        told.append(f"Follow-ons: {score['follow_ons']:,.0f} in all")
        if "item" in kinds:
            told.append(
                f"Follow-ons: {kinds['item']:,.0f} acts on the same item within {settings.window_days:g} days after "
                "somebody they listen to"
            )
        reactions = sorted(((credit, kind) for kind, credit in kinds.items() if kind != "item"), reverse=True)
        if reactions:
            told.append(f"Follow-ons: reactions: {', '.join(f'{kind} {credit:,.0f}' for credit, kind in reactions)}")
    else:
        told.append("Follow-ons: none seen; follows alone say who could be heard, not who is")
    # loops and repeated acts are among the findings already
    told += [f"Follow-ons: {note}" for note in said if not note.endswith("left out")]
    transactions = facts["tables"].get("transactions")
    if transactions is not None and transactions["items"] is not None and "actions" in facts["tables"]:
        told.append("Follow-ons: acts are taken from the transactions, which name items; the actions are not used")
    if score["referred"]:
        told.append(f"Referrals: {counted(score['referred'], 'person was', 'people were')} brought by somebody")
    chance = score["influence_beyond_chance"]
    if chance["measurable"]:
        told.append(f"Beyond chance: measured on the {chance['exposed']:,} acts that followed another on an item")
    elif kinds:
        few = f"only {chance['exposed']:,} acts" if chance["exposed"] else "no act"
        told.append(
            f"Beyond chance: {few} followed another on an item ({settings.min_exposed:,} are needed to measure it); "
            f"{settings.kappa_default:g} of what followed is taken as influence"
        )
    return told


def _tell_time(facts: dict[str, Any], settings: Settings) -> list[str]:
    score = facts["score"]
    if score["horizon_days"] is None:
        return ["Time: nothing carries a date: evidence counts the same whatever its age"]
    long = _long(score)
    said = f"Time: {_day(score['first'], long)} to {_day(score['last'], long)}; evidence fades with age, and the score "
    said += f"looks {score['horizon_days']:,.3g} days ahead of the last"
    if score["horizon_days"] < settings.horizon_days:
        said += f" (a third of what the data spans, instead of {settings.horizon_days:g})"
    told = [said]
    if score["last"] > dt.datetime.now(dt.UTC).isoformat():
        told.append(
            f"Time: the newest date, {_day(score['last'], long)}, lies in the future; correct it, or say --as-of"
        )
    undated = facts["tables"].get("interactions", {}).get("undated", 0)
    if undated:
        told.append(f"Time: {counted(undated, 'interaction')} without a date count as long past")
    return told


def _tell_rate(score: dict[str, Any], settings: Settings) -> str:
    rate = score["rate"]
    if rate["why"] == "undated":
        return "Rate: the rule, without decay, since nothing carries a date"
    if rate["why"] == "as set":
        return f"Rate: {settings.rate}, as set"
    if rate["why"] == "short":
        return "Rate: the rule; to learn one, the past must be longer than one horizon"
    counts = f"the last {score['horizon_days']:,.3g} days hold {_follow_ons(rate['follow_ons'])} of "
    counts += counted(rate["influencers"], "person", "people")
    if rate["why"] == "few":
        return (
            f"Rate: the rule; {counts}, too few to learn from "
            f"(needed: {settings.min_follow_ons:,} of {settings.min_influencers:,})"
        )
    known = f"{100 * rate['known_share']:.0f} % of them on ties known before"
    if rate["may_learn"]:
        return f"Rate: learned, if it then beats the rule; {counts}, {known}"
    return f"Rate: the rule; {counts}, but only {known} (needed to learn: {100 * settings.min_known_share:.0f} %)"


def _tell_backtest(facts: dict[str, Any]) -> str:
    score = facts["score"]
    backtest = score["backtest"]
    if not backtest["possible"]:
        return f"Backtest: not possible, since {backtest['why_not']}"
    said = (
        f"Backtest: possible (influence evaluate); {_follow_ons(backtest['follow_ons'])} in the "
        f"{backtest['horizon_days']:,.3g} days after {_day(backtest['cut'], _long(score))}"
    )
    if facts["tables"].get("follows", {}).get("undated"):
        said += ". Follows without a date may be younger than that, which favours every score built on them"
    return said


def _tell_unused(facts: dict[str, Any]) -> list[str]:
    there = [
        f"{column} ({role})"
        for role, columns in UNUSED.items()
        for column in columns
        if facts["tables"].get(role, {}).get("filled", {}).get(column)
    ]
    return [f"Not in the score: {', '.join(there)}; read and stored only"] if there else []


def _follow_ons(credit: float) -> str:
    return counted(round(credit), "follow-on")


def _long(score: dict[str, Any]) -> bool:
    """Return whether a horizon is so long that nobody asks for the hour."""
    return bool(score["horizon_days"] >= _LONG)


def _day(text: str, long: bool) -> str:
    """Return a time as people write it: a date, or to the minute where days are few."""
    return text[:10] if long else text[:16].replace("T", " ")
