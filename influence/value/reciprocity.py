"""Reciprocity: who listens to those who listen to her."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from influence.graph.arrays import sum_by
from influence.kernels.reverse import answered
from influence.ties import Ledger

__all__ = ["reciprocity"]


def reciprocity(ledger: Ledger) -> npt.NDArray[np.float64]:
    """Return the share of a person's listeners whom she listens to as well; NaN where nobody listens.

    r_u = |{v : u → v and v → u}| / |{v : u → v}| over all ties. It tells of health, not of fraud: friends answer each
    other.

    References
    ----------
    Wasserman and Faust, *Social Network Analysis*, 1994, section 13.3.

    Examples
    --------
    >>> from influence.config import Settings
    >>> from influence.io import tables_from_frames
    >>> from influence.ties import History
    >>> import polars as pl
    >>> rows = pl.DataFrame({"source": [1, 2, 3], "target": [2, 1, 1]})
    >>> history = History.from_tables(tables_from_frames(follows=rows), Settings())
    >>> reciprocity(Ledger.of(history, Settings())).tolist()
    [0.5, 1.0, nan]
    """
    ties = ledger.ties
    mutual = answered(ties.out_offsets, ties.out_targets, ties.in_offsets, ties.in_sources)
    listeners = ties.out_degree
    shares = np.full(ledger.n_people, np.nan)
    np.divide(
        sum_by(ledger.influencer, mutual.astype(np.float64), ledger.n_people),
        listeners,
        out=shares,
        where=listeners > 0,
    )
    return shares
