"""Customer referral value against plain Python, by hand, and its laws."""

import math
import random

import numpy as np
import pytest
from referral_histories import Program, day, random_program

from influence.config import Settings
from influence.errors import LeakError, UsageError
from influence.ties.ledger import NEVER, joined
from influence.value.referral import referral_value

SEEDS = range(40)
SETTINGS = Settings(
    referral_days=300.0, acquisition_cost=7.0, referral_incentive=3.0, referral_type_one=0.4, clv_margin=0.5
)


def naive(program, worth, settings, cut):
    """Return (value, type one, saved, paid, made, tracked, recent, realised) of everybody as the definition says it."""
    past = program if cut is None else program.before(cut)
    first, referrer = past.joined(), past.referrer(settings)
    length = settings.referral_value_days
    brought = {v: u for v, u in referrer.items() if v in first}

    def recent(when):
        return cut is None or (when is not None and when >= cut - length)

    n = program.n
    type_one, saved, paid, all_paid = ([0.0] * n for _ in range(4))
    made, tracked, lately = ([0] * n for _ in range(3))
    earned = [0.0] * n
    said = set()
    for u, v, when, cost in past.referrals:
        if cost is None:
            continue
        if brought.get(v) == u:
            said.add(v)
            when = first[v]
        all_paid[u] += cost
        paid[u] += cost if recent(when) else 0.0
    for v, u in brought.items():
        tracked[u] += 1
        if v not in said:
            all_paid[u] += settings.referral_incentive
            paid[u] += settings.referral_incentive if recent(first[v]) else 0.0
        if recent(first[v]):
            lately[u] += 1
            type_one[u] += settings.referral_type_one * worth[v]
            saved[u] += settings.acquisition_cost
        for who, when, amount, margin in past.purchases:
            if who == v and 0 <= when - first[v] < length:
                gain = settings.clv_margin * amount if margin is None else margin
                earned[u] += gain / (1 + settings.clv_discount) ** ((when - first[v]) / 365)
    for u in range(n):
        people = set()
        for source, v, when, _ in past.referrals:
            if source == u:
                begun = first.get(v)
                if begun is None or when is None or 0 <= begun - when <= settings.referral_days:
                    people.add(v)
        made[u] = len(people)
    value = [a + b - c for a, b, c in zip(type_one, saved, paid, strict=True)]
    realised = [
        settings.referral_type_one * a + settings.acquisition_cost * b - c
        for a, b, c in zip(earned, tracked, all_paid, strict=True)
    ]
    return value, type_one, saved, paid, made, tracked, lately, realised if past.purchases else None


def columns(found):
    return (
        found.referral_value,
        found.type_one_value,
        found.acquisition_saved,
        found.incentives_paid,
        found.referrals_made,
        found.referrals_tracked,
        found.referrals_recent,
        found.realised_value,
    )


def worth_of(n, seed=1):
    rng = random.Random(seed)
    return np.array([round(rng.uniform(0, 100), 2) for _ in range(n)])


@pytest.mark.parametrize("cut", [None, 400, 901])
@pytest.mark.parametrize("seed", SEEDS)
def test_is_the_definition(seed, cut):
    program = random_program(seed)
    worth = worth_of(program.n)
    ledger = program.ledger(SETTINGS, cut)
    found = referral_value(ledger, worth, None if cut is None else day(cut))
    for mine, slow in zip(columns(found), naive(program, worth, SETTINGS, cut), strict=True):
        assert (mine is None) == (slow is None)
        if slow is not None:
            assert mine.tolist() == pytest.approx(slow, rel=1e-12, abs=1e-12)


def test_random_programs_hold_every_case():
    found = [naive(p, worth_of(p.n), SETTINGS, 901) for p in map(random_program, SEEDS)]
    assert sum(sum(row[5]) for row in found) > 100  # brought
    assert 0 < sum(sum(row[6]) for row in found) < sum(sum(row[5]) for row in found)  # lately, and before
    assert sum(sum(row[4]) for row in found) > sum(sum(row[5]) for row in found)  # made in vain
    assert any(value < 0 for row in found for value in row[0])
    assert any(row[7] is None for row in found)


