"""Reverse reachable sets, cover, discounts and IMRank on a few nodes, without a compiler too."""

import itertools
import warnings

import numpy as np
import pytest

from influence.kernels.cover import BLOCK, Choice, Cover, fill_index, pick, share_out
from influence.kernels.discount import discount
from influence.kernels.imrank import by_rank, hand_up
from influence.kernels.liverows import fill_rows, survey_rows
from influence.kernels.rrdelays import draw_delays
from influence.kernels.rrsets import Limits, Rows, Space, Watch, collect, draw_cascade, tally
from influence.kernels.rrwalks import draw_walks, running_sums

N = 70  # more than one word of 64
KEY = np.uint64(7)
ANY = Limits(-1, 1.0)


@pytest.fixture(autouse=True)
def _wrapping():
    """Numbers of 64 bits wrap around on purpose, of which numpy warns where nothing is compiled."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "overflow encountered", RuntimeWarning)
        yield


def ring(probability):
    """Return the in-arcs of a ring in which each is influenced by the one before and by node 0."""
    sources = [sorted({(v - 1) % N, 0} - {v}) for v in range(N)]
    offsets = np.concatenate([[0], np.cumsum([len(row) for row in sources])]).astype(np.int64)
    flat = np.array([u for row in sources for u in row], np.int32)
    edges = np.arange(flat.size)
    chance = np.broadcast_to(np.asarray(probability, float), flat.shape).copy()
    return offsets, flat, edges, chance


def rows_of(probability, *, even):
    offsets, sources, edges, chance = ring(probability)
    kept, low, high, some = np.empty(N, np.int64), np.empty(N), np.empty(N), np.empty(N)
    survey_rows(offsets, sources, edges, chance, kept, low, high, some)
    assert some == pytest.approx(1.0 - (1.0 - high) ** kept)
    assert kept.tolist() == np.diff(offsets).tolist()
    out, live = np.empty_like(sources), np.empty(0 if even else sources.size)
    fill_rows(offsets, sources, edges, chance, offsets, out, live, np.full(N, even))
    jump = np.zeros((N, 2))
    if even:
        log = np.log1p(-high)
        jump[:, 0], jump[:, 1] = 1.0 / log, some
    else:
        jump[:, 0], jump[:, 1] = 1.0, some
    return Rows(offsets, out, live, jump)


def space(sets, capacity=200, lanes=2, lists=0):
    return Space(
        np.linspace(0, sets, lanes + 1).astype(np.int64),
        np.empty(lanes, np.int64),
        np.full((lanes, capacity), -1, np.int32),
        np.zeros(0 if lists else sets, np.int32),
        np.zeros((lanes, 2), np.uint64),
        np.zeros((lanes, 3), np.int64),
        np.zeros((lanes, lists), np.int64),
    )


NOBODY = Watch(np.empty(0, np.int64), 0, 1 << 61, 0)
UNIFORM = np.column_stack([np.ones(N), np.arange(N)])


def members(room):
    found = []
    for lane in range(room.done.size):
        at = 0
        for sample in range(room.first[lane], room.done[lane]):
            found.append(room.nodes[lane, at : at + room.size[sample]].tolist())
            at += room.size[sample]
    return found


@pytest.mark.parametrize("even", [True, False])
@pytest.mark.parametrize("p", [0.05, 0.19])
def test_sets(even, p):
    rows = rows_of(p, even=even)
    room = space(60)
    draw_cascade(rows, UNIFORM, ANY, KEY, NOBODY, room)
    assert room.done.tolist() == [30, 60]
    found = members(room)
    for nodes in found:
        assert len(set(nodes)) == len(nodes) > 1
        for i, u in enumerate(nodes[1:], 1):
            assert any(u in rows.sources[rows.offsets[v] : rows.offsets[v + 1]] for v in nodes[:i])
    assert not room.seen.any()
    counts = np.zeros((1, N), np.int64)
    tally(room, counts)
    assert counts[0].tolist() == [sum(v in nodes[1:] for nodes in found) for v in range(N)]
    sets, size, spoilt = room.kept.sum(axis=0)
    assert spoilt == 0
    assert (sets, size) == (60, sum(map(len, found)))
    offsets, nodes = np.zeros(sets + 1, np.int64), np.empty(size, np.int32)
    together = np.zeros((1, N), np.int64)
    collect(room, np.array([[0, 0], room.kept[0, :2]]), offsets, nodes, together)
    assert [nodes[a:b].tolist() for a, b in itertools.pairwise(offsets)] == found
    assert together[0].sum() == room.size.sum()
    # whom a list holds, and where there is no room
    mask = np.zeros(N, np.int64)
    mask[:5] = 1
    judged = space(60, lists=1)
    draw_cascade(rows, UNIFORM, ANY, KEY, Watch(mask, 0, 1, 1), judged)
    assert judged.hits.sum() == sum(s[0] >= 5 and any(v < 5 for v in s) for s in found)
    spoilt = space(60)
    draw_cascade(rows, UNIFORM, ANY, KEY, Watch(mask, 1, 1 << 61, 0), spoilt)
    assert spoilt.kept[:, 2].sum() == sum(any(v < 5 for v in s) for s in found)
    assert spoilt.size.tolist() == [0 if any(v < 5 for v in s) else len(s) for s in found]
    narrow = space(60, capacity=1, lanes=1)
    draw_cascade(rows, UNIFORM, ANY, KEY, NOBODY, narrow)
    assert narrow.done[0] == 0
    assert not narrow.seen.any()


def test_certain_arcs_lead_all_the_way_round():
    rows = rows_of(0.5, even=False)
    rows.chance[:] = 1.0
    room = space(4)
    draw_cascade(rows, UNIFORM, ANY, KEY, NOBODY, room)
    assert room.size.tolist() == [N] * 4
    room = space(4)
    draw_cascade(rows, UNIFORM, Limits(1, 1.0), KEY, NOBODY, room)
    assert all(2 <= size <= 3 for size in room.size)
    room = space(40)
    draw_cascade(rows, UNIFORM, Limits(-1, 0.5), KEY, NOBODY, room)
    assert set(room.size.tolist()) > {2, 3}  # somebody stays positive long enough
    heaps, entries = np.empty((2, 300)), np.empty((2, 300, 2), np.int32)
    timed = Rows(rows.offsets, rows.sources, rows.chance * (1.0 - np.exp(-9.0)), np.full(rows.sources.size, 3.0))
    room = space(4)
    draw_delays(timed, 3.0, UNIFORM, ANY, KEY, NOBODY, room, heaps, entries)
    assert all(2 <= size <= N for size in room.size)
    assert not room.seen.any()
    draw_delays(timed, 3.0, UNIFORM, ANY, KEY, NOBODY, space(4, capacity=1), heaps[:, :1], entries[:, :1])


def test_walks():
    offsets, sources, edges, weight = ring(0.45)
    total = np.empty(sources.size)
    running_sums(offsets, edges, weight, total)
    assert total[:3].tolist() == pytest.approx([0.45, 0.45, 0.45])  # nodes 0 and 1 have one in-arc each
    uneven, even = np.ones((N, 2)), np.tile([0.0, 0.45], (N, 1))
    first, second = space(50), space(50)
    draw_walks(Rows(offsets, sources, total, uneven), UNIFORM, ANY, KEY, NOBODY, first)
    draw_walks(Rows(offsets, sources, np.empty(0), even), UNIFORM, ANY, KEY, NOBODY, second)
    assert members(first) == members(second)
    for nodes in members(first):
        for v, u in itertools.pairwise(nodes):
            assert u in sources[offsets[v] : offsets[v + 1]]
    draw_walks(Rows(offsets, sources, total, uneven), UNIFORM, ANY, KEY, NOBODY, space(50, capacity=1))


def test_rows_fall():
    rng = np.random.default_rng(1)
    offsets, sources = np.array([0, 30, 30], np.int64), rng.permutation(40)[:30].astype(np.int32)
    edges, chance = rng.permutation(30), rng.choice([0.0, 0.2, 0.5, 0.9], 30)
    kept, low, high, some = np.empty(2, np.int64), np.empty(2), np.empty(2), np.empty(2)
    survey_rows(offsets, sources, edges, chance, kept, low, high, some)
    wanted = sorted((-p, u) for u, p in zip(sources, chance[edges], strict=True) if p > 0 and u != 0)
    assert (kept.tolist(), high[0]) == ([len(wanted), 0], 0.9)
    assert some.tolist() == pytest.approx([1.0 - np.prod([1.0 + p for p, _ in wanted]), 0.0])
    rows = np.array([0, len(wanted), len(wanted)], np.int64)
    out, live = np.empty(len(wanted), np.int32), np.empty(len(wanted))
    fill_rows(offsets, sources, edges, chance, rows, out, live, np.zeros(2, np.bool_))
    assert [(-p, u) for p, u in zip(live, out, strict=True)] == wanted


def test_cover():
    sets = [[0, 1], [1, 2], [3, 1], [3, 4], [5, 3]]
    offsets, nodes = np.arange(0, 11, 2), np.array(sets, np.int32).ravel()
    n = BLOCK + 6
    count = np.bincount(nodes, minlength=n)
    rows = np.concatenate([[0], np.cumsum(count)])
    index = np.empty(10, np.int32)
    fill_index(offsets, nodes, 0, np.array([0, 3, n]), rows[:-1].copy(), index)
    assert index[rows[1] : rows[2]].tolist() == [0, 1, 2]
    cover = Cover(offsets, nodes, rows, index, np.zeros(5, np.uint8), count.astype(float), 0)
    cost = np.ones(n)
    choice = Choice(
        np.ones(n, np.uint8), np.zeros(n, np.int32), np.array([9]), cost, np.array([9.0]), np.full(2, np.inf)
    )
    seeds, gains = np.empty(4, np.int32), np.zeros(4)
    assert pick(cover, choice, seeds, gains, 0, 4) == 2
    assert (seeds[:2].tolist(), gains[:2].tolist()) == ([1, 3], [3.0, 2.0])
    counts, shares = np.zeros(n), np.zeros(n)
    share_out(cover, seeds[:2], cost, 1.0, np.full(5, -1, np.int32), np.zeros(n), counts, shares)
    assert counts[[1, 3]].tolist() == [2.0, 2.0]
    assert shares[:6].tolist() == [0.5, 1.0, 0.5, 1.0, 0.5, 0.5]


def test_discount_and_imrank():
    out = np.array([0, 2, 3, 3]), np.array([1, 2, 2], np.int32)
    into = np.array([0, 0, 1, 3]), np.array([0, 0, 1], np.int32), np.array([0, 1, 2])
    chance, seeds = np.array([0.5, 0.5, 0.25]), np.empty(3, np.int32)
    assert discount(*out, chance, *into, np.ones(3), False, np.ones(3, np.bool_), seeds) == 3
    assert seeds.tolist() == [0, 1, 2]
    order = np.arange(3)
    place, sources, live = np.empty(3, np.int64), np.empty(3, np.int32), np.empty(3)
    by_rank(*out, chance, order, order, into[0], place, sources, live)
    influence = np.ones(3)
    hand_up(order, into[0], place, sources, live, influence)
    assert influence.tolist() == [1.0 + 0.5 + 0.5 * 1.125, 0.5 * 1.125, 0.375]
