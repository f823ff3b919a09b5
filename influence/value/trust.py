"""Trust: how authentic the attention of a person is, what is suspicious about it, and what that takes from her."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from influence.ties import Ledger
from influence.value.authenticity import assess_authenticity
from influence.value.suspicion import bursts, reciprocal_rings, referral_rings, reply_farms, self_referrers, telling

__all__ = ["CODES", "Trust", "assess_trust"]

Floats = npt.NDArray[np.float64]

#: What can be suspicious, by bit; the settings' ``suspicion_factors`` are of the same names.
CODES: tuple[str, ...] = ("burst", "reply_farm", "reciprocal_ring", "referral_ring", "self_referral")


@dataclasses.dataclass(frozen=True, eq=False)
class Trust:
    """How far what is owed to each person can be trusted.

    Attributes
    ----------
    authenticity : ndarray of float64, shape (n_people,)
        In [0, 1].
    weight : ndarray of float64, shape (n_people,)
        Authenticity times the factor of each code, in [0, 1]: a factor of all that is owed to a person.
    codes : ndarray of uint16, shape (n_people,)
        Bit i stands for ``CODES[i]``.
    seeds : ndarray of bool, shape (n_people,)
        Who is trusted beforehand.
    basis : str
        Who the seeds are, in words.
    ring_tie : ndarray of bool, shape (n_ties,)
        Ties of referrals inside a ring of referrals.
    """

    authenticity: Floats
    weight: Floats
    codes: npt.NDArray[np.uint16]
    seeds: npt.NDArray[np.bool_]
    basis: str
    ring_tie: npt.NDArray[np.bool_]

    def words(self) -> pl.Series:
        """Return what is suspicious about each person, in the order of ``CODES``; null where nothing is."""
        names = [
            ", ".join(name.replace("_", " ") for bit, name in enumerate(CODES) if code >> bit & 1) or None
            for code in range(1 << len(CODES))
        ]
        return pl.Series("suspicious", names, dtype=pl.String).gather(self.codes.astype(np.uint32))

    def as_dict(self) -> dict[str, Any]:
        """Return plain facts: the seeds and how many people have each code."""
        return {
            "seeds": int(np.count_nonzero(self.seeds)),
            "basis": self.basis,
            "suspicious": {name: int(np.count_nonzero(self.codes >> bit & 1)) for bit, name in enumerate(CODES)},
            "ring_referrals": int(np.count_nonzero(self.ring_tie)),
        }


def assess_trust(ledger: Ledger, cut: int | None) -> Trust:
    """Return how far everybody can be trusted, from what was known at the cut.

    Referrals come first, since who plays with them is no seed by her purchases; then authenticity; then patterns of
    reactions, of those only whose attention is not authentic, where that is known and the exception.

    Parameters
    ----------
    cut : int or None
        All is before it, in microseconds.

    Raises
    ------
    LeakError
        Something in the ledger is not.

    Examples
    --------
    >>> from influence.config import Settings
    >>> from influence.io import tables_from_frames
    >>> from influence.ties import History
    >>> rows = pl.DataFrame({"source": [1, 2, 3], "target": [2, 1, 1], "type": "referral", "timestamp": "2024-01-01"})
    >>> history = History.from_tables(tables_from_frames(interactions=rows), Settings())
    >>> trust = assess_trust(Ledger.of(history, Settings()), None)
    >>> trust.words().to_list(), trust.weight.tolist()
    (['referral ring', 'referral ring', None], [0.5, 0.5, 1.0])
    """
    if cut is not None:
        ledger.assert_before(cut)
    in_ring, ring_tie = referral_rings(ledger)
    alone = self_referrers(ledger.history)
    authentic = assess_authenticity(ledger, in_ring | alone)
    known = authentic.values if authentic.known and telling(ledger, authentic.values) else None
    found = (
        bursts(ledger, known),
        reply_farms(ledger, known),
        reciprocal_rings(ledger, known),
        in_ring,
        alone,
    )
    codes = np.zeros(ledger.n_people, np.uint16)
    weight = authentic.values.copy()
    for bit, (name, people) in enumerate(zip(CODES, found, strict=True)):
        codes[people] |= np.uint16(1 << bit)
        weight[people] *= ledger.settings.suspicion_factors[name]
    return Trust(authentic.values, weight, codes, authentic.seeds, authentic.basis, ring_tie)
