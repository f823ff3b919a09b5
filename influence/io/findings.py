"""What tables hold, in sentences for people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from influence.io.schema import PEOPLE

__all__ = ["counted", "of", "tell"]

# Values that a sentence names; the rest are counted.
_NAMED = 8


def of(part: int, whole: int) -> str:
    """Return ``3 of 12 (25 %)``; what is neither nothing nor everything never reads as 0 or 100 %.

    Examples
    --------
    >>> of(3, 12), of(1, 1000), of(999, 1000)
    ('3 of 12 (25 %)', '1 of 1,000 (0.1 %)', '999 of 1,000 (99.9 %)')
    """
    percent = 100.0 * part / whole if whole else 0.0
    if 0 < part < whole:
        rounded = f"{percent:.0f}" if 1 <= percent <= 99 else f"{min(max(percent, 0.1), 99.9):.1f}"
    else:
        rounded = f"{percent:.0f}"
    return f"{part:,} of {whole:,} ({rounded} %)"


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun.

    Examples
    --------
    >>> counted(1, "person", "people"), counted(1200, "row")
    ('1 person', '1,200 rows')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def tell(facts: Mapping[str, Any]) -> list[str]:
    """Return what is worth knowing about the tables, in sentences; what is as it should be is not mentioned."""
    said = [f"{name}: {counted(rows, 'bad row')} left out" for name, rows in facts["bad_rows"].items()]
    for role, table in facts["tables"].items():
        said += [f"{role}: {sentence}" for sentence in _TOLD.get(role, _tell_plain)(table)]
        if role in PEOPLE:
            said += [f"{role}: {sentence}" for sentence in _tell_rows(role, table)]
        stranger = (facts["unlisted"] or {}).get(role)
        if stranger is not None and stranger["people"]:
            said.append(f"{role}: {_tell_strangers(stranger, table['used'])}")
    if facts["merged_ids"]:
        said.append(
            f"identities: {counted(facts['merged_ids'], 'id was', 'ids were')} other accounts of people who have an id"
        )
    if facts["suppressed_people"]:
        rows = {role: table["suppressed"] for role, table in facts["tables"].items() if role in PEOPLE}
        gone = ", ".join(f"{counted(count, 'row')} of {role}" for role, count in rows.items() if count)
        people = counted(facts["suppressed_people"], "person is", "people are")
        said.append(f"suppressed: {people} left out, and with them {gone}")
    return said


def _tell_rows(role: str, table: Mapping[str, Any]) -> list[str]:
    said = []
    if table["duplicate_rows"]:
        # a second like is a like, a second follow or purchase of the same thing is not
        each = ", and each counts: remove those that are one event" if role == "interactions" else ""
        said.append(f"{of(table['duplicate_rows'], table['used'])} rows are exact copies of others{each}")
    if table.get("self_loops"):
        said.append(f"{of(table['self_loops'], table['used'])} go from a person to herself and do not count")
    if table.get("repeated_acts"):
        acts = of(table["repeated_acts"], table["used"])
        said.append(f"{acts} repeat a person's act on the same item; the first counts")
    if role != "customers" and 0 < table["undated"] < table["used"]:
        said.append(f"{of(table['undated'], table['used'])} carry no date")
    return said


def _tell_plain(table: Mapping[str, Any]) -> list[str]:
    del table
    return []


def _tell_follows(table: Mapping[str, Any]) -> list[str]:
    said = []
    if table["undated"] == table["used"]:
        said.append("no dates (column since)")
    repeated = table["repeated_pairs"] - table["duplicate_rows"]
    if repeated > 0:
        said.append(f"{of(repeated, table['used'])} name a pair again; the earliest counts")
    return said


def _tell_interactions(table: Mapping[str, Any]) -> list[str]:
    types = _listed(table["types"])
    said = [types] if types else []
    if table["undated"] == table["used"]:
        said.append("no dates (column timestamp)")
    filled = table["filled"]
    for name in ("sentiment", "incentivised", "channel"):
        if name in filled:
            more = ""
            if name == "incentivised":
                more = f", {table['incentivised']:,} of them yes"
            elif name == "channel":
                more = f": {_listed(table['channels'])}" if table["channels"] else ""
            said.append(f"{name} is given for {of(filled[name], table['used'])}{more}")
    return said


def _tell_actions(table: Mapping[str, Any]) -> list[str]:
    said = [f"{counted(table['items'], 'item')}"]
    if table["undated"] == table["used"]:
        said.append("no dates (column timestamp)")
    return said


def _tell_transactions(table: Mapping[str, Any]) -> list[str]:
    said = [f"{counted(table['items'], 'item')}" if table["items"] is not None else "no items (column item)"]
    if "amount" not in table:
        return [*said, "no amounts (column amount)"]
    currencies = _listed(table["currencies"]) if table.get("currencies") else "no currency named"
    said.append(f"amounts add up to {table['amount']:,.2f} ({currencies})")
    if table["refunds"]:
        said.append(f"{of(table['refunds'], table['used'])} are refunds (negative amounts)")
    if table["zeros"]:
        said.append(f"{of(table['zeros'], table['used'])} cost nothing (amounts of zero)")
    return said


def _tell_customers(table: Mapping[str, Any]) -> list[str]:
    filled, rows = table["filled"], table["used"]
    said = []
    if "clv" in filled:
        currencies = f" ({_listed(table['currencies'])})" if table.get("currencies") else ""
        said.append(f"clv is given for {of(filled['clv'], rows)}, {table['clv']:,.2f} in all{currencies}")
        if table["clv_zero"]:
            said.append(f"{of(table['clv_zero'], rows)} have a clv of zero")
    else:
        said.append("no lifetime values (column clv)")
    if "segment" in filled:
        said.append(f"{counted(table['segments'], 'segment')}, given for {of(filled['segment'], rows)}")
    if table.get("said_not_to_be"):
        said.append(
            f"{of(table['said_not_to_be'], rows)} are said not to be customers: they listen, and are not listed"
        )
    if table["people_only_here"]:
        said.append(
            f"{of(table['people_only_here'], table['people'])} occur in no other table: nothing is known of them"
        )
    return said


def _tell_identities(table: Mapping[str, Any]) -> list[str]:
    return [f"{counted(table['handles'], 'handle')} of {counted(table['customers'], 'person', 'people')}"]


_TOLD: Mapping[str, Callable[[Mapping[str, Any]], list[str]]] = {
    "follows": _tell_follows,
    "interactions": _tell_interactions,
    "actions": _tell_actions,
    "transactions": _tell_transactions,
    "customers": _tell_customers,
    "identities": _tell_identities,
}


def _tell_strangers(facts: Mapping[str, Any], rows: int) -> str:
    said = f"{of(facts['people'], facts['of'])} people are not in the customers table; {of(facts['rows'], rows)} rows "
    said += "name one"
    if facts.get("alike"):
        said += f". {facts['alike']:,} of them would be customers if capitals and leading zeros were ignored"
    if "shapes" in facts:
        theirs, listed = facts["shapes"]
        said += (
            f". Are ids written differently? Most of these look like {theirs!r}, those of customers like {listed!r} "
            "(a: letters, 9: digits)"
        )
    return said


def _listed(counts: Mapping[str, int]) -> str:
    shown = ", ".join(f"{name} {count:,}" for name, count in list(counts.items())[:_NAMED])
    more = len(counts) - _NAMED
    return f"{shown} and {more:,} more" if more > 0 else shown
