"""What is damaged, foreign or full is said, with the next step; and nothing is left half-written."""

import errno
import json
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from store_tables import pieces, random_frames, same_contents

from influence.errors import DataError, InfluenceError
from influence.io import tables_from_frames
from influence.store import DirectoryStore, disk, pointer


@pytest.fixture(scope="module")
def tables():
    return pieces(random_frames(1, events=60), np.random.default_rng(1), parts=2)


@pytest.fixture(scope="module")
def template(tmp_path_factory, tables):
    store = DirectoryStore(tmp_path_factory.mktemp("template") / "store")
    for piece in tables:
        store.append(piece)
    return store.path


@pytest.fixture
def store(template, tmp_path):
    shutil.copytree(template, tmp_path / "store")
    return DirectoryStore(tmp_path / "store")


def snapshot(folder):
    """Return every file of a folder with its bytes, but for the lock, which is nobody's data."""
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file() and p.name != "lock"}


def referenced(store):
    return [store.path / "data" / entry.name for entry in pointer.read_state(store.path).files]


@pytest.mark.slow
def test_a_changed_byte_in_any_file_is_found(store):
    rng = np.random.default_rng(0)
    files = referenced(store)
    assert len(files) > 10
    for path in files:
        good = path.read_bytes()
        for place in {0, len(good) // 2, len(good) - 1, *rng.integers(0, len(good), 5).tolist()}:
            bad = bytearray(good)
            bad[place] ^= 1 << int(rng.integers(8))
            path.write_bytes(bad)
            with pytest.raises(DataError, match=f"{path.name}: damaged: .*Put the store back from a copy"):
                store.verify()
            with pytest.raises(DataError, match="damaged"):  # whoever reads the file finds it too
                if ".keys-" in path.name:
                    store.append(pieces(random_frames(5), rng, parts=1)[0])
                elif path.name.startswith("graph."):
                    store.graph()
                else:
                    store.tables()
        for wrong in (good[:-1], good + b"\0", b""):
            path.write_bytes(wrong)
            with pytest.raises(DataError, match="damaged"):
                store.verify()
        path.write_bytes(good)
    store.verify()


def test_a_changed_byte_in_the_pointer_is_found(store):
    path = store.path / "store.json"
    good = path.read_bytes()
    for place in range(0, len(good), 11):
        bad = bytearray(good)
        bad[place] ^= 1 << (place % 8)
        path.write_bytes(bad)
        with pytest.raises(DataError):
            _ = store.info
    for wrong in (good[:-1], good + b"\n", b"", b"{}", b"[]", b"null", b"\xff\xfe"):
        path.write_bytes(wrong)
        with pytest.raises(DataError, match="damaged"):
            _ = store.info
        with pytest.raises(DataError, match="damaged"):
            store.append(tables_from_frames(**random_frames(3)))
    path.write_bytes(good)
    store.verify()


def test_all_damaged_files_are_named(store):
    for path in referenced(store)[:3]:
        path.write_bytes(b"x" * path.stat().st_size)
    with pytest.raises(DataError) as told:
        store.verify()
    assert str(told.value).count("damaged: ") == 3


def test_a_graph_that_does_not_fit_the_tables_is_found(store, monkeypatch):
    from influence.graph import people

    rebuilt = people.tie_graph
    monkeypatch.setattr(people, "tie_graph", lambda frames: rebuilt({**frames, "follows": frames["follows"][1:]}))
    with pytest.raises(DataError, match="do not fit its tables"):
        store.verify()


@pytest.mark.parametrize("version", [2, 99, "1"])
def test_a_newer_version_is_refused(store, version):
    path = store.path / "store.json"
    body = json.loads(path.read_text())["store"]
    path.write_bytes(pointer._render({**body, "version": version, "extra": [1]}))
    before = snapshot(store.path)
    for use in (store.tables, store.graph, store.verify, lambda: store.append(tables_from_frames(**random_frames(3)))):
        with pytest.raises(DataError, match=rf"format version {version}, .* up to 1\. Update the package"):
            use()
    assert snapshot(store.path) == before


def test_a_table_of_a_newer_program_is_refused(store):
    path = store.path / "store.json"
    body = json.loads(path.read_text())["store"]
    body["files"].append({**body["files"][0], "what": "households"})
    path.write_bytes(pointer._render(body))
    with pytest.raises(DataError, match="'households' that this version does not know"):
        store.tables()


class TestNoStore:
    def test_nothing_there(self, tmp_path):
        with pytest.raises(DataError, match=r"no such folder; make a store there with: influence load"):
            DirectoryStore(tmp_path / "none").tables()

    def test_an_empty_folder(self, tmp_path):
        with pytest.raises(DataError, match="an empty folder, not a store"):
            DirectoryStore(tmp_path).graph()
        assert DirectoryStore(tmp_path).append(tables_from_frames(**random_frames(3))).generation == 1

    def test_a_folder_of_something_else(self, tmp_path):
        (tmp_path / "notes.txt").write_text("mine")
        with pytest.raises(DataError, match=r"a folder without store\.json, so not a store"):
            DirectoryStore(tmp_path).verify()
        with pytest.raises(DataError, match=r"not a store, and not empty \(notes\.txt\)"):
            DirectoryStore(tmp_path).append(tables_from_frames(**random_frames(3)))
        assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]

    def test_a_file(self, tmp_path):
        (tmp_path / "file").write_text("mine")
        with pytest.raises(DataError, match="a file, not"):
            DirectoryStore(tmp_path / "file").append(tables_from_frames(**random_frames(3)))
        with pytest.raises(InfluenceError, match="a part of the path is a file"):
            DirectoryStore(tmp_path / "file" / "below").append(tables_from_frames(**random_frames(3)))

    def test_another_json(self, tmp_path):
        (tmp_path / "store.json").write_bytes(pointer._render({"format": "other"}))
        with pytest.raises(DataError, match="not the pointer of a store"):
            DirectoryStore(tmp_path).tables()

    def test_a_store_whose_pointer_was_deleted_keeps_its_data(self, store):
        (store.path / "store.json").unlink()
        before = snapshot(store.path)
        for use in (store.tables, lambda: store.append(tables_from_frames(**random_frames(3)))):
            with pytest.raises(DataError, match=r"store\.json was deleted.* Put it back"):
                use()
        assert snapshot(store.path) == before

    @pytest.mark.parametrize("what", ["follows", "graph.weight", "graph.ids", "interactions"])
    def test_a_store_without_one_of_its_files(self, store, what):
        gone = next(path for path in referenced(store) if path.name.startswith(f"{what}-"))
        gone.unlink()
        read = store.graph if what.startswith("graph") else store.tables
        for use in (read, store.verify):
            with pytest.raises(DataError, match=f"{gone.name}: missing.* Put the store back"):
                use()

    def test_a_store_without_its_data(self, store):
        shutil.rmtree(store.path / "data")
        with pytest.raises(DataError, match="missing"):
            store.tables()
        with pytest.raises((DataError, InfluenceError), match="missing"):
            store.append(tables_from_frames(**random_frames(3)))


