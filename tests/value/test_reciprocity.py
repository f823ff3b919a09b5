"""Reciprocity against a plain count."""

import math

import pytest
from ties.tie_histories import naive_ties, random_rows
from value.trust_cases import ledger_of

from influence.value.reciprocity import reciprocity


@pytest.mark.parametrize("seed", range(10))
def test_as_a_plain_count(seed):
    rows = random_rows(seed)
    ledger = ledger_of_all(rows)
    ties = naive_ties(rows)
    for u, share in enumerate(reciprocity(ledger).tolist()):
        listeners = [v for one, v in ties if one == u]
        if listeners:
            assert share == sum((v, u) in ties for v in listeners) / len(listeners)
        else:
            assert math.isnan(share)


def ledger_of_all(rows):
    timed = [(s, t, kind, 0 if time is None else time) for s, t, kind, time in rows.interactions]
    return ledger_of(timed, n=rows.n, follows=rows.follows)


def test_by_hand():
    """1 and 2 answer each other; 3 listens to 1 alone, and nobody to 3."""
    ledger = ledger_of([(1, 2, "reply", 0), (2, 1, "reply", 0), (3, 1, "reply", 0)])
    assert reciprocity(ledger).tolist() == pytest.approx([0.5, 1.0, math.nan], nan_ok=True)