def test_by_hand():
    """Ann (0) brings Bob (1), Cy (2) and Di (3) in vain; a referred customer comes for good half of the time.

    At day 700, with a year of 365 days, acquisition at 20 and an incentive of 5 where nothing is said:

    - Bob was referred on day 10 for 8 and bought on day 20, a margin of 30, again on day 385 = 20 + 365 (beyond the
      year, so it does not count), and on day 202.5 = 20 + 182.5 a margin of 11. He joined before day 335 = 700 − 365.
    - Cy was referred on day 400 and bought for 40 on day 410, no margin known, 60 % of it is one: 24. He is worth 50.
    - Di was referred on day 500 for 4 and did not come.

    Expected: ½ · 50 + 20 − (5 + 4) = 36; Bob is over a year ago, and his 8 with him.
    Realised: ½ · (30 + 11 / 1.21^½ + 24) + 2 · 20 − (8 + 5 + 4) = ½ · (30 + 10 + 24) + 40 − 17 = 55.
    """
    program = Program(
        4,
        [(0, 1, 10, 8.0), (0, 2, 400, None), (0, 3, 500, 4.0)],
        [(1, 20, 100.0, 30.0), (1, 385, 9e6, 9e6), (1, 202.5, 50.0, 11.0), (2, 410, 40.0, None)],
    )
    program.purchases = [(who, int(2 * when), *rest) for who, when, *rest in program.purchases]  # half days
    program.referrals = [(u, v, 2 * when, cost) for u, v, when, cost in program.referrals]
    settings = Settings(
        acquisition_cost=20.0,
        referral_incentive=5.0,
        clv_margin=0.6,
        clv_discount=math.sqrt(1.21) - 1,  # a year of half days is two years of days
        referral_value_days=730.0,
        referral_days=730.0,
    )
    found = referral_value(program.ledger(settings), np.array([1e3, 80.0, 50.0, 70.0]), day(1400))
    assert found.referral_value.tolist() == pytest.approx([36.0, 0, 0, 0])
    assert found.realised_value.tolist() == pytest.approx([55.0, 0, 0, 0])
    assert found.type_one_value[0] == 25.0
    assert found.acquisition_saved[0] == 20.0
    assert found.incentives_paid[0] == 9.0
    assert (found.referrals_made[0], found.referrals_tracked[0], found.referrals_recent[0]) == (3, 2, 1)
    assert found.facts["referral_value"] == pytest.approx(36.0)
    assert found.facts["incentives_assumed"] == 5.0


@pytest.mark.parametrize(("when", "counts"), [(364, True), (365, False), (366, False)])
def test_a_purchase_beyond_the_year_does_not_count(when, counts):
    program = Program(2, [(0, 1, 0, None)], [(1, 0, 10.0, None), (1, when, 1000.0, None)])
    found = referral_value(program.ledger(), np.zeros(2), day(900))
    assert found.realised_value[0] == pytest.approx(5.0 + counts * 500.0 * 1.1 ** (-when / 365))


@pytest.mark.parametrize(("when", "counts"), [(634, False), (635, True), (999, True)])
def test_who_joined_before_the_last_year_does_not_count(when, counts):
    program = Program(2, [(0, 1, when, None)], [(1, when, 10.0, None)])
    found = referral_value(program.ledger(), np.array([0.0, 80.0]), day(1000))
    assert found.referral_value.tolist() == [40.0 * counts, 0.0]


def test_only_the_tracked_referrer_is_paid_in_value():
    program = Program(3, [(0, 2, 1, None), (1, 2, 5, None)], [(2, 9, 10.0, None)])
    found = referral_value(program.ledger(), np.full(3, 10.0), day(20))
    assert found.referral_value.tolist() == [0.0, 5.0, 0.0]  # the last one before the purchase
    assert found.referrals_made.tolist() == [1, 1, 0]


def test_nothing_later_is_read():
    program = Program(
        3, [(0, 1, 1, 2.0), (0, 2, 30, 90.0)], [(1, 9, 10.0, None), (1, 40, 1e6, None), (2, 35, 5.0, None)]
    )
    early = program.before(30).ledger(SETTINGS)
    cut = program.ledger(SETTINGS, 30)
    one, other = (referral_value(ledger, np.full(3, 10.0), day(30)) for ledger in (early, cut))
    for mine, same in zip(columns(one), columns(other), strict=True):
        assert np.array_equal(mine, same)
    with pytest.raises(LeakError):
        referral_value(program.ledger(SETTINGS), np.full(3, 10.0), day(30))
    late = Program(2, [(0, 1, 1, None)], [(1, 9, 10.0, None), (1, 40, 1e6, None)])
    with pytest.raises(LeakError):
        referral_value(late.ledger(SETTINGS), np.full(2, 10.0), day(30))


