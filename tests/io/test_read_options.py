"""Other people's names for things: mapped columns and types, ids whatever their case, and how options are given."""

import dataclasses

import polars as pl
import pytest

from influence.config import READING, Settings, read_settings
from influence.errors import DataError, UsageError
from influence.io import ReadOptions, read_options, read_tables, tables_from_frames
from influence.io.options import pairs


def interactions(frame, **options):
    return tables_from_frames(interactions=pl.DataFrame(frame), **options).interactions


MAP = {"interactions.source": "who", "interactions.target": "whom", "interactions.type": "what"}


def test_mapped_columns(write):
    path = write("x.csv", "who,whom,what\n1,2,like\n")
    assert read_tables([path], map=MAP).interactions.rows() == [(1, 2, "like")]
    assert read_tables([f"interactions={path}"], options=ReadOptions(map=MAP)).interactions.rows() == [(1, 2, "like")]


def test_what_is_said_wins_over_what_is_recognised():
    frame = {"source": [1], "target": [2], "user": [3], "type": ["like"], "weight": [9]}
    assert interactions(frame).rows() == [(1, 2, "like", 9.0)]
    said = {"interactions.source": "user", "interactions.weight": ""}
    assert interactions(frame, map=said).rows() == [(3, 2, "like")]
    # A column that is taken is no candidate for another field.
    swapped = {"interactions.source": "target", "interactions.target": "source"}
    assert interactions(frame, map=swapped).select("source", "target").rows() == [(2, 1)]


def test_two_columns_of_one_name_are_told_apart_by_the_map():
    frame = {"source": [1], "target": [2], "Target": [3], "type": ["like"]}
    with pytest.raises(DataError, match="both read as 'target'"):
        interactions(frame)
    assert interactions(frame, map={"interactions.target": "Target"})["target"].to_list() == [3]


def test_a_map_reads_names_as_recognition_does(write):
    path = write("x.csv", "Who ID,whom,what\n1,2,like\n")
    assert read_tables([path], map={**MAP, "interactions.source": "who_id"}).interactions.rows() == [(1, 2, "like")]


def test_a_map_that_meets_no_column(write):
    path = write("x.csv", "source,whom,type\n1,2,like\n")
    with pytest.raises(DataError) as error:
        read_tables([f"interactions={path}"], map={"interactions.target": "whon"})
    assert (
        "interactions need a column 'target' (map: 'whon'); there are source, whom, type. Did you mean 'whom'?"
        in str(error.value)
    )
    good = write("y.csv", "source,target,type\n1,2,like\n")
    with pytest.raises(UsageError, match=r"interactions.weight = 'wieght', but interactions have no such column, only"):
        read_tables([good], map={"interactions.weight": "wieght"})
    two = write("z.csv", "source,target,type,w\n1,2,like,3\n")
    read = read_tables([good, two], map={"interactions.weight": "w"}).interactions
    assert read["weight"].to_list() == [None, 3.0]


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"interaction.source": "x"}, "'interaction' in 'interaction.source' is no role; did you mean 'interactions'?"),
        ({"interactions.sorce": "x"}, "interactions have no 'sorce'; did you mean 'source'?"),
        ({"source": "x"}, "'source' must be written ROLE.FIELD, as in interactions.source"),
        ({"interactions.source": ""}, "interactions need 'source'; name its column"),
        ({"follows.source": "x", "follows.target": "x"}, "follows.source and follows.target are both 'x'"),
        ({"follows.source": 1}, "map must be a table of name = name"),
    ],
)
def test_maps_that_mean_nothing(table, words):
    with pytest.raises(UsageError) as error:
        ReadOptions(map=table)
    assert words in str(error.value)


def test_a_map_of_another_table_is_told(write):
    path = write("f.csv", "source,target\n1,2\n")
    assert "the map of interactions was not needed: no source is of that role" in read_tables([path], map=MAP).notes


def test_mapped_types():
    frame = {"source": [1, 1, 1], "target": [2, 2, 2], "type": ["boost", "Toot-Reply", "comment"]}
    said = {"boost": "share", "toot reply": "reply", "comment": "answer", "never": "like"}
    tables = tables_from_frames(interactions=pl.DataFrame(frame), map_type=said)
    assert tables.interactions["type"].to_list() == ["share", "reply", "answer"]
    assert "map_type: 'never' occur nowhere" in tables.notes
    with pytest.raises(DataError, match="map it with --map-type THEIRS=OURS"):
        interactions(frame)


def test_types_are_mapped_to_known_types():
    with pytest.raises(UsageError, match="'boost' is mapped to 'shar', which is no known type; did you mean 'share'"):
        tables_from_frames(map_type={"boost": "shar"})
    settings = Settings.from_mapping({"reaction_weights": {"boost": 0.3}})
    frame = {"source": [1], "target": [2], "type": ["reblog"]}
    assert interactions(frame, map_type={"reblog": "boost"}, settings=settings)["type"].to_list() == ["boost"]


def test_ids_whatever_their_case():
    follows = pl.DataFrame({"source": ["Ann@X.com", "STRASSE", "5"], "target": [" ann@x.com", "straße", "Éa"]})
    customers = pl.DataFrame({"id": ["ANN@x.com", "b"], "segment": ["Gold", "B"]})
    actions = pl.DataFrame({"customer": ["A"], "item": ["SKU-a"]})
    tables = tables_from_frames(follows=follows, customers=customers, actions=actions, fold_case=True)
    assert tables.follows.rows() == [("ann@x.com", "ann@x.com"), ("strasse", "strasse"), ("5", "éa")]
    assert tables.customers.rows() == [("ann@x.com", "Gold"), ("b", "B")]
    # Things keep their case: a video and a product may differ by nothing else.
    assert tables.actions.rows() == [("a", "SKU-a")]
    assert "follows frame: ids in 'source' are compared in lower case; rows changed: 2" in tables.notes
    with pytest.raises(DataError, match="customer ann is listed twice"):
        tables_from_frames(customers=pl.DataFrame({"id": ["ann", "Ann"], "clv": [1, 2]}), fold_case=True)
    apart = tables_from_frames(customers=pl.DataFrame({"id": ["ann", "Ann"], "clv": [1, 2]}))
    assert apart.customers["id"].to_list() == ["ann", "Ann"]


