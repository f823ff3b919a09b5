"""What each table may hold, and the names under which people write it: the one place to add a spelling."""

from __future__ import annotations

import dataclasses
import difflib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from influence.errors import DataError

__all__ = [
    "PEOPLE",
    "ROLES",
    "SCHEMA",
    "TYPE_SPELLINGS",
    "Field",
    "candidates",
    "check_names",
    "match",
    "missing",
    "normal",
    "suggestion",
]

_NO_MAP: Mapping[str, str] = MappingProxyType({})
# Columns, and letters of a name, that are compared to suggest another.
_LOOKED_AT = 1_000
_NO_MAPS: Mapping[str, Mapping[str, str]] = MappingProxyType({})


@dataclasses.dataclass(frozen=True)
class Field:
    """One canonical column.

    ``kind`` says how it is read: ``id``, ``time``, ``number``, ``flag`` (yes or no), ``code`` (a flag for which any
    other text is a yes), ``type`` (of an interaction), ``currency`` or ``text``. ``spellings`` are tried in order. A
    column that is ``filled`` has a value in every row.
    """

    name: str
    kind: str
    spellings: tuple[str, ...] = ()
    required: bool = False
    filled: bool = False
    low: float | None = None
    high: float | None = None

    @property
    def person(self) -> bool:
        """Whether it names a person: not a thing, and not the interaction itself."""
        return self.kind == "id" and self.required and self.name not in ("item", "topic")

    @property
    def repeats(self) -> bool:
        """Whether few values stand in many rows."""
        return self.person or self.kind == "type" or self.name in ("item", "topic")

    def __post_init__(self) -> None:
        # The canonical name is always understood, and first: a file in our own shape can't be read another way.
        object.__setattr__(self, "spellings", tuple(dict.fromkeys(normal(s) for s in (self.name, *self.spellings))))


def normal(name: str) -> str:
    """Return a column's name without what people vary: case, spaces, underscores and hyphens."""
    return re.sub(r"[\s_\-]+", "", name).casefold()


_TIMES = ("time", "date", "datetime", "date_time", "created_at", "created", "ts", "occurred_at", "event_time")
_PEOPLE = ("customer_id", "user", "user_id")
_CURRENCIES = ("currency_code", "iso_currency")
_ITEMS = ("item_id", "product", "product_id", "sku", "article", "article_id", "asin", "stock_code")


def _key(name: str, *spellings: str) -> Field:
    return Field(name, "id", spellings, required=True, filled=True)


