"""Counts about many people as sentences, without a loop over people."""

from __future__ import annotations

import polars as pl

__all__ = ["in_words", "kind_word", "share_word"]

_WORDS = {
    "item": "acts on the same items",
    "reply": "replies",
    "answer": "answers",
    "share": "shares",
    "mention": "mentions",
    "review_read": "reviews read",
    "helpful_vote": "helpful votes",
    "like": "likes",
    "follow": "follows",
    "referral": "referrals",
}


def kind_word(kind: str) -> str:
    """Return a kind of evidence in words; a type of the user's own is called as she calls it."""
    return _WORDS.get(kind, kind)


def share_word(column: str) -> pl.Expr:
    """Return a share in words, in whole per cent.

    Examples
    --------
    >>> pl.DataFrame({"x": [0.004, 0.126]}).select(share_word("x")).to_series().to_list()
    ['under 1 %', '13 %']
    """
    share = 100.0 * pl.col(column)
    return pl.format(
        "{} %", pl.when(share < 1).then(pl.lit("under 1")).otherwise(share.round().cast(pl.Int64).cast(pl.String))
    )


def in_words(counted: pl.DataFrame, unit: str, currency: str | None, *, has_customers: bool) -> pl.Series:
    """Return a sentence for each row of :meth:`influence.score.reasons.Reasons.counted`.

    How many people contribute and what they are worth by themselves; how many of them the person brought; how many
    were seen to react, or to act on the same items later, by which kinds that count most by their credit, and how
    many of the five largest contributors are among them; how many take value away. Nothing in it is expected of the
    future but values.

    Parameters
    ----------
    unit : {"money", "acts", "people"}
    currency : str or None
    has_customers : bool
        Whether the input says who is a customer.
    """
    reached = pl.format("reaches {}{}{}", _who(has_customers), _worth(unit, currency), _referred())
    sentence = pl.format("{}; {}{}{}", reached, _acted(), _of_the_top(), _taken_away())
    return counted.select(sentence).to_series()


def _who(has_customers: bool) -> pl.Expr:
    people, customers = pl.col("people"), pl.col("customers")
    anybody = _plural("people", "person", "people")
    if not has_customers:
        return anybody
    return (
        pl.when(customers == people)
        .then(_plural("people", "customer", "customers"))
        .when(customers > 0)
        .then(pl.format("{} ({})", anybody, _plural("customers", "customer", "customers")))
        .when(people == 1)
        .then(pl.lit("1 person (no customer)"))
        .otherwise(pl.format("{} (no customers)", anybody))
    )


def _worth(unit: str, currency: str | None) -> pl.Expr:
    """Return what the contributors are worth by themselves, in money; sums of other units mean little to a reader."""
    if unit != "money":
        return pl.lit("")
    amount = _amount("worth", 2)
    name = pl.lit(f" {currency}" if currency else "")
    return pl.when(amount == "0").then(pl.lit("")).otherwise(pl.format(" worth {}{}", amount, name))


def _referred() -> pl.Expr:
    """Return how many the person brought, and how much of her value that is: it can be most of it."""
    referred = pl.col("referred")
    verb = pl.when(referred == 1).then(pl.lit("counts")).otherwise(pl.lit("count"))
    return (
        pl.when(referred == 0)
        .then(pl.lit(""))
        .when(pl.col("people") == 1)
        .then(pl.lit(", referred"))
        .when(referred == pl.col("people"))
        .then(pl.lit(", all referred"))
        .otherwise(pl.format("; {} referred {} for {}", _thousands(referred), verb, share_word("referred_share")))
    )


def _acted() -> pl.Expr:
    seen = pl.col("seen")
    who = pl.when((seen == pl.col("people")) & (seen > 1)).then(pl.lit("all")).otherwise(_thousands(seen))
    most = pl.when("all_kinds").then(pl.lit("")).otherwise(pl.lit(" count most"))
    verb = pl.when("item").then(pl.lit("acted later")).otherwise(pl.lit("reacted"))
    return (
        pl.when(seen == 0)
        .then(pl.lit("none seen to react yet"))
        .when(pl.col("item") & ~pl.col("reaction"))
        .then(pl.format("{} acted on the same items later", who))
        .otherwise(pl.format("{} {} ({}{})", who, verb, "kinds", most))
    )


def _of_the_top() -> pl.Expr:
    """Return how many of the five largest were seen; where that says more than the count before it."""
    seen, top, people = pl.col("seen"), pl.col("top_seen"), pl.col("people")
    return (
        pl.when((seen == 0) | (seen == people) | (people <= 5))
        .then(pl.lit(""))
        .when(top == 0)
        .then(pl.lit(", none of the top 5"))
        .when(top == 5)
        .then(pl.lit(", incl. all of the top 5"))
        .otherwise(pl.format(", incl. {} of the top 5", top))
    )


def _taken_away() -> pl.Expr:
    away = pl.col("away")
    return (
        pl.when(away == 0)
        .then(pl.lit(""))
        .when(pl.col("people") == 1)
        .then(pl.lit("; takes value away"))
        .when(away == pl.col("people"))
        .then(pl.lit("; all take value away"))
        .otherwise(
            pl.format(
                "; {} {} value away ({})",
                _thousands(away),
                pl.when(away == 1).then(pl.lit("takes")).otherwise(pl.lit("take")),
                share_word("away_share"),
            )
        )
    )


def _plural(column: str, one: str, many: str) -> pl.Expr:
    count = pl.col(column)
    return pl.format("{} {}", _thousands(count), pl.when(count == 1).then(pl.lit(one)).otherwise(pl.lit(many)))


def _thousands(number: pl.Expr) -> pl.Expr:
    """Return whole numbers with a comma after each thousand."""
    turned = number.abs().cast(pl.String).str.reverse().str.replace_all(r"(\d{3})", "${1},")
    digits = turned.str.strip_suffix(",").str.reverse()
    return pl.format("{}{}", pl.when(number < 0).then(pl.lit("-")).otherwise(pl.lit("")), digits)


def _amount(column: str, decimals: int) -> pl.Expr:
    """Return amounts rounded to the whole from a hundred up, to some decimals below; whole ones without a point."""
    value = pl.col(column)
    scale = 10**decimals
    small = (value.abs() * scale).round().cast(pl.Int64, strict=False)
    fraction = (small % scale).cast(pl.String).str.zfill(decimals)
    whole = _thousands(value.round().cast(pl.Int64, strict=False))
    sign = pl.when(value < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    return (
        pl.when((value.abs() >= 100) | (small % scale == 0))
        .then(pl.coalesce(whole, value.cast(pl.String)))
        .otherwise(pl.format("{}{}.{}", sign, small // scale, fraction))
    )
