"""MBG/NBD: BG/NBD in which a customer can also leave right after her first purchase."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from influence.value.bgnbd import BetaGeo, Histories

__all__ = ["ModifiedBetaGeo", "fit_mbgnbd"]

Floats = npt.NDArray[np.float64]


@dataclasses.dataclass(frozen=True)
class ModifiedBetaGeo(BetaGeo):
    """A fitted MBG/NBD model; fields and methods are those of :class:`~influence.value.bgnbd.BetaGeo`.

    While alive a customer buys at rate λ ~ Gamma(r, rate α); after *every* purchase, the first included, she leaves
    for good with probability p ~ Beta(a, b). In BG/NBD a customer without a repeat purchase is alive for certain;
    here she is not:

    - P(alive) = 1 / (1 + a / (b + x) ((α + T) / (α + t_x))^(r + x));
    - E[Y(t) | x, t_x, T] = P(alive) (a + b + x) / (a − 1) [1 − ((α + T) / (α + T + t))^(r + x)
      ₂F₁(r + x, b + x + 1; a + b + x; t / (α + T + t))];
    - E[X(t)] = b / (a − 1) [1 − (α / (α + t))^r ₂F₁(r, b + 1; a + b; t / (α + t))].

    So everything is BG/NBD's with one more chance to leave, behind every customer.

    References
    ----------
    Batislam, Denizel and Filiztekin, "Empirical validation and comparison of models for customer base analysis",
    International Journal of Research in Marketing 24(3), 2007. Wagner and Hoppe, "Erratum on the MBG/NBD model",
    same journal 25(3), 2008.

    Examples
    --------
    >>> cdnow = ModifiedBetaGeo(0.52484, 6.18299, 0.89136, 1.61400)
    >>> never_again = np.zeros(1), np.zeros(1), np.array([38.86])
    >>> round(float(cdnow.p_alive(*never_again)[0]), 4)
    0.3897
    """

    name: ClassVar[str] = "mbgnbd"
    _early: ClassVar[int] = 1


def fit_mbgnbd(frequency: Floats, recency: Floats, age: Floats) -> ModifiedBetaGeo:
    """Fit the MBG/NBD model to customers by maximum likelihood.

    L = Γ(r + x) α^r / Γ(r) · B(a, b + x + 1) / B(a, b) · [(α + T)^−(r + x) + a / (b + x) (α + t_x)^−(r + x)].
    Parameters, errors and what happens to a fit that fails are those of :func:`~influence.value.bgnbd.fit_bgnbd`.

    References
    ----------
    Batislam, Denizel and Filiztekin 2007, see :class:`ModifiedBetaGeo`.

    Examples
    --------
    >>> x = np.array([2.0, 1.0, 0.0, 0.0, 5.0, 0.0])
    >>> fit = fit_mbgnbd(x, np.array([30.4, 1.7, 0.0, 0.0, 12.0, 0.0]), np.full(6, 38.9))
    >>> fit.n_customers
    6
    """
    return ModifiedBetaGeo.fit(Histories.of(frequency, recency, age))