SCHEMA: Mapping[str, tuple[Field, ...]] = {
    "follows": (
        _key("source", "follower", "truster", "from", "src", "voter", "ego", "user_a", "from_id", "from_node_id"),
        _key(
            "target",
            "followee",
            "followed",
            "trustee",
            "to",
            "dst",
            "candidate",
            "alter",
            "user_b",
            "to_id",
            "to_node_id",
        ),
        Field("since", "time", ("followed_at", "timestamp", *_TIMES)),
    ),
    "interactions": (
        _key("source", "actor", "from", "src", "sender", "caller", "referrer", "inviter", "from_id", "user", "user_id"),
        _key("target", "to", "dst", "recipient", "receiver", "callee", "referee", "invitee", "to_id", "target_user"),
        Field("type", "type", ("interaction", "kind", "event", "event_type", "interaction_type"), True, True),
        Field("timestamp", "time", _TIMES, filled=True),
        Field("weight", "number", low=0.0),
        Field("sentiment", "number", ("sentiment_score",), low=-1.0, high=1.0),
        Field("incentivised", "code", ("incentivized", "incentive", "is_incentivised", "is_incentivized")),
        Field("channel", "text", ("platform", "medium")),
        Field("id", "id", ("interaction_id", "event_id")),
        Field("incentive_cost", "number", ("incentive_amount", "reward_amount", "reward_cost"), low=0.0),
    ),
    "actions": (
        _key("customer", *_PEOPLE, "actor"),
        _key("item", *_ITEMS),
        Field("timestamp", "time", _TIMES, filled=True),
        Field("value", "number"),
    ),
    "transactions": (
        _key("customer", *_PEOPLE, "client", "client_id", "buyer", "buyer_id", "master_id"),
        Field(
            "timestamp",
            "time",
            (*_TIMES, "order_date", "ordered_at", "purchase_date", "purchased_at", "invoice_date", "transaction_date"),
            required=True,
            filled=True,
        ),
        Field("amount", "number", ("amount_usd", "revenue", "price", "total", "value"), filled=True),
        Field("item", "id", _ITEMS),
        Field("margin", "number"),
        Field("discounted", "flag", ("is_discounted", "on_sale")),
        Field("currency", "currency", _CURRENCIES),
    ),
    "customers": (
        _key("id", *_PEOPLE[:1], "user_id", "customer"),
        Field("clv", "number", ("cltv", "ltv", "lifetime_value", "customer_lifetime_value"), low=0.0),
        Field("segment", "text", ("customer_segment",)),
        Field("is_customer", "flag", ("customer_flag",)),
        Field("signup", "time", ("signup_date", "signed_up_at", "joined", "joined_at", "registered_at", "created_at")),
        Field("nps", "number", ("nps_score",)),
        Field("vetted", "flag", ("is_vetted",)),
        Field("consent", "flag", ("has_consent", "consented", "opt_in")),
        Field("suppress", "flag", ("suppressed", "do_not_process", "opt_out", "opted_out")),
        Field("currency", "currency", _CURRENCIES),
    ),
    "identities": (
        _key("customer", *_PEOPLE, "person", "person_id"),
        Field("channel", "text", ("platform", "network", "medium"), True),
        _key("handle", "account", "account_id", "username", "user_name", "screen_name", "alias"),
    ),
    "topics": (
        _key("customer", *_PEOPLE, "author"),
        _key("topic", "theme", "issue", "idea", "tag"),
        Field("timestamp", "time", _TIMES, filled=True),
    ),
    # Never recognised: a list of ids is a list of anything.
    "suppress": (_key("id", *_PEOPLE, "customer", "handle", "email"),),
}
ROLES: tuple[str, ...] = tuple(SCHEMA)
#: The columns that hold the people whom a table is about; whoever stands there is somebody.
PEOPLE: Mapping[str, tuple[str, ...]] = {
    role: tuple(field.name for field in fields if field.person)
    for role, fields in SCHEMA.items()
    if role not in ("identities", "suppress")
}

_SHARE = ("shared", "retweet", "retweeted", "rt", "repost", "reposted", "reblog", "reblogged", "quote", "quoted")
#: Spellings of the types of interaction that the settings know; keys are lower case with underscores.
#: Nothing here for messages or calls: whether they show influence is for the user to say.
TYPE_SPELLINGS: Mapping[str, str] = {
    **dict.fromkeys((*_SHARE, "quote_tweet", "quote_post"), "share"),
    **dict.fromkeys(("replied", "re", "comment", "commented"), "reply"),
    **dict.fromkeys(("mentioned", "mt"), "mention"),
    **dict.fromkeys(("liked", "favorite", "favourite", "favorited", "favourited", "fav"), "like"),
    **dict.fromkeys(("answered",), "answer"),
    **dict.fromkeys(("helpful",), "helpful_vote"),
    **dict.fromkeys(("referred", "refer", "referrals"), "referral"),
    **dict.fromkeys(("invited", "invitation"), "invite"),
}


def match(role: str, columns: Sequence[str], mapped: Mapping[str, str] = _NO_MAP) -> dict[str, str]:
    """Return which of ``columns`` stands for which field of ``role``: ``{field: column}``, in the schema's order.

    What the user said, ``mapped``, wins, and takes its columns out of recognition.
    """
    known: dict[str, str] = {}
    for column in columns:
        known.setdefault(normal(column), column)
    said = {field: said_column(column, columns, known) for field, column in mapped.items()}
    for taken in said.values():
        if taken is not None and known.get(normal(taken)) == taken:
            del known[normal(taken)]
    found: dict[str, str] = {}
    for field in SCHEMA[role]:
        chosen = said.get(field.name)
        if chosen is None and mapped.get(field.name) != "":
            chosen = next((known[s] for s in field.spellings if s in known), None)
        if chosen is not None:
            found[field.name] = chosen
    return found