def test_no_money_is_added_to_acts():
    program = Program(3, [(0, 1, 1, 2.0)], actions=[(1, 1, 9), (2, 1, 10)])
    found = referral_value(program.ledger(SETTINGS), np.array([1.0, 6.0, 1.0]), day(20), unit="acts")
    assert found.referral_value.tolist() == pytest.approx([2.4, 0.0, 0.0])
    assert (found.acquisition_saved[0], found.incentives_paid[0]) == (7.0, 2.0)  # shown beside it
    assert found.realised_value is None
    assert any("in acts" in note for note in found.notes)


def test_nobody_referred():
    program = Program(2, [], [(0, 1, 10.0, None)])
    program.actions = []
    found = referral_value(program.ledger(), np.ones(2), day(20))
    assert all(not column.any() for column in columns(found))
    assert found.notes == ()


def test_a_referral_without_dates():
    program = Program(3, [(0, 1, None, None), (0, 2, None, 4.0)], actions=[(1, 1, None), (2, 2, 5)])
    worth = np.array([0.0, 10.0, 30.0])
    ledger = program.ledger()
    assert joined(ledger.history).tolist()[0] == NEVER
    assert referral_value(ledger, worth, None).referral_value.tolist() == [16.0, 0.0, 0.0]
    found = referral_value(ledger, worth, day(10))  # he who joined at no known moment is not of the last year
    assert found.referral_value.tolist() == [11.0, 0.0, 0.0]
    assert found.referrals_tracked.tolist() == [2, 0, 0]


def test_what_is_not_known_is_said():
    program = Program(2, [(0, 1, 1, None)], [(1, 2, 10.0, None)])
    notes = " ".join(referral_value(program.ledger(), np.ones(2), day(9)).notes)
    for words in ("referral_type_one", "acquisition_cost is not set", "count as free"):
        assert words in notes
    notes = " ".join(referral_value(program.ledger(SETTINGS), np.ones(2), day(9)).notes)
    assert "not set" not in notes


@pytest.mark.parametrize("seed", range(10))
def test_relabelling_permutes(seed):
    program = random_program(seed, distinct=True)
    new = list(range(program.n))
    random.Random(seed).shuffle(new)
    worth = worth_of(program.n)
    again = np.empty(program.n)
    again[new] = worth
    one = referral_value(program.ledger(SETTINGS), worth, day(2500))
    other = referral_value(program.renamed(new).ledger(SETTINGS), again, day(2500))
    for mine, same in zip(columns(one), columns(other), strict=True):
        if mine is not None:
            assert same[new].tolist() == pytest.approx(mine.tolist(), rel=1e-12, abs=1e-9)


@pytest.mark.parametrize("seed", range(10))
def test_laws(seed):
    """Nobody is counted twice, value is linear in worth, and it is the sum of its parts."""
    program = random_program(seed)
    ledger, worth, cut = program.ledger(SETTINGS), worth_of(program.n), day(2500)
    found = referral_value(ledger, worth, cut)
    first, referrer = program.joined(), program.referrer(SETTINGS)
    assert found.referrals_tracked.sum() == len(set(first) & set(referrer))
    assert (found.referrals_recent <= found.referrals_tracked).all()
    assert (found.referrals_tracked <= found.referrals_made).all()
    twice = referral_value(ledger, 2 * worth, cut)
    assert np.array_equal(twice.type_one_value, 2 * found.type_one_value)
    parts = found.type_one_value + found.acquisition_saved - found.incentives_paid
    assert np.array_equal(found.referral_value, parts)
    share = [
        referral_value(program.ledger(SETTINGS.replace(referral_type_one=p)), worth, cut).type_one_value
        for p in (0.0, 1.0)
    ]
    assert not share[0].any()
    assert (share[1] * SETTINGS.referral_type_one).tolist() == pytest.approx(found.type_one_value.tolist())


@pytest.mark.parametrize("worth", [np.ones(3), np.array([1.0, math.nan]), np.array([1.0, math.inf])])
def test_values_are_checked(worth):
    program = Program(2, [(0, 1, 1, None)], [(1, 2, 10.0, None)])
    with pytest.raises(UsageError, match="lifetime_value"):
        referral_value(program.ledger(), worth, day(9))


def test_settings_are_checked():
    with pytest.raises(UsageError, match="referral_type_one is a share"):
        Settings(referral_type_one=1.1)
    with pytest.raises(UsageError, match="referral_value_days must be above 0"):
        Settings(referral_value_days=0.0)
    with pytest.raises(UsageError, match="acquisition_cost must be 0 or more"):
        Settings(acquisition_cost=-1.0)
    with pytest.raises(UsageError, match="referral_incentive must be 0 or more"):
        Settings(referral_incentive=math.inf)
