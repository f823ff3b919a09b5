"""Purchases for the tests of lifetime value: CDNOW's, simulated ones, and the peer library."""

import datetime as dt
import warnings

import numpy as np
import pytest

from influence.datasets import cdnow_sample

DAY = 86_400_000_000
N_CDNOW = 2_357


def moment(year, month, day):
    return int(dt.datetime(year, month, day, tzinfo=dt.UTC).timestamp()) * 1_000_000


#: The first moment after the calibration of 39 weeks, and after the holdout of another 39.
CALIBRATED = moment(1997, 10, 1)
HELD_OUT = moment(1998, 7, 1)


def cdnow():
    """Return customer, time, amount of CDNOW's sample."""
    rows = cdnow_sample()
    return (
        (rows["customer"].to_numpy() - 1).astype(np.int32),
        rows["date"].to_physical().to_numpy().astype(np.int64) * DAY,
        rows["amount_usd"].to_numpy(),
    )


def simulate(parameters, ages, ahead, seed, early):
    """Draw customers one by one as the models tell it: x, t_x, and purchases in the time ``ahead`` after each age.

    ``early``: whether a customer can leave right after her first purchase (MBG/NBD) or only after a repeat.
    """
    r, alpha, a, b = parameters
    rng = np.random.default_rng(seed)
    histories = []
    for age in ages:
        rate, leave = rng.gamma(r, 1.0 / alpha), rng.beta(a, b)
        x, last, later, now = 0, 0.0, 0, 0.0
        alive = not (early and rng.random() < leave)
        while alive:
            now += rng.exponential(1.0 / rate) if rate > 1e-290 else np.inf
            if now > age + ahead:
                break
            if now <= age:
                x, last = x + 1, now
            else:
                later += 1
            alive = rng.random() >= leave
        histories.append((x, last, later))
    x, last, later = np.array(histories).T
    return x.astype(np.float64), last.astype(np.float64), later.astype(np.float64)


def peer():
    """Return the package ``lifetimes``, an unmaintained but right peer, or skip."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it sets an option that pandas 3 deprecates
        try:
            import lifetimes
        except Exception as error:
            pytest.skip(f"lifetimes cannot be imported with these versions of pandas and numpy: {error!r}")
    return lifetimes


def fit_peer(name, *columns):
    """Fit a model of ``lifetimes`` by name."""
    import pandas as pd

    fitter = getattr(peer(), name)()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return fitter.fit(*(pd.Series(column) for column in columns))
