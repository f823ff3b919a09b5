"""Trust as a whole: weights, words and facts, and that it sees nothing of the future."""

import numba
import numpy as np
import polars as pl
import pytest
from oracles import DAY
from ties.tie_histories import TIME, frame
from value.trust_cases import burst, farm, honest, ledger_of, people, ring

from influence.config import SUSPICION_FACTORS, Settings
from influence.errors import LeakError, UsageError
from influence.ties import Ledger
from influence.value.trust import CODES, assess_trust

N = 600


@pytest.fixture(scope="module")
def rows():
    rows = honest(N, seed=5) + ring(range(1000, 1006), 1) + farm(range(1100, 1112), [1112], 2)
    rows += burst(range(1200, 1206), 1206, 3, day=50, times=6)
    rows += [(1, 2, "referral", 5), (2, 1, "invite", 6), (2, 3, "referral", 7), (4, 4, "referral", 8)]
    return [*rows, (1206, 1112, "referral", 9), (1112, 1206, "referral", 9)]


WORDS = {
    **dict.fromkeys(range(1000, 1006), "reciprocal ring"),
    1: "referral ring",
    2: "referral ring",
    4: "self referral",
    1112: "reply farm, referral ring",
    1206: "burst, reply farm, referral ring",
}


def test_words_weights_and_facts(rows):
    ledger = ledger_of(rows, n=1207)
    trust = assess_trust(ledger, None)
    names = ledger.history.ids.ids().cast(pl.Int64).to_list()
    assert {name: word for name, word in zip(names, trust.words(), strict=True) if word is not None} == WORDS
    codes = {name: word.count(",") + 1 for name, word in WORDS.items()}
    assert trust.weight.tolist() == [0.5 ** codes.get(name, 0) for name in names]
    assert (trust.authenticity == 1).all()
    assert trust.codes.dtype == np.uint16
    assert trust.words().dtype == pl.String
    assert trust.as_dict() == {
        "seeds": 0,
        "basis": "no seeds: everybody counts as authentic",
        "suspicious": {"burst": 1, "reply_farm": 2, "reciprocal_ring": 6, "referral_ring": 4, "self_referral": 1},
        "ring_referrals": 4,
    }
    inside = zip(ledger.influencer[trust.ring_tie].tolist(), ledger.listener[trust.ring_tie].tolist(), strict=True)
    assert [(names[u], names[v]) for u, v in inside] == [(1, 2), (2, 1), (1112, 1206), (1206, 1112)]


def test_with_seeds(rows):
    ledger = ledger_of(rows, n=1207, vetted=range(0, N, 12))
    trust = assess_trust(ledger, None)
    assert people(ledger, trust.seeds) == set(range(0, N, 12))
    assert trust.basis == "50 vetted customers"
    assert (trust.authenticity[trust.seeds] == 1).all()
    gamed = [1112, 1206, *range(1000, 1006)]
    assert trust.authenticity[gamed].max() < 0.3
    assert np.mean(trust.authenticity[:N] >= 0.8) > 0.8
    assert trust.words().gather(gamed).to_list() == [WORDS[name] for name in gamed]
    factor = np.array([0.5 ** int(code).bit_count() for code in trust.codes])
    assert trust.weight == pytest.approx(trust.authenticity * factor, rel=1e-12)
    assert ((trust.weight >= 0) & (trust.weight <= 1)).all()


def test_who_plays_with_referrals_is_no_seed_by_her_purchases(rows):
    bought = [(person, day * DAY) for person in (1, 4, 5, 6, 7) for day in (0, 300)]
    table = frame(bought, ("customer", "timestamp"), (pl.Int64, TIME))
    ledger = ledger_of(rows, n=1207, transactions=table)
    trust = assess_trust(ledger, 400 * DAY if ledger.history.newest < 400 * DAY else None)
    assert people(ledger, trust.seeds) == {5, 6, 7}
    assert trust.basis.startswith("3 repeat buyers over more than 180 days")


def test_factors_are_settings(rows):
    factors = {name: 0.1 * (place + 1) for place, name in enumerate(CODES)}
    trust = assess_trust(ledger_of(rows, n=1207, settings=Settings(suspicion_factors=factors)), None)
    assert trust.weight[[1000, 1, 4, 1206]] == pytest.approx([0.3, 0.4, 0.5, 0.1 * 0.2 * 0.4])
    assert tuple(SUSPICION_FACTORS) == CODES
    one = Settings().replace(suspicion_factors={"burst": 1.0})
    assert one.suspicion_factors["reply_farm"] == 0.5
    with pytest.raises(UsageError, match=r"unknown suspicion_factors\.bursts; did you mean 'burst'"):
        Settings(suspicion_factors={"bursts": 0.5})
    with pytest.raises(UsageError, match=r"suspicion_factors.burst must lie in \[0, 1\], not 1.5"):
        Settings(suspicion_factors={"burst": 1.5})


def test_the_future_is_not_seen(rows):
    """What is known at the cut is what a history that ends there gives."""
    bought = [(person, day * DAY) for person in range(0, 50, 2) for day in (0, 190 + person * 4)]
    table = frame(bought, ("customer", "timestamp"), (pl.Int64, TIME))
    whole = ledger_of(rows, n=1207, transactions=table)
    cut = 250 * DAY
    with pytest.raises(LeakError):
        assess_trust(whole, cut)
    past = assess_trust(Ledger.of(whole.history.before(cut), Settings()), cut)
    early = ledger_of(
        [row for row in rows if row[3] < cut], n=1207, transactions=table.filter(pl.col("timestamp") < frame_time(cut))
    )
    expected = assess_trust(early, cut)
    assert past.basis == expected.basis == "6 repeat buyers over more than 180 days"  # 0 … 14, less 2 and 4
    assert past.weight.tobytes() == expected.weight.tobytes()
    assert past.codes.tolist() == expected.codes.tolist()
    assert assess_trust(whole, None).seeds.sum() > past.seeds.sum()


def frame_time(time):
    return pl.lit(time).cast(TIME)


def test_threads_do_not_change_a_byte(rows):
    ledger = ledger_of(rows, n=1207, vetted=range(0, N, 12))
    before = numba.get_num_threads()
    found = []
    try:
        for threads in (1, min(2, numba.config.NUMBA_NUM_THREADS)):
            numba.set_num_threads(threads)
            trust = assess_trust(ledger, None)
            found.append((trust.weight.tobytes(), trust.codes.tobytes()))
    finally:
        numba.set_num_threads(before)
    assert found[0] == found[1]


def test_an_isolated_ring_changes_no_honest_weight(rows):
    calm = [row for row in rows if max(row[:2]) < N]
    one = assess_trust(ledger_of(calm, n=N, vetted=range(0, N, 12)), None)
    other = assess_trust(ledger_of(calm + ring(range(N, N + 9), 0), n=N + 9, vetted=range(0, N, 12)), None)
    assert other.weight[:N] == pytest.approx(one.weight, abs=1e-5)
    assert other.codes[:N].tolist() == one.codes.tolist()
    assert (other.weight[N:] < 0.06).all()
