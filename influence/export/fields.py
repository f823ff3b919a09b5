"""What a column of a ranking is to a CRM: its name there, its type, and what to tell the people who see it."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from types import MappingProxyType

from influence.errors import UsageError

__all__ = ["DEFAULT_FIELDS", "KINDS", "Field", "describe", "field_name"]

#: What a value can be: a ``label`` is text of at most 255 characters, by which people filter; ``text`` is longer.
KINDS = ("number", "whole", "flag", "label", "text", "time")


@dataclasses.dataclass(frozen=True)
class Field:
    """One column of a ranking as a CRM has it.

    Attributes
    ----------
    column : str
        In the ranking.
    name : str
        In the CRM.
    label : str
        What people there read.
    kind : str
        One of ``KINDS``.
    meaning : str
        One sentence.
    watched : bool
        Whether a change of it alone is worth writing. Positions, reasons and dates change for everybody when anybody
        changes; they are written along with what is watched.
    """

    column: str
    name: str
    label: str
    kind: str
    meaning: str
    watched: bool = True


_KNOWN: Mapping[str, tuple[str, str, str, bool]] = MappingProxyType(
    {
        "id": ("Customer id", "label", "The id of the customer in the data that was ranked.", True),
        "rank": ("Influence rank", "whole", "Place by network value when this record was last written.", False),
        "network_value": ("Network value", "number", "What of other customers' value rides on this customer.", True),
        "low": ("Network value, low", "number", "Lower end of the 90 % interval of the network value.", False),
        "high": ("Network value, high", "number", "Upper end of the 90 % interval of the network value.", False),
        "p_top": ("Chance to be at the top", "number", "Chance to be among the first, 0 to 1.", False),
        "own_value": ("Own value", "number", "Lifetime value of the customer alone.", True),
        "total_value": ("Total value", "number", "Own and network value together; shared, so do not add it up.", True),
        "conserved_value": ("Conserved value", "number", "Share of the total that is nobody else's; adds up.", True),
        "percentile": ("Influence percentile", "number", "Share of customers ranked below, 0 to 100.", False),
        "quadrant": ("Influence tier", "label", "Champion, Affluent, Advocate or Miser.", True),
        "hidden_gem": ("Hidden gem", "flag", "Much network value beside little own value.", True),
        "authenticity": ("Authenticity", "number", "How far attention comes from trusted customers, 0 to 1.", True),
        "trust_codes": ("Trust codes", "label", "What is suspicious about the attention; empty if nothing.", True),
        "suggested_reward": ("Suggested reward", "label", "Reputation, affiliation or access; not cash.", True),
        "reasons": ("Reasons", "text", "Why the network value is what it is, in words; names nobody.", False),
        "referral_value": ("Referral value", "number", "Value of the customers whom this one brought.", True),
        "referrals": ("Referrals", "whole", "Customers whom this one brought.", True),
        "as_of": ("Influence as of", "time", "The newest event that the score knew.", False),
        "idempotency_key": ("Influence record key", "label", "Changes when, and only when, the record changes.", False),
    }
)

#: What is written where the settings name no fields.
DEFAULT_FIELDS = (
    "network_value",
    "low",
    "high",
    "own_value",
    "rank",
    "percentile",
    "quadrant",
    "hidden_gem",
    "suggested_reward",
    "reasons",
    "as_of",
)

#: Columns that move for everybody when anybody moves.
_POSITIONS = ("rank", "percentile", "p_top", "rank_by_own_value", "rank_shift")

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.$ -]*")


def field_name(form: str, column: str) -> str:
    """Return what a column is called in a CRM where the settings do not say it.

    Examples
    --------
    >>> field_name("salesforce", "network_value"), field_name("hubspot", "network_value")
    ('Influence_Network_Value__c', 'influence_network_value')
    """
    plain = re.sub(r"[^A-Za-z0-9]+", "_", column).strip("_")
    if form == "salesforce":
        return "Influence_" + "_".join(part.capitalize() for part in plain.split("_")) + "__c"
    if form in ("hubspot", "identify"):
        return f"influence_{plain.lower()}"
    return column


def describe(column: str, name: str, kind: str | None = None) -> Field:
    """Return the field of a column: what is known of it, else what its type tells.

    Raises
    ------
    UsageError
        No CRM can have a field of this name.
    """
    if not _NAME.fullmatch(name) or len(name) > 255:
        raise UsageError(f"{column} = {name!r}: a field begins with a letter and holds letters, digits and _")
    if column in _KNOWN:
        label, known, meaning, watched = _KNOWN[column]
        return Field(column, name, label, known, meaning, watched)
    label = column.replace("_", " ").capitalize()
    return Field(column, name, label, kind or "label", f"The column {column} of the ranking.", column not in _POSITIONS)