def test_spellings_of_ids_that_stay_apart_are_told():
    frame = pl.DataFrame({"id": ["007", "e\u0301va", "éva", " x "], "clv": [1, 2, 3, 4]})
    tables = tables_from_frames(customers=frame)
    assert tables.customers["id"].to_list() == ["007", "e\u0301va", "éva", "x"]
    assert any("ids in 'id' have leading zeros ('007') and stay text" in note for note in tables.notes)
    assert any("not in Unicode normal form C" in note and "such ids: 1" in note for note in tables.notes)
    assert len(tables_from_frames(customers=pl.DataFrame({"id": ["a0", "é"], "clv": [1, 2]})).notes) == 1


# How options are given


def test_options_from_toml(tmp_path):
    path = tmp_path / "influence.toml"
    path.write_text(
        'seed = 3\ndecimal = ","\nfold_case = true\non_bad_rows = "skip"\n'
        '[map]\ninteractions.source = "who"\n"follows.target" = "whom"\n'
        '[map_type]\nboost = "share"\n[reaction_weights]\nlike = 0\n'
    )
    options = read_options(path, base=ReadOptions(map={"follows.source": "x", "follows.target": "y"}))
    assert dict(options.map) == {"follows.source": "x", "follows.target": "whom", "interactions.source": "who"}
    assert (dict(options.map_type), options.decimal, options.fold_case) == ({"boost": "share"}, ",", True)
    path.write_text('[map]\ninteractions.sorce = "who"\n')
    with pytest.raises(UsageError, match=r"influence.toml: map: interactions have no 'sorce'"):
        read_options(path)
    project = tmp_path / "pyproject.toml"
    project.write_text('[tool.influence]\nencoding = "cp1252"\n')
    assert read_options(project).encoding == "cp1252"


def test_scoring_settings_and_reading_options_share_a_file(tmp_path):
    path = tmp_path / "influence.toml"
    path.write_text('seed = 3\ndecimal = ","\n[map]\nfollows.source = "who"\n')
    assert read_settings(path) == Settings(seed=3)
    assert read_options(path) == ReadOptions(decimal=",", map={"follows.source": "who"})
    assert [field.name for field in dataclasses.fields(ReadOptions)] == list(READING)
    assert not set(READING) & {field.name for field in dataclasses.fields(Settings)}


def test_options_are_frozen_and_plain():
    options = ReadOptions(map=MAP, time_unit="s")
    with pytest.raises(dataclasses.FrozenInstanceError):
        options.decimal = ","
    with pytest.raises(TypeError):
        options.map["follows.source"] = "x"
    assert options.as_dict() == {
        "time_unit": "s", "encoding": "utf-8", "decimal": None, "map": MAP, "map_type": {}, "fold_case": False,
        "on_bad_rows": "fail", "neo4j": {},
    }  # fmt: skip
    assert ReadOptions.from_mapping(options.as_dict()) == options
    tables = tables_from_frames(follows=pl.DataFrame({"source": [1], "target": [2]}), decimal=",")
    assert tables.options == ReadOptions(decimal=",")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"maps": {}}, "unknown reading option 'maps'; did you mean 'map'?"),
        ({"time_unit": "days"}, "the time unit must be one of s, ms, us, day, month, relative, not 'days'"),
        ({"time_unit": 5}, "time_unit must be text"),
        ({"decimal": ";"}, "decimal must be '.' or ',', not ';'"),
        ({"fold_case": "yes"}, "fold_case must be true or false"),
        ({"on_bad_rows": "ignore"}, "on_bad_rows must be fail, skip or quarantine=FILE, not 'ignore'"),
        ({"on_bad_rows": "quarantine="}, "on_bad_rows must be fail, skip or quarantine=FILE"),
        ({"on_bad_rows": "quarantine=/no/such/folder/q.csv"}, "name a file in a folder that exists"),
        ({"on_bad_rows": None}, "on_bad_rows must be"),
        ({"encoding": None}, "encoding must be one of"),
        ({"map": 5}, "map must be a table"),
        ({"map_type": [1]}, "map_type must be a table"),
    ],
)
def test_options_that_cannot_be_used(changes, words):
    with pytest.raises(UsageError) as error:
        tables_from_frames(**changes)
    assert words in str(error.value)


def test_the_time_unit_is_an_option_too():
    frame = pl.DataFrame({"customer": [1], "item": [1], "timestamp": [86_400]})
    for given in ({"time_unit": "s"}, {"options": ReadOptions(time_unit="s")}):
        assert tables_from_frames(actions=frame, **given).actions["timestamp"].dt.epoch("s").to_list() == [86_400]
    with pytest.raises(UsageError, match="given twice: 's' and 'ms'"):
        tables_from_frames(actions=frame, options=ReadOptions(time_unit="s"), time_unit="ms")


def test_pairs_of_the_command_line():
    assert pairs(["a.b=c", " d = e=f "], "--map") == {"a.b": "c", "d": "e=f"}
    with pytest.raises(UsageError, match=r"--map-type x: write NAME=NAME, as in --map-type retweet=share"):
        pairs(["x"], "--map-type")
    with pytest.raises(UsageError, match="'a' is given twice"):
        pairs(["a=b", "a=c"], "--map")