class TestFull:
    """The disk is full at every moment at which it may be."""

    @pytest.fixture
    def piece(self):
        return tables_from_frames(**random_frames(3, events=60))

    def count(self, monkeypatch, name, fail_at=None, number=errno.ENOSPC):
        calls = []
        real = {"write": disk._Hashed.write, "fsync": os.fsync, "replace": Path.replace}[name]

        def counted(*args):
            calls.append(1)
            if len(calls) == fail_at:
                raise OSError(number, os.strerror(number))
            return real(*args)

        if name == "write":
            # below our own wrapper, where the system would say it
            opened = disk._Hashed.__init__

            def init(self, file):
                opened(self, file)
                inner = file.write

                class Full:
                    def write(self, data):
                        calls.append(1)
                        if len(calls) == fail_at:
                            raise OSError(number, os.strerror(number))
                        return inner(data)

                self._file = Full()

            monkeypatch.setattr(disk._Hashed, "__init__", init)
        elif name == "fsync":
            monkeypatch.setattr(os, "fsync", counted)
        else:
            monkeypatch.setattr(Path, "replace", counted)
        return calls

    @pytest.mark.parametrize("name", ["write", "fsync", "replace"])
    def test_the_store_is_as_it_was(self, store, piece, name, monkeypatch, tmp_path):
        copy = DirectoryStore(shutil.copytree(store.path, tmp_path / "copy"))
        with monkeypatch.context() as patch:
            calls = self.count(patch, name)
            copy.append(piece)
            total = len(calls)
        assert total >= 1
        before = snapshot(store.path)
        last = total - 1 if name == "fsync" else total  # the last fsync comes after the commit
        for place in sorted({1, 2, last // 2, last - 1, last} & set(range(1, last + 1))):
            with monkeypatch.context() as patch:
                self.count(patch, name, fail_at=place)
                with pytest.raises(InfluenceError, match="the disk is full; free some space and load again") as told:
                    store.append(piece)
                assert told.value.exit_status == 1
            assert snapshot(store.path) == before, place
        store.verify()
        assert store.append(piece).added == {
            role: getattr(piece, role).height
            for role in ("follows", "interactions", "actions", "transactions", "customers")
        }
        assert same_contents(store.tables(), copy.tables())

    def test_after_the_commit_the_new_state_stays_whole(self, store, piece, monkeypatch):
        with monkeypatch.context() as patch:
            copy = DirectoryStore(shutil.copytree(store.path, store.path.with_name("copy")))
            calls = self.count(patch, "fsync")
            copy.append(piece)
            total = len(calls)
        with monkeypatch.context() as patch:
            self.count(patch, "fsync", fail_at=total)
            with pytest.raises(InfluenceError, match="Nothing is half-written"):
                store.append(piece)
        assert store.verify().generation == copy.info.generation

    def test_the_first_load(self, piece, monkeypatch, tmp_path):
        store = DirectoryStore(tmp_path / "new")
        with monkeypatch.context() as patch:
            self.count(patch, "write", fail_at=3)
            with pytest.raises(InfluenceError, match="the disk is full"):
                store.append(piece)
        assert list((store.path / "data").iterdir()) == []
        with pytest.raises(DataError, match="nothing was loaded into yet"):
            store.tables()
        assert store.append(piece).generation == 1

    def test_ctrl_c(self, store, piece, monkeypatch):
        before = snapshot(store.path)

        def interrupted(*_):
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr("influence.store.ties.write_graph", interrupted)
            with pytest.raises(KeyboardInterrupt):
                store.append(piece)
        assert snapshot(store.path) == before

    @pytest.mark.skipif(sys.platform == "win32", reason="limits of a process are POSIX")
    @pytest.mark.parametrize(
        "limit", [pytest.param(1_000, marks=pytest.mark.slow), 4_000, pytest.param(7_000, marks=pytest.mark.slow)]
    )
    def test_a_real_limit_of_the_system(self, store, limit):
        before = snapshot(store.path)
        code = (
            "import resource, sys, numpy\n"
            "from store_tables import random_frames\n"
            "from influence.io import tables_from_frames\n"
            "from influence.store import DirectoryStore\n"
            "import influence.graph\n"
            "tables = tables_from_frames(**random_frames(3, events=2000, people=900))\n"
            f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))\n"
            "DirectoryStore(sys.argv[1]).append(tables)\n"
        )
        done = subprocess.run(
            [sys.executable, "-B", "-c", code, str(store.path)],
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path]),
                "NUMBA_DISABLE_JIT": "1",  # a cache could not be written
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert "InfluenceError" in done.stderr, done.stderr
        assert "a file grew above the limit" in done.stderr, done.stderr
        assert snapshot(store.path) == before
        store.verify()


