"""Work in slices: every item once, an interrupt heard, progress told, memory refused before it is taken."""

import re
import time

import pytest

from influence.errors import InfluenceError, UsageError
from influence.progress import Listener, _pace, available_memory, claim_memory, listening, rounds, slices


@pytest.mark.parametrize("total", [0, 1, 7, 1000])
@pytest.mark.parametrize("first", [0, 1, 3, 5000])
def test_every_item_once(total, first):
    assert [i for start, stop in slices(total, "counting", first=first) for i in range(start, stop)] == list(
        range(total)
    )


def test_the_clock_sets_the_size():
    sizes = []
    for start, stop in slices(120, "waiting"):
        time.sleep(0.004 * (stop - start))
        sizes.append(stop - start)
    assert sizes[:2] == [1, 8]
    assert 15 <= max(sizes) <= 26  # 0.1 s at 4 ms or a little more each


def test_a_slow_item_makes_the_next_slice_small():
    sizes = []
    for number, (start, stop) in enumerate(slices(600, "waiting", first=200)):
        time.sleep(0.5 if number == 0 else 0.0)
        sizes.append(stop - start)
    assert sizes[:2] == [200, 40] or sizes[1] < 40


def test_progress_is_told_inside_the_block_only():
    told = []
    with listening(Listener(progress=lambda label, part: told.append((label, part)))):
        for _ in slices(4, "a", first=4):
            pass
        assert list(rounds(2, "b")) == [0, 1]
    list(slices(4, "c"))
    assert told == [("a", 0.0), ("b", None), ("b", None)]


def test_memory_is_told_and_refused(monkeypatch):
    told = []
    monkeypatch.setenv("INFLUENCE_MEMORY", "1G")
    assert available_memory() == 2**30
    with listening(Listener(memory=lambda label, size: told.append((label, size)))):
        claim_memory("small", 1 << 20)
        claim_memory("large", 1 << 29)
        with pytest.raises(
            InfluenceError, match=r"huge needs about 2\.0 GiB of memory and 1\.0 GiB are available; take"
        ):
            claim_memory("huge", 1 << 31)
    assert told == [("large", 1 << 29), ("huge", 1 << 31)]


@pytest.mark.parametrize(("text", "size"), [("512", 512), ("2k", 2048), ("1.5M", 3 << 19), ("1T", 1 << 40)])
def test_memory_by_the_environment(monkeypatch, text, size):
    monkeypatch.setenv("INFLUENCE_MEMORY", text)
    assert available_memory() == size


def test_memory_that_is_no_number(monkeypatch):
    monkeypatch.setenv("INFLUENCE_MEMORY", "lots")
    with pytest.raises(UsageError, match="number of bytes such as 8G, not 'lots'"):
        claim_memory("anything", 1 << 30)


def test_memory_of_this_machine():
    available = available_memory()
    assert available is None or available > 1 << 20


def test_the_pace_is_told_where_it_is_asked_for():
    told = []
    with listening(Listener(progress=lambda label, part: told.append((label, part)))):
        for _ in slices(4, "a", size=2, unit="rows"):
            time.sleep(0.01)
    assert told[0] == ("a", 0.0)
    assert re.fullmatch(r"a, \d+ rows/s, 0:00 left", told[1][0])


@pytest.mark.parametrize(
    ("done", "seconds", "left"), [(50, 5, "0:05"), (1, 1, "1:39"), (1, 60, "1:39:00"), (50, 0, "0:00")]
)
def test_the_time_left(done, seconds, left):
    assert _pace(done, 100, "rows", seconds).endswith(f", {left} left")
