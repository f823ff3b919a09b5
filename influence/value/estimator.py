"""The learned rate as an estimator, for whoever wants λ and nothing else."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import polars as pl

from influence.config import Settings
from influence.errors import UsageError
from influence.io import Tables, merge_identities, suppress
from influence.ties import History, Ledger
from influence.ties.history import DAY
from influence.value.contest import horizon_of
from influence.value.learned import LearnedRate, fit_rate

__all__ = ["TieRate"]


class TieRate:
    """Expected credited follow-ons of each tie, learned from the past; the manners are those of scikit-learn.

    ``fit`` learns Poisson regressions on follow-ons up to the end of the tables given; ``predict`` applies them to
    any tables, those of a later day for instance. What a score adds (the contest with the rule, the level, κ) is not
    in it.

    Parameters
    ----------
    horizon_days, window_days, recent_days, fresh_days : float
        As in the settings.
    fit_cuts : int
        Earlier moments whose outcomes are pooled.

    Attributes
    ----------
    rate_ : LearnedRate
        What was learned; set by ``fit``.
    coef_ : dict
        Coefficients of the regression over ties, by channel and name.
    horizon_days_ : float
        Days that a rate covers: a third of what the data spans where that is shorter than asked for.

    Examples
    --------
    >>> import influence
    >>> tables = influence.demo_tables()
    >>> model = TieRate(horizon_days=180).fit(tables)
    >>> sorted(model.coef_)
    ['item', 'reaction']
    >>> model.predict(tables).columns
    ['influencer', 'listener', 'rate']
    """

    rate_: LearnedRate
    horizon_days_: float

    def __init__(
        self,
        horizon_days: float = 365.0,
        window_days: float = 90.0,
        recent_days: float = 180.0,
        fresh_days: float = 30.0,
        fit_cuts: int = 3,
    ) -> None:
        self.horizon_days = horizon_days
        self.window_days = window_days
        self.recent_days = recent_days
        self.fresh_days = fresh_days
        self.fit_cuts = fit_cuts

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters by name."""
        del deep
        return {name: getattr(self, name) for name in _PARAMETERS}

    def set_params(self, **parameters: Any) -> Self:
        """Set parameters by name.

        Raises
        ------
        UsageError
            There is none of this name.
        """
        for name, value in parameters.items():
            if name not in _PARAMETERS:
                raise UsageError(f"TieRate has no parameter {name!r}; it has {', '.join(_PARAMETERS)}")
            setattr(self, name, value)
        return self

    def fit(self, X: Tables, y: None = None) -> Self:
        """Learn from tables; ``y`` is not used, since the outcome is in them.

        Raises
        ------
        UsageError
            There is too little history to learn from.
        """
        del y
        ledger, cut = self._ledger(X)
        horizon = horizon_of(ledger.history, ledger.settings, cut)
        rate = None if cut is None or horizon is None else fit_rate(ledger, cut, horizon)
        if rate is None or horizon is None:
            raise UsageError("too little history to learn a rate from: dated follow-ons over two horizons are needed")
        self.rate_ = rate
        self.horizon_days_ = horizon / DAY
        return self

    @property
    def coef_(self) -> dict[str, dict[str, float]]:
        """Coefficients of the regression over ties, by channel and name."""
        return {channel: dict(fit.coefficients) for channel, fit in self._fitted().follow_ons.items()}

    def predict(self, X: Tables) -> pl.DataFrame:
        """Return the expected follow-ons of each tie in the horizon after the end of the tables.

        Returns
        -------
        polars.DataFrame
            ``influencer``, ``listener``, ``rate``: over both channels; in the order of the ids.
        """
        rate = self._fitted()
        ledger, cut = self._ledger(X)
        if cut is None:
            raise UsageError("nothing carries a date, so there is no moment to predict at")
        by_channel = rate.rates(ledger, cut, rate.expected_acts(ledger, cut))
        ids = ledger.history.ids
        total = np.sum(list(by_channel.values()), axis=0)
        return pl.DataFrame(
            {"influencer": ids.ids(ledger.influencer), "listener": ids.ids(ledger.listener), "rate": total}
        )

    def _fitted(self) -> LearnedRate:
        if not hasattr(self, "rate_"):
            raise UsageError("this TieRate is not fitted yet; call fit first")
        return self.rate_

    def _ledger(self, tables: Tables) -> tuple[Ledger, int | None]:
        settings = Settings(**self.get_params())
        history = History.from_tables(suppress(merge_identities(tables)), settings)
        cut = None if history.newest is None else history.newest + 1
        return Ledger.of(history if cut is None else history.before(cut), settings), cut


_PARAMETERS = ("horizon_days", "window_days", "recent_days", "fresh_days", "fit_cuts")