@contextmanager
def as_nobody():
    """Lose the rights of the superuser, for whom nothing is read-only."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are POSIX")
class TestReadOnly:
    @pytest.fixture
    def public(self, template):
        """Return a store that anybody may read, in a folder that anybody may enter."""
        folder = Path(tempfile.mkdtemp())
        folder.chmod(0o755)
        shutil.copytree(template, folder / "store")
        for path in (folder / "store").rglob("*"):
            path.chmod(0o555 if path.is_dir() else 0o444)
        (folder / "store").chmod(0o555)
        yield DirectoryStore(folder / "store")
        for path in [folder / "store", *(folder / "store").rglob("*")]:
            path.chmod(0o755)
        shutil.rmtree(folder)

    def test_it_can_be_read_and_not_written(self, public, tables):
        piece = tables_from_frames(**random_frames(3))
        before = snapshot(public.path)
        with as_nobody():
            public.tables()
            public.graph()
            public.verify()
            with pytest.raises(InfluenceError, match="no permission to write there; choose a folder"):
                public.append(piece)
        assert snapshot(public.path) == before

    def test_no_folder_can_be_made(self, public):
        with as_nobody(), pytest.raises(InfluenceError, match="no permission to write there"):
            DirectoryStore(public.path / "below").append(tables_from_frames(**random_frames(3)))

    def test_it_may_not_be_read_either(self, public):
        (public.path / "store.json").chmod(0)
        with as_nobody(), pytest.raises(DataError, match="check its permissions"):
            public.tables()


def test_a_disk_that_cannot_lock(store, monkeypatch):
    import fcntl

    def unsupported(*_):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", unsupported)
    with pytest.raises(InfluenceError, match=r"this file system cannot lock .*local disk"):
        store.append(tables_from_frames(**random_frames(3)))
    store.tables()


def test_a_platform_without_locks(store, monkeypatch):
    monkeypatch.setitem(sys.modules, "fcntl", None)
    with pytest.raises(InfluenceError, match="this platform has no flock"):
        store.append(tables_from_frames(**random_frames(3)))
    store.tables()
