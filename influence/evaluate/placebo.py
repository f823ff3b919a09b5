"""The placebo: the same people, acts and numbers of ties, but ties to whom chance would have it."""

from __future__ import annotations

import dataclasses

import numpy as np

from influence.ties import History, Ledger
from influence.ties.history import Follows, Reactions, Referrals

__all__ = ["rewired"]


def rewired(ledger: Ledger, seed: int) -> History:
    """Return the ledger's history with its ties dealt anew; reactions and referrals are left out.

    Everybody keeps the number of people listened to and of listeners (but for loops and doubles that arise), and each
    tie the moment from which it was known.
    """
    history = ledger.history
    influencer = np.random.default_rng(seed).permutation(ledger.influencer)
    rows = influencer != ledger.listener
    follows = Follows(ledger.listener[rows], influencer[rows], ledger.known[rows])._sorted()
    none = np.empty(0, np.int32)
    when = np.empty(0, np.int64)
    return dataclasses.replace(
        history,
        follows=follows,
        reactions=Reactions(none, none, np.empty(0, np.int8), np.empty(0), when),
        referrals=Referrals(none, none, when),
    )
