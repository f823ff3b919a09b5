"""A ranking as records: keys, rounding, idempotency keys."""

import hashlib
import math

import polars as pl
import pytest
from exported import FACTS, ranking

from influence.errors import DataError, UsageError
from influence.export.records import make_records
from influence.export.targets import Target


def records(frame, form="jsonl", settings=None, **how):
    return make_records(frame, Target.of(form, settings), **{"facts": FACTS, **how})


def test_the_id_is_the_key_unless_told_otherwise():
    made = records(ranking({"b": 5.0, "a": 7.0}))
    assert made.frame["_key"].to_list() == ["a", "b"]
    assert made.left_out.height == 0


def test_a_key_comes_from_the_customers_table_and_is_never_guessed():
    customers = pl.DataFrame(
        {
            "id": ["a", "b", "c", "d", "e", "f", "x"],
            "mail": ["a@x", None, " ", "D@x", "d@X", "f\n@x", "other"],
        }
    )
    frame = ranking(dict.fromkeys("abcdefg", 1.0))
    made = records(frame, "hubspot", {"key": "mail"}, customers=customers)
    assert made.frame["_key"].to_list() == ["a@x"]
    assert dict(zip(made.left_out["id"], made.left_out["problem"], strict=True)) == {
        "b": "no mail",
        "c": "no mail",
        "d": "others have the same mail",
        "e": "others have the same mail",
        "f": "its key holds a line break or control character",
        "g": "no mail",
    }
    assert "6 of 7 people" in made.notes[-1]
    # platforms that tell cases apart get both
    apart = records(frame, "identify", {"key": "mail"}, customers=customers)
    assert apart.frame["_key"].to_list() == ["D@x", "a@x", "d@X"]


def test_ids_are_text_on_both_sides():
    customers = pl.DataFrame({"id": [1, 2], "crm": [901, 902]})
    made = records(ranking({"1": 5.0, "2": 4.0}), "salesforce", {"key": "crm"}, customers=customers)
    assert made.frame.select("_id", "_key").rows() == [("1", "901"), ("2", "902")]


def test_two_rows_of_one_customer_that_differ_are_an_error():
    customers = pl.DataFrame({"id": ["a", "a"], "mail": ["one", "two"]})
    with pytest.raises(DataError, match="'a' has more than one 'mail'"):
        records(ranking({"a": 1.0}), settings={"key": "mail"}, customers=customers)


@pytest.mark.parametrize(
    ("settings", "customers", "message"),
    [
        ({"key": "mail"}, None, "--customers"),
        ({"key": "mail"}, pl.DataFrame({"id": ["a"], "email": ["x"]}), "no column 'mail'; it has id, email"),
        ({"fields": {"netwrok_value": "x"}}, None, "no column 'netwrok_value'"),
        ({"watch": ["rank"], "fields": {"network_value": "x"}}, None, "watch names 'rank'"),
    ],
)
def test_what_is_missing_is_named(settings, customers, message):
    with pytest.raises(UsageError, match=message):
        records(ranking({"a": 1.0}), settings=settings, customers=customers)


def test_the_key_of_a_crm_is_no_field():
    with pytest.raises(UsageError, match="'email' is what people are known by"):
        records(ranking({"a": 1.0}), "hubspot", {"fields": {"id": "email"}})


def test_values_are_rounded_and_have_one_zero():
    frame = ranking({"a": 1.23456, "b": -0.0001, "c": math.nan, "d": math.inf})
    fields = {"fields": {"network_value": "v", "percentile": "p"}}
    made = records(frame, settings=fields)
    assert [str(value) for value in made.frame["v"]] == ["1.23", "0.0", "None", "None"]
    acts = records(frame, settings=fields, facts={**FACTS, "unit": "acts"})
    assert acts.frame["v"][0] == 1.2346


def test_without_a_manifest_the_date_is_left_out():
    made = records(ranking({"a": 1.0}), facts={})
    assert "as_of" not in made.frame.columns
    assert any("as_of is left out" in note for note in made.notes)


def test_idempotency_keys_change_with_every_field_and_with_nothing_else():
    base = ranking({"a": 200.0, "b": 5.0})
    first = records(base).frame
    assert records(base.reverse()).frame["_hash"].equals(first["_hash"])
    assert (
        records(base.with_columns(network_value=pl.col("network_value") + 1e-9)).frame["_hash"].equals(first["_hash"])
    )
    changes = {
        "network_value": pl.col("network_value") + 1,
        "low": pl.col("low") - 1,
        "rank": pl.col("rank") + 1,
        "quadrant": pl.lit("Advocate"),
        "hidden_gem": ~pl.col("hidden_gem"),
        "reasons": pl.col("reasons") + "!",
    }
    for column, change in changes.items():
        changed = records(base.with_columns(change.alias(column))).frame
        assert not (changed["_hash"] == first["_hash"]).any(), column
    renamed = records(base, settings={"fields": {"network_value": "x"}}).frame
    again = records(base, settings={"fields": {"network_value": "y"}}).frame
    assert not (renamed["_hash"] == again["_hash"]).any()
    # a change here means that every CRM is written again: raise SCHEMA_VERSION knowingly
    said = b'1\0jsonl\0["x"]\0{"_key":"a","x":200.0}'
    assert renamed["_hash"][0] == hashlib.blake2b(said, digest_size=16).hexdigest()


def test_the_idempotency_key_can_be_a_field():
    made = records(ranking({"a": 1.0}), settings={"fields": {"network_value": "v", "idempotency_key": "k"}})
    assert made.frame["k"].equals(made.frame["_hash"].alias("k"))
    assert [field.name for field in made.watched] == ["v"]
