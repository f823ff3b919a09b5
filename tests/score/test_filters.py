"""Conditions: by hand, against a plain-Python evaluation, and whatever is typed raises nothing but UsageError."""

import datetime as dt
import operator

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from influence.errors import DataError, UsageError
from influence.score.filters import exclude, read_ids, where

UTC = dt.UTC
RANKING = pl.DataFrame(
    {
        "rank": [1, 2, 3, 4, 5],
        "id": ["ann", "bob", "cy", "dee", "7"],
        "own_value": [5.0, 500.0, float("nan"), None, -2.5],
        "network_value": [9.0, 5.0, 5.0, 1.0, 0.0],
        "hidden_gem": [True, False, None, True, False],
        "quadrant": ["Champion", "Miser", None, "Advocate", "it's"],
        "own rank": [2, 1, 3, 5, 4],
    }
)
LABELS = pl.DataFrame(
    {
        "id": ["7", "ann", "bob", "cy"],  # in another order, and without dee
        "segment": ["gold", "gold", "silver", None],
        "nps": [9.0, 3.0, None, 7.0],
        "orders": ["1", "10", "2.5", None],  # as a CSV file brings them
        "signup": pl.Series([dt.datetime(2024, month, 1, tzinfo=UTC) for month in (1, 2, 3, 4)]),
        "born": pl.Series([dt.date(1990, 1, 1), None, dt.date(2000, 6, 1), None]),
        "rank": [100, 200, 300, 400],
        "nothing": [None] * 4,
        "kind": pl.Series(["a", "b", None, "a"], dtype=pl.Categorical),
    }
)


def found(condition):
    return where(RANKING, condition, LABELS)["rank"].to_list()


@pytest.mark.parametrize(
    ("condition", "ranks"),
    [
        ("segment = 'gold'", [1, 5]),
        ('segment = "gold" and own_value > 1 and not nps < 3', [1]),
        ('segment = "gold" and own_value > 100 and not nps < 7', []),
        ("segment == 'gold' or segment = 'silver'", [1, 2, 5]),
        ("segment != 'gold'", [2]),
        ("segment <> 'gold'", [2]),
        ("'gold' = segment", [1, 5]),
        ('"gold" = segment', [1, 5]),
        ("not segment = 'gold'", [2]),
        ("segment is null", [3, 4]),
        ("SEGMENT Is Not NULL", [1, 2, 5]),
        ("own_value is null", [3, 4]),  # NaN is an empty cell
        ("own_value > -1e9", [1, 2, 5]),
        ("own_value >= -2.5 and own_value <= +5.", [1, 5]),
        ("100 < own_value", [2]),
        ("100 > own_value", [1, 5]),
        ("own_value = '500'", [2]),
        ("nps in (3, 9.0)", [1, 5]),
        ("nps not in (3)", [3, 5]),
        ("not nps in (3)", [3, 5]),
        ("quadrant in ('Miser', \"it's\")", [2, 5]),
        ("quadrant = 'it''s'", [5]),
        ("quadrant contains 's'", [2, 5]),
        ('quadrant contains "\'"', [5]),
        ("quadrant not contains 'i'", [4]),
        ("quadrant contains '.'", []),  # no pattern
        ("quadrant < 'Champion'", [4]),
        ("hidden_gem", [1, 4]),
        ("not hidden_gem", [2, 5]),
        ("hidden_gem = false", [2, 5]),
        ("hidden_gem != TRUE", [2, 5]),
        ("hidden_gem in (true, false)", [1, 2, 4, 5]),
        ('"own rank" > 3', [4, 5]),
        ("`own rank` < rank", [2, 5]),
        ("own_rank > 3", [4, 5]),  # reads the same
        ("Network_Value = 5", [2, 3]),
        ("rank = 1", [1]),  # that of the ranking, not the label
        ("orders > 2", [1, 2]),
        ("orders = '10'", [1]),
        ("orders = 10.0", [1]),
        ("orders in (1, 10)", [1, 5]),
        ("orders in (1, '10')", [1, 5]),
        ("signup >= '2024-03-01'", [2, 3]),
        ("signup = '2024-03-01T01:00:00+01:00'", [2]),
        ("signup in ('2024-01-01', '2024-02-01')", [1, 5]),
        ("born < '1995-01-01'", [5]),
        ("signup > born", [2, 5]),
        ("own_value > network_value", [2]),
        ("quadrant = segment", []),
        ("nothing = 3 or nothing = 'x' or nothing", []),
        ("nothing is null", [1, 2, 3, 4, 5]),
        ("nothing in (1, 2)", []),
        ("nothing contains 'x'", []),
        ("kind = 'a' or kind contains 'b'", [1, 3, 5]),
        ("rank = 1 or rank = 2 and rank = 3", [1]),
        ("(rank = 1 or rank = 2) and not rank = 1", [2]),
        ("not not rank = 1", [1]),
        ("not rank = 1 and not rank = 2", [3, 4, 5]),
        ("id = '7'", [5]),
        ("  rank\n=\t1  ", [1]),
        ("rank<2", [1]),
        ("rank>-5 and(rank<=1)", [1]),
    ],
)
def test_conditions(condition, ranks):
    assert found(condition) == ranks


