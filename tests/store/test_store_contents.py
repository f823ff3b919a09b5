"""A store gives back what was put in, however it was cut up, each file and each event once."""

import dataclasses

import numpy as np
import polars as pl
import pytest
from store_tables import pieces, random_frames, ranked, same_contents, ties_in, ties_of

from influence import Settings, UsageError, demo_tables, read_tables
from influence.api import load, rank
from influence.errors import DataError
from influence.io import SourceFile, tables_from_frames
from influence.io.sources import sha256
from influence.store import DirectoryStore, read_sources
from influence.ties import History


@pytest.fixture
def store(tmp_path):
    return DirectoryStore(tmp_path / "store")


def follows(*pairs):
    return tables_from_frames(follows=pl.DataFrame(pairs, schema=["source", "target"], orient="row"))


def interactions(*rows):
    names = ["id", "source", "target", "type", "timestamp"]
    dated = [(*row, f"2020-01-{day + 1:02d}") for day, row in enumerate(rows)]
    return tables_from_frames(interactions=pl.DataFrame(dated, schema=names, orient="row"))


def test_demo_is_ranked_alike_to_the_byte(store):
    tables = demo_tables()
    store.append(tables)
    assert ranked(store.tables()) == ranked(tables)


@pytest.mark.parametrize("seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 8))])
def test_any_split_in_any_order_gives_the_same_ranking_and_graph(store, seed):
    rng = np.random.default_rng(seed)
    frames = random_frames(seed, text=seed % 2 == 1)
    if seed == 2:
        del frames["customers"]
    whole = tables_from_frames(**frames)
    for piece in pieces(frames, rng, parts=int(rng.integers(1, 6))):
        store.append(piece)
    got = store.tables()
    assert same_contents(got, whole)
    assert ranked(got) == ranked(whole)
    assert ties_in(store.graph()) == ties_of(whole)
    assert store.graph().ids.ids().equals(History.from_tables(whole, Settings()).ids.ids())
    assert store.verify().rows == {role: frame.height for role in frames if (frame := getattr(whole, role)) is not None}


@pytest.mark.slow
@pytest.mark.data
def test_higgs_mini_is_ranked_alike_to_the_byte(store, data_folder):
    sources = [f"{data_folder}/higgs-mini/follows.csv.gz", f"{data_folder}/higgs-mini/interactions.csv.gz"]
    load(*sources, into=store.path)
    whole = read_tables(sources)
    assert same_contents(store.tables(), whole)
    assert ties_in(store.graph()) == ties_of(whole)

    pieced = DirectoryStore(store.path.with_name("pieced"))
    frames = {"follows": whole.follows, "interactions": whole.interactions}
    for piece in pieces(frames, np.random.default_rng(0), parts=4):
        pieced.append(piece)
    assert ranked(pieced.tables()) == ranked(whole)
    assert ties_in(pieced.graph()) == ties_of(whole)


def test_ids_that_are_numbers_first_and_text_later_stay_the_same_people(store):
    store.append(follows((10, 9), (9, 2)))
    assert store.graph().ids.numeric
    store.append(follows(("10", "x"), ("2", "10"), ("007", "9")))
    assert store.tables().follows["source"].to_list() == ["10", "9", "10", "2", "007"]
    names, counts = ties_in(store.graph())
    assert names == ["007", "10", "2", "9", "x"]
    assert counts == {("10", "9"): 1, ("9", "2"): 1, ("10", "x"): 1, ("2", "10"): 1, ("007", "9"): 1}
    store.append(follows((3, 10)))
    assert ties_in(store.graph()) == ties_of(store.tables())
    store.verify()


def test_new_ids_between_old_ones_shift_the_old_edges(store):
    store.append(follows((5, 50), (50, 500)))
    store.append(follows((1, 50), (49, 51), (5, 50)))
    names, counts = ties_in(store.graph())
    assert names == ["1", "5", "49", "50", "51", "500"]
    assert counts == {("5", "50"): 2, ("50", "500"): 1, ("1", "50"): 1, ("49", "51"): 1}


def test_who_was_referred_listens_to_the_referrer(store):
    store.append(interactions(("a", "ann", "bob", "referral"), ("b", "bob", "ann", "like")))
    assert ties_in(store.graph())[1] == {("bob", "ann"): 2}


def test_the_graph_is_mapped_and_cannot_be_written(store):
    store.append(follows((1, 2), (3, 2)))
    graph = store.graph()
    base = graph.out_targets
    while isinstance(base, np.ndarray) and not isinstance(base, np.memmap):
        base = base.base
    assert isinstance(base, np.memmap)
    assert type(graph.out_targets) is np.ndarray
    for array in (graph.out_offsets, graph.out_targets, graph.weight, graph.in_edges):
        assert not array.flags.writeable
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 7
    dtypes = {graph.out_offsets.dtype, graph.out_targets.dtype, graph.weight.dtype}
    assert dtypes == {np.dtype("int64"), np.dtype("int32"), np.dtype("float64")}
    assert ties_in(store.graph(mmap=False)) == ties_in(graph)
    assert ties_in(store.graph(verify=False)) == ties_in(graph)


def test_people_without_ties_make_a_graph_without_edges(store):
    store.append(tables_from_frames(customers=pl.DataFrame({"id": [3, 1]})))
    graph = store.graph()
    assert (graph.n_nodes, graph.n_edges, graph.ids.ids().to_list()) == (2, 0, ["1", "3"])
    done = store.append(tables_from_frames(customers=pl.DataFrame({"id": [1], "clv": [2.0]})))
    assert (done.new_people, done.new_ties, done.replaced_customers) == (0, 0, 1)
    assert len([p for p in (store.path / "data").iterdir() if "-000002-" in p.name and "graph" in p.name]) == 0


def test_empty_tables_are_not_missing_tables(store):
    empty = pl.DataFrame(schema={"source": pl.Int64, "target": pl.Int64})
    store.append(tables_from_frames(follows=empty))
    assert store.tables().follows.height == 0
    assert store.tables().interactions is None
    assert store.graph().n_nodes == 0


class TestOnce:
    def write(self, tmp_path, name, text):
        (tmp_path / name).write_text(text)
        return str(tmp_path / name)

    def test_a_file_is_loaded_once_by_its_content(self, store, tmp_path):
        first = self.write(tmp_path, "a.csv", "follower,followee\n1,2\n3,2\n")
        copy = self.write(tmp_path, "copy.csv", "follower,followee\n1,2\n3,2\n")
        other = self.write(tmp_path, "b.csv", "follower,followee\n1,2\n4,2\n")
        assert load(first, into=store.path).added == {"follows": 2}
        again = load(f"follows={copy}", into=store.path)
        assert (again.added, [file.path for file in again.skipped_files]) == ({}, [copy])
        assert again.generation == 1
        mixed = load(other, copy, into=store.path)
        assert mixed.added == {"follows": 2}
        assert [file.path for file in mixed.skipped_files] == [copy]
        assert store.tables().follows.rows() == [(1, 2), (3, 2), (1, 2), (4, 2)]
        assert store.info.rows == {"follows": 4}

    def test_the_same_content_twice_in_one_load(self, store, tmp_path):
        names = [self.write(tmp_path, name, "follower,followee\n1,2\n3,2\n") for name in ("a.csv", "b.csv")]
        done = load(*names, into=store.path)
        assert (done.added, len(done.loaded), len(done.skipped_files)) == ({"follows": 2}, 1, 1)

    def test_a_pattern_loads_what_is_new(self, store, tmp_path):
        self.write(tmp_path, "f-1.csv", "follower,followee\n1,2\n")
        load(f"{tmp_path}/f-*.csv", into=store.path)
        self.write(tmp_path, "f-0.csv", "follower,followee\n8,9\n")
        done = load(f"{tmp_path}/f-*.csv", into=store.path)
        assert (done.added, len(done.skipped_files)) == ({"follows": 1}, 1)
        assert store.tables().follows.rows() == [(1, 2), (8, 9)]

    def test_a_known_file_is_not_read(self, store, tmp_path, monkeypatch):
        name = self.write(tmp_path, "a.csv", "follower,followee\n1,2\n")
        load(f"follows={name}", into=store.path)
        monkeypatch.setattr("influence.store.sources.read_tables", lambda *_, **__: pytest.fail("was read"))
        assert len(load(f"follows={name}", into=store.path).skipped_files) == 1

    def test_one_content_under_two_roles_is_two_files(self, store, tmp_path):
        name = self.write(tmp_path, "a.csv", "customer,item,timestamp\n1,2,2020-01-01\n")
        load(f"actions={name}", into=store.path)
        assert load(f"transactions={name}", into=store.path).added == {"transactions": 1}

    def test_rows_of_known_files_that_cannot_be_told_apart(self, store):
        tables = follows((1, 2), (3, 2))
        files = (SourceFile("a", "follows", 1, "aa"), SourceFile("b", "follows", 1, "bb"))
        store.append(dataclasses.replace(tables, files=files))
        changed = (files[0], SourceFile("c", "follows", 5, "cc"))
        with pytest.raises(UsageError, match=r"^a: in the store already; load the other follows without it"):
            store.append(dataclasses.replace(tables, files=changed))

    def test_a_frame_is_loaded_once(self, store):
        assert store.append(follows((1, 2))).added == {"follows": 1}
        assert store.append(follows((1, 2))).added == {}
        assert store.append(follows((1, 2), (1, 2))).added == {"follows": 2}

    def test_an_event_is_loaded_once_by_its_id(self, store):
        done = store.append(
            interactions(("7", "ann", "bob", "like"), ("8", "bob", "ann", "like"), ("7", "zoe", "bob", "like"))
        )
        assert (done.added, done.skipped_events) == ({"interactions": 2}, 1)
        assert "zoe" not in store.graph().ids.ids().to_list()
        done = store.append(
            interactions(
                ("x", "cy", "bob", "like"),
                ("8", "cy", "ann", "like"),
                (None, "dee", "ann", "like"),
                (None, "dee", "ann", "like"),
            )
        )
        assert (done.added, done.skipped_events) == ({"interactions": 3}, 1)
        assert store.tables().interactions["id"].to_list() == ["7", "8", "x", None, None]
        assert ties_in(store.graph()) == ties_of(store.tables())
        assert store.append(interactions(("x", "cy", "bob", "mention"))).skipped_events == 1
        store.verify()

    def test_the_last_row_of_a_customer_counts(self, store):
        def customers(**columns):
            return tables_from_frames(customers=pl.DataFrame(columns))

        store.append(follows((1, 2)))
        store.append(customers(id=[1, 2], clv=[10.0, 20.0], segment=["a", "b"]))
        done = store.append(customers(id=[2, 3], clv=[5.0, 6.0]))
        assert (done.replaced_customers, done.totals.rows["customers"]) == (1, 3)
        done = store.append(customers(id=["2", "x"], clv=[7.0, 8.0]))
        assert (done.replaced_customers, done.totals.rows["customers"]) == (1, 4)
        assert store.tables().customers.sort("id").rows() == [
            ("1", 10.0, "a"),
            ("2", 7.0, None),
            ("3", 6.0, None),
            ("x", 8.0, None),
        ]
        assert store.verify().rows == {"follows": 1, "customers": 4}

    def test_sources_whose_bytes_nobody_hashed_are_known_by_their_rows(self, store):
        def read(names, *pairs):
            rows = len(pairs) // len(names)
            files = tuple(SourceFile(name, "follows", rows, "") for name in names)
            return dataclasses.replace(follows(*pairs), files=files)

        assert store.append(read(["s3://a"], (1, 2))).added == {"follows": 1}
        done = store.append(read(["s3://b", "s3://c"], (1, 2), (5, 6)))
        assert (done.added, [file.path for file in done.skipped_files]) == ({"follows": 1}, ["s3://b"])
        assert store.tables().follows.rows() == [(1, 2), (5, 6)]


class TestTerms:
    """What cannot be put together in one run cannot be put together over several loads."""

    def acts(self, *times, **options):
        frame = pl.DataFrame({"customer": [1] * len(times), "item": [2] * len(times), "timestamp": times})
        return tables_from_frames(actions=frame, **options)

    def test_times_of_a_study_and_dates(self, store):
        store.append(self.acts(0, 3, time_unit="day"))
        assert store.append(self.acts(700, time_unit="day")).added == {"actions": 1}
        with pytest.raises(DataError, match=r"holds times from the start of a study, and .* holds dates"):
            store.append(self.acts("2020-01-01"))
        store.append(follows((1, 2)))
        assert store.info.generation == 3

    def test_a_time_unit_that_was_not_needed(self, store):
        store.append(self.acts("2020-01-01", time_unit="day"))
        store.append(self.acts("2020-01-02"))
        assert store.tables().actions.height == 2

    def test_currencies(self, store):
        def sold(currency, amount):
            row = {"customer": ["a"], "timestamp": ["2020-01-01"], "amount": [amount], "currency": [currency]}
            return tables_from_frames(transactions=pl.DataFrame(row))

        store.append(sold("EUR", 1.0))
        store.append(sold("EUR", 2.0))
        with pytest.raises(DataError, match=r"money in EUR, .* money in USD \(currency of transactions\)"):
            store.append(sold("USD", 3.0))
        assert store.tables().transactions["amount"].to_list() == [1.0, 2.0]


class TestPeople:
    """Identities and suppression work on all that was loaded, whenever it was."""

    def test_identities_that_come_later_merge_what_was_there(self, store):
        frames = {
            "follows": pl.DataFrame({"source": ["@bob", "cy", "bob2"], "target": ["ann", "bob", "cy"]}),
            "customers": pl.DataFrame({"id": ["ann", "bob", "cy"], "clv": [1.0, 20.0, 300.0]}),
            "identities": pl.DataFrame(
                {"customer": ["bob", "bob2"], "channel": ["x", "x"], "handle": ["@bob", "@bob"]}
            ),
            "suppress": pl.DataFrame({"id": ["dee"]}),
        }
        for role, frame in frames.items():
            store.append(tables_from_frames(**{role: frame}))
        store.append(tables_from_frames(follows=pl.DataFrame({"source": ["@bob", "dee"], "target": ["cy", "@bob"]})))
        frames["follows"] = pl.DataFrame(
            {"source": ["@bob", "cy", "bob2", "@bob", "dee"], "target": ["ann", "bob", "cy", "cy", "@bob"]}
        )
        whole = tables_from_frames(**frames)
        assert rank(store.path).frame.equals(rank(whole).frame)
        names, counts = ties_in(store.graph())
        assert names == ["ann", "bob", "cy"]
        assert counts == {("bob", "ann"): 1, ("cy", "bob"): 1, ("bob", "cy"): 2}
        store.verify()

    def test_who_denied_consent_is_in_no_graph_and_no_ranking(self, store):
        store.append(follows(("bob", "ann"), ("cy", "ann"), ("ann", "cy")))
        assert store.graph().n_nodes == 3
        listed = pl.DataFrame({"id": ["ann", "bob", "cy"], "consent": [True, True, False]})
        store.append(tables_from_frames(customers=listed))
        assert ties_in(store.graph()) == (["ann", "bob"], {("bob", "ann"): 1})
        assert sorted(rank(store.path).frame["id"]) == ["ann", "bob"]
        # a file without that column is no change of mind, and an empty cell neither
        store.append(tables_from_frames(customers=pl.DataFrame({"id": ["cy", "bob"], "clv": [1.0, 2.0]})))
        assert sorted(rank(store.path).frame["id"]) == ["ann", "bob"]
        assert store.graph().n_nodes == 2
        store.append(tables_from_frames(customers=pl.DataFrame({"id": ["cy"], "consent": [True]})))
        assert sorted(rank(store.path).frame["id"]) == ["ann", "bob", "cy"]
        assert store.graph().n_nodes == 3


def test_tables_that_do_not_go_together_are_refused_before_anything_is_written(store):
    store.append(interactions(("1", "ann", "bob", "like")))
    before = sorted(path.name for path in (store.path / "data").iterdir())
    bare = tables_from_frames(interactions=pl.DataFrame({"source": ["a"], "target": ["b"], "type": ["like"]}))
    with pytest.raises(DataError, match="no time column"):
        store.append(bare)
    assert sorted(path.name for path in (store.path / "data").iterdir()) == before
    assert store.info.generation == 1


def test_columns_of_any_kind_come_back_as_they_were(store):
    labels = pl.DataFrame(
        {
            "id": [1, 2],
            "category": pl.Series(["a", None], dtype=pl.Categorical),
            "kind": pl.Series(["u", "v"], dtype=pl.Enum(["u", "v"])),
            "nothing": pl.Series([None, None]),
            "money": pl.Series(["1.10", "2.20"]).cast(pl.Decimal(10, 2)),
            "day": pl.Series(["2020-01-01", None]).str.to_date(),
            "lasting": pl.Series([1, 2], dtype=pl.Duration("us")),
            "several": [[1, 2], []],
            "record": [{"a": 1}, {"a": 2}],
            "raw": [b"\x00\xff", None],
            "na[me].*": ["é", "\n"],
        }
    )
    tables = tables_from_frames(customers=labels)
    store.append(tables)
    assert store.tables().customers.equals(tables.customers)
    assert store.tables().customers.schema == tables.customers.schema


def test_the_manifest_of_a_store_names_the_files_that_were_read(store):
    store.append(follows((1, 2)))
    store.append(follows((3, 2)))
    files = store.tables().files
    assert [(file.role, file.rows) for file in files] == [("follows", 1), ("follows", 1)]
    assert [sha256(file.path) for file in files] == [file.sha256 for file in files]


class TestAsSource:
    @pytest.mark.slow
    def test_rank_reads_a_store(self, store):
        tables = demo_tables()
        store.append(tables)
        assert rank(store.path).frame.equals(rank(tables).frame)
        assert rank(str(store.path)).notes[0].startswith(f"{store.path}: a store of ")

    def test_a_store_beside_a_file_is_refused(self, store, tmp_path):
        store.append(follows((1, 2)))
        with pytest.raises(UsageError, match="given beside it"):
            read_sources([str(store.path), "follows=x.csv"])
        with pytest.raises(UsageError, match="given beside it"):
            read_sources([str(store.path), str(tmp_path)])

    def test_a_store_is_not_loaded_into_itself_but_into_another(self, store, tmp_path):
        store.append(follows((1, 2)))
        with pytest.raises(UsageError, match="into itself"):
            load(store.path, into=store.path)
        assert load(store.path, into=tmp_path / "other").added == {"follows": 1}
        assert load(store.path, into=tmp_path / "other").added == {}

    def test_nothing_to_load(self, store):
        from store_tables import EMPTY

        with pytest.raises(UsageError, match="no table to load"):
            store.append(EMPTY)
        assert not store.path.exists()