def said_column(wanted: str, columns: Sequence[str], known: Mapping[str, str]) -> str | None:
    """Return the column that the user means: of that very name, else of a name that reads the same."""
    return wanted if wanted in columns else known.get(normal(wanted)) if wanted else None


def check_names(role: str, columns: Sequence[str], mapped: Mapping[str, str] = _NO_MAP) -> None:
    """Check that no two columns share a name that ``role`` reads; ``customers`` reads all.

    Raises
    ------
    DataError
        Two do.
    """
    said = {column for field, column in mapped.items() if column in columns}
    found = {normal(column): (name, column) for name, column in match(role, columns, mapped).items()}
    times = Counter(columns)
    seen: dict[str, str] = {}
    for column in columns:
        key = normal(column)
        name, chosen = found.get(key, (None, ""))
        if chosen in said and column != chosen:
            continue  # the user chose between the two
        # Labels keep their own spelling, so that only the same spelling twice is in the way.
        label = name is None
        if label and role == "customers" and column:
            name = column
        if name is not None:
            spelled = seen.setdefault(column if label else key, column)
            if spelled != column or times[column] > 1:
                raise DataError(
                    f"columns {spelled!r} and {column!r} both read as {name!r}; rename or remove one of them"
                )


def missing(role: str, columns: Sequence[str], mapped: Mapping[str, str] = _NO_MAP) -> list[str]:
    """Return the required fields of ``role`` that none of ``columns`` stands for."""
    found = match(role, columns, mapped)
    return [field.name for field in SCHEMA[role] if field.required and field.name not in found]


def candidates(columns: Sequence[str], maps: Mapping[str, Mapping[str, str]] = _NO_MAPS) -> list[str]:
    """Return the roles that a file with these columns may have: one if it is clear, else none or several."""
    found = {role: match(role, columns, maps.get(role, _NO_MAP)) for role in ROLES}
    fits = {role: not missing(role, columns, maps.get(role, _NO_MAP)) for role in ROLES}
    roles = []
    if fits["interactions"]:
        roles.append("interactions")
    elif fits["follows"]:
        roles.append("follows")
    amount = found["transactions"].get("amount") if fits["transactions"] else None
    # "value" is what a purchase costs in one file and what an act is worth in the next.
    if fits["actions"] and (amount is None or normal(amount) == "value"):
        roles.append("actions")
    if amount is not None:
        roles.append("transactions")
    if fits["identities"]:
        # its customer column would do for customers too
        return [*roles, "identities"]
    if fits["topics"]:
        # its customer column would do for customers too
        return [*roles, "topics"]
    person = found["customers"]
    if fits["customers"]:
        dated = "timestamp" in found["transactions"] and "signup" not in person
        eventful = dated or "item" in found["actions"]
        described = {"segment", "signup", "nps"} & person.keys() or normal(person["id"]) in ("id", "customerid")
        if {"clv", "is_customer"} & person.keys() or (described and not roles and not eventful):
            roles.append("customers")
    return roles


def suggestion(field: Field, columns: Sequence[str], wanted: str | None = None) -> str:
    """Return words that name a column much like ``wanted``, else like a spelling of ``field``, or nothing."""
    if wanted:
        close = difflib.get_close_matches(wanted, columns[:_LOOKED_AT], n=1)
        return f"Did you mean {close[0]!r}?" if close else ""
    for column in columns[:_LOOKED_AT]:
        if difflib.get_close_matches(normal(column[:_LOOKED_AT]), field.spellings, n=1, cutoff=0.75):
            return f"Did you mean {column!r}? Then rename it to {field.name!r}."
    return ""