def test_columns_order_and_ranks_stay():
    kept = where(RANKING, "segment = 'gold'", LABELS)
    assert kept.columns == RANKING.columns
    assert kept.equals(RANKING[[0, 4]])
    assert where(RANKING.clear(), "own_value > 1", LABELS).is_empty()
    numbers = LABELS.filter(pl.col("id") == "7").with_columns(pl.col("id").cast(pl.Int64))
    assert where(RANKING, "segment = 'gold'", numbers)["id"].to_list() == ["7"]


@pytest.mark.parametrize(
    ("condition", "place", "words"),
    [
        ("segmnt = 'gold'", 1, "there is no column 'segmnt'; did you mean 'segment'?"),
        ("rank = 1 and own_valeu > 2", 14, "did you mean 'own_value'?"),
        ("own_value > 'abc'", 13, "own_value is a number; 'abc' is not"),
        ("own_value = 'nan'", 13, "own_value is a number; 'nan' is not"),
        ("own_value = true", 13, "own_value is a number; true is not"),
        ("segment > 5", 11, "segment is text; 5 is not: write '5' in quotes"),
        ("segment = true", 11, "segment is text; true is not: write 'true' in quotes"),
        ("segment in ('gold', 3)", 21, "segment is text; 3 is not"),
        ("segment = golden", 11, "(if it is text, write 'golden')"),
        ("segment in (golden)", 13, "'golden' is neither a number nor in quotes"),
        ("hidden_gem = 1", 14, "hidden_gem is true or false; 1 is not"),
        ("hidden_gem > true", 14, "compare with = or !=, not >"),
        ("hidden_gem < hidden_gem", 14, "compare with = or !="),
        ("signup > 5", 10, "signup is a time; 5 is not: write '2024-01-31'"),
        ("signup > 'May'", 10, "signup is a time; 'May' is not"),
        ("segment = own_value", 11, "segment is text and own_value is a number: they cannot be compared"),
        ("own_value", 1, "no condition by itself"),
        ("own_value contains 'x'", 1, "contains looks into text"),
        ("segment contains 5", 18, "contains looks for text"),
        ("5 = 5", 1, "two values are compared, and no column"),
        ("'a' in ('a')", 1, "a column must stand on the left"),
        ("1 < rank < 3", 10, "two comparisons joined by and"),
        ("nps = null", 7, "write is null"),
        ("nps is 3", 8, "null is wanted here, not '3'"),
        ("rank between 1 and 2", 6, "not 'between'"),
        ("rank", 1, "rank is a number"),
        ("rank =", 7, "not the end"),
        ("= 1", 1, "a column is wanted here, not '='"),
        ("", 1, "it is empty"),
        ("(rank = 1", 10, ") is wanted here, not the end"),
        ("rank = 1)", 9, "and, or, or the end is wanted here"),
        ("rank in ()", 10, "a value is wanted here"),
        ("rank in 1", 9, "( is wanted here"),
        ("rank not 1", 10, "in, or contains, is wanted here"),
        ("and", 1, "the keyword 'and'"),
        ("quadrant = 'Miser", 12, "the quote ' has no end"),
        ("rank = 1 & rank = 2", 10, "write and"),
        ("rank = 1; drop", 9, "give one condition"),
        ("rank>-5and(rank<=1)", 6, "is no number"),
        ("rank = 12abc", 8, "'12abc' is no number"),
        ("rank = 1e999", 8, "too large"),
        ("rank = 1,000", 9, "and, or, or the end"),
        ("(" * 60 + "rank = 1" + ")" * 60, 51, "nested more than 50 deep"),
        ("rank = 1" + " or rank = 1" * 10_000, 100_001, "longer than 100,000"),
        ("quadrant = '\udc80'", 13, "not UTF-8"),
    ],
)
def test_errors_name_the_position(condition, place, words):
    with pytest.raises(UsageError) as caught:
        found(condition)
    assert words in str(caught.value)
    assert str(caught.value).startswith(f"the condition, at character {place}: ")


def test_quotes_that_could_be_either():
    frame = pl.DataFrame({"segment": ["gold", "x"], "gold": ["x", "x"], "Own Value": [1, 2], "own_value": [2, 1]})
    assert where(frame, 'segment = "gold"')["segment"].to_list() == ["x"]  # SQL: a column
    assert where(frame, "segment = 'gold'")["segment"].to_list() == ["gold"]
    assert where(frame, '"Own Value" = 1').height == 1
    with pytest.raises(UsageError, match="may be any of the columns Own Value, own_value"):
        where(frame, "OwnValue = 1")


def test_types_that_cannot_be_compared():
    frame = pl.DataFrame({"list": [[1], None], "wide": pl.Series([2**63, 1], dtype=pl.UInt64), "tiny": [1, 2]})
    frame = frame.with_columns(pl.col("tiny").cast(pl.UInt8))
    assert where(frame, "list is null").height == 1
    with pytest.raises(UsageError, match=r"list holds List\(Int64\), which cannot be compared"):
        where(frame, "list = 1")
    assert where(frame, "wide > 5").height == 1
    assert where(frame, "wide in (1, 2)").height == 1
    assert where(frame, "tiny > -1 and tiny < 1000").height == 2
    assert where(frame, "tiny in (-1, 2, 1000000)").height == 1
    assert where(frame, "tiny < 999999999999999999999999").height == 2


def test_long_conditions():
    frame = pl.DataFrame({"rank": range(1, 6001)})
    assert where(frame, " or ".join(f"rank = {number}" for number in range(1, 3001))).height == 3000
    assert where(frame, f"rank in ({', '.join(map(str, range(1, 3001)))})").height == 3000
    assert where(frame, "not " * 20_001 + "rank = 1").height == 5999


COLUMNS = {
    "number": ("a", "b", "two words"),
    "text": ("s", "and"),  # a keyword must be quoted
    "flag": ("f",),
}
CELLS = {
    "number": [None, float("nan"), -1.5, 0.0, 1.0, 2.0, 10.0],
    "text": [None, "", "x", "xy", "it's", 'say "x"', "é", "\\"],
    "flag": [None, True, False],
}
SIGNS = {
    "=": operator.eq,
    "==": operator.eq,
    "!=": operator.ne,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def name_of(column):
    plain = column.isidentifier() and column != "and"
    quotes = [f'"{column}"', f"`{column}`"]
    return st.sampled_from([column, *quotes] if plain else quotes)


def text_of(value):
    if isinstance(value, bool):
        return str(value).lower()
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else repr(value)


def cell(row, column):
    value = row[column]
    return None if value is None or value != value else value


def negated(value):
    return None if value is None else not value


def joined(values, neutral):
    """Return what three-valued logic makes of ``and`` (neutral True) or ``or`` (neutral False)."""
    if (not neutral) in values:
        return not neutral
    return None if None in values else neutral


@st.composite
def leaves(draw):
    kind = draw(st.sampled_from(list(COLUMNS)))
    column = draw(st.sampled_from(COLUMNS[kind]))
    name = draw(name_of(column))
    values = st.sampled_from([value for value in CELLS[kind] if value is not None and value == value])
    form = draw(st.sampled_from(["value", "turned", "column", "in", "null", "contains", "truth"]))
    if form == "null":
        no = draw(st.booleans())
        return f"{name} is {'not ' if no else ''}null", lambda row: (cell(row, column) is None) != no
    if form == "in":
        listed = draw(st.lists(values, min_size=1, max_size=3))
        no = draw(st.booleans())
        text = f"{name} {'not ' if no else ''}in ({', '.join(map(text_of, listed))})"
        return text, lambda row: None if cell(row, column) is None else (cell(row, column) in listed) != no
    if form == "contains" and kind == "text":
        part = draw(values)
        return (
            f"{name} contains {text_of(part)}",
            lambda row: None if cell(row, column) is None else part in cell(row, column),
        )
    if form == "truth" and kind == "flag":
        return name, lambda row: cell(row, column)
    sign = draw(st.sampled_from(list(SIGNS) if kind != "flag" else ["=", "==", "!=", "<>"]))
    compare = SIGNS[sign]
    if form == "column":
        other = draw(st.sampled_from(COLUMNS[kind]))
        return (
            f"{name} {sign} {draw(name_of(other))}",
            lambda row: (
                None
                if cell(row, column) is None or cell(row, other) is None
                else compare(cell(row, column), cell(row, other))
            ),
        )
    value = draw(values)
    if form == "turned":
        return (
            f"{text_of(value)} {sign} {name}",
            lambda row: None if cell(row, column) is None else compare(value, cell(row, column)),
        )
    return (
        f"{name}{sign}{text_of(value)}",
        lambda row: None if cell(row, column) is None else compare(cell(row, column), value),
    )


def grown(inner):
    def both(word, neutral):
        return st.lists(inner, min_size=2, max_size=3).map(
            lambda parts: (
                f" {word} ".join(f"({text})" for text, _ in parts),
                lambda row: joined([test(row) for _, test in parts], neutral),
            )
        )

    return st.one_of(
        both("and", True),
        both("OR", False),
        inner.map(lambda part: (f"not ({part[0]})", lambda row: negated(part[1](row)))),
    )


CONDITIONS = st.recursive(leaves(), grown, max_leaves=8)
ROWS = st.lists(
    st.fixed_dictionaries({column: st.sampled_from(CELLS[kind]) for kind in COLUMNS for column in COLUMNS[kind]}),
    max_size=6,
)
SCHEMA = {
    column: {"number": pl.Float64, "text": pl.String, "flag": pl.Boolean}[kind]
    for kind in COLUMNS
    for column in COLUMNS[kind]
}


@given(CONDITIONS, ROWS)
def test_as_plain_python(condition, rows):
    text, test = condition
    frame = pl.DataFrame(rows, schema=SCHEMA).with_row_index("place")
    assert where(frame, text)["place"].to_list() == [place for place, row in enumerate(rows) if test(row) is True]


@given(st.lists(leaves(), min_size=2, max_size=5), st.lists(st.booleans(), min_size=5, max_size=5), ROWS)
def test_and_binds_before_or_and_not_before_both(parts, choices, rows):
    text = f"not {parts[0][0]}"
    groups = [[lambda row: negated(parts[0][1](row))]]
    for (more, test), choice in zip(parts[1:], choices, strict=False):
        text += f" {'and' if choice else 'or'} {more}"
        if choice:
            groups[-1].append(test)
        else:
            groups.append([test])
    frame = pl.DataFrame(rows, schema=SCHEMA).with_row_index("place")
    expected = [
        place
        for place, row in enumerate(rows)
        if joined([joined([test(row) for test in group], True) for group in groups], False) is True
    ]
    assert where(frame, text)["place"].to_list() == expected


WORDS = st.sampled_from(
    [
        "rank",
        "segment",
        "own_value",
        "hidden_gem",
        "signup",
        "nothing",
        "own_rank",
        "'gold'",
        '"gold"',
        "'2024-01-01'",
        "5",
        "-1.5",
        "true",
        "xyz",
        "=",
        "!=",
        "<",
        ">=",
        "(",
        ")",
        ",",
        "and",
        "or",
        "not",
        "in",
        "is",
        "null",
        "contains",
        "'",
        "&",
    ]
)
TERMS = st.tuples(
    st.sampled_from(["rank", "segment", "orders", "hidden_gem", "signup", "nothing", "kind", "'gold'", "'5'", "3"]),
    st.sampled_from(["=", "<", ">=", "contains", "in (", "is", "not in ("]),
    st.sampled_from(["rank", "segment", "nps", "hidden_gem", "born", "nothing", "'gold'", "'5'", "3)", "null", "7"]),
).map(" ".join)


@given(
    st.one_of(
        TERMS, st.text(), st.lists(WORDS, max_size=9).map(" ".join), st.text(st.sampled_from("ab1.e-'\"`()=<>, "))
    )
)
def test_whatever_is_typed_raises_nothing_else(text):
    try:
        kept = where(RANKING, text, LABELS)
    except UsageError as error:
        assert str(error).startswith("the condition, at character ")
    else:
        assert set(kept["rank"]) <= set(RANKING["rank"])


def test_exclude_keeps_ranks():
    kept, note = exclude(RANKING, ["bob", 7, "nobody", "bob"])
    assert kept["rank"].to_list() == [1, 3, 4]
    assert kept.columns == RANKING.columns
    assert note == (
        "excluded from the list, still in the graph: 2 people; ranks stay; 1 of the 3 ids are not in the ranking"
    )
    same, note = exclude(RANKING, [])
    assert same.equals(RANKING)
    assert note.endswith("0 people; ranks stay")
    assert exclude(RANKING, pl.Series([7]))[0]["rank"].to_list() == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("ids.txt", "ann\n\n# called in May\n7 # twice\n7\nbob\n"),
        ("ids.csv", "id\nann\n7\nbob\n7\n"),
        ("ids.csv", "name,customer_id\nAnn,ann\nx,7\nBob,bob\n"),
        ("ids.jsonl", '{"id": "ann"}\n{"id": "7"}\n{"id": "bob"}\n'),
    ],
)
def test_lists_of_people_are_read_as_they_are_kept(tmp_path, name, content):
    path = tmp_path / name
    path.write_text(content)
    ids = read_ids(path)
    assert ids.to_list() == ["ann", "7", "bob"]
    assert exclude(RANKING, ids)[0]["id"].to_list() == ["cy", "dee"]


def test_numeric_ids_are_text(tmp_path):
    (tmp_path / "ids.csv").write_text("id\n7\n8\n")
    assert read_ids(tmp_path / "ids.csv").to_list() == ["7", "8"]
    (tmp_path / "none.csv").write_text("id\n")
    assert read_ids(tmp_path / "none.csv").to_list() == []
    with pytest.raises(DataError, match="no such file"):
        read_ids(tmp_path / "absent.csv")
