"""Lifetime value of a million simulated customers, beside the package lifetimes.

python benchmarks/lifetime.py [--customers 1000000] [--peer-customers 1000000] [--seed 1]
"""

from __future__ import annotations

import argparse
import importlib.metadata
import resource
import time
import warnings
from collections.abc import Callable
from typing import TypeVar

import numpy as np
from common import machine, markdown

from influence.value.bgnbd import BetaGeo, fit_bgnbd
from influence.value.gamma_gamma import GammaGamma, fit_gamma_gamma
from influence.value.lifetime import fit_lifetime
from influence.value.mbgnbd import fit_mbgnbd
from influence.value.rfm import DAY, RFM, WEEK

T = TypeVar("T")

#: What is drawn from, in weeks and in a currency.
PURCHASES = BetaGeo(0.8, 10.0, 0.8, 2.5)
SPEND = GammaGamma(6.25, 3.74, 15.44)
DAYS = 365


def simulate(n: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw customers who join all through a year: customer, time and amount of each purchase until its end."""
    rng = np.random.default_rng(seed)
    end = float(DAYS * DAY)
    rate = rng.gamma(PURCHASES.r, 1.0 / (PURCHASES.alpha * WEEK), n)
    leave = rng.beta(PURCHASES.a, PURCHASES.b, n)
    who = np.arange(n)
    now = rng.random(n) * end
    customers, times = [who], [now]
    while who.size:
        with np.errstate(divide="ignore", over="ignore"):
            now = now + rng.exponential(size=who.size) / rate[who]
        inside = now < end
        who, now = who[inside], now[inside]
        customers.append(who)
        times.append(now)
        stays = rng.random(who.size) >= leave[who]
        who, now = who[stays], now[stays]
    customer = np.concatenate(customers).astype(np.int32)
    level = rng.gamma(SPEND.q, 1.0 / SPEND.gamma, n)
    amount = np.round(rng.gamma(SPEND.p, 1.0 / level[customer]), 2)
    return customer, np.concatenate(times).astype(np.int64), amount


def exact_histories(customer: np.ndarray, when: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return x, t_x and T to the microsecond: what the draws are recovered from when no two purchases share a day."""
    first, last = np.full(n, np.iinfo(np.int64).max), np.zeros(n, np.int64)
    np.minimum.at(first, customer, when)
    np.maximum.at(last, customer, when)
    return np.bincount(customer, minlength=n) - 1.0, (last - first) / WEEK, (DAYS * DAY - first) / WEEK


def best_of(function: Callable[[], T], rounds: int = 3) -> tuple[float, T]:
    """Return the shortest wall time of some rounds, and the last result."""
    seconds = []
    for _ in range(rounds):
        start = time.perf_counter()
        result = function()
        seconds.append(time.perf_counter() - start)
    return min(seconds), result


def parameters(*values: float) -> str:
    return ", ".join(f"{value:.4f}" for value in values)


def ours(n: int, seed: int) -> list[list[str]]:
    customer, when, amount = simulate(n, seed)
    end = DAYS * DAY
    rows = []

    def row(what: str, seconds: float, found: str) -> None:
        rows.append(["influence", f"{n:,}", what, f"{seconds:.2f}", found])

    seconds, rfm = best_of(lambda: RFM.of(customer, when, amount, n, end))
    row(f"recency, frequency, value of {customer.size:,} purchases", seconds, "")
    history = rfm.frequency, rfm.recency, rfm.age
    seconds, bg = best_of(lambda: fit_bgnbd(*history))
    row("fit BG/NBD: r, α, a, b", seconds, parameters(bg.r, bg.alpha, bg.a, bg.b))
    exact = exact_histories(customer, when, n)
    seconds, fine = best_of(lambda: fit_bgnbd(*exact))
    row("the same, to the microsecond", seconds, parameters(fine.r, fine.alpha, fine.a, fine.b))
    seconds, mbg = best_of(lambda: fit_mbgnbd(*history))
    row("fit MBG/NBD: r, α, a, b", seconds, parameters(mbg.r, mbg.alpha, mbg.a, mbg.b))
    seconds, spend = best_of(lambda: fit_gamma_gamma(rfm.n_valued, rfm.monetary))
    row("fit Gamma-Gamma: p, q, γ", seconds, parameters(spend.p, spend.q, spend.gamma))
    seconds, _ = best_of(lambda: bg.expected_purchases(39.0, *history))
    row("expected purchases in 39 weeks", seconds, "")
    seconds, life = best_of(lambda: fit_lifetime(customer, when, amount, None, n, end))
    row("all: from purchases to CLV, both models", seconds, f"{life.model}, mean CLV {float(np.mean(life.clv)):.4f}")
    return rows


def peers(n: int, seed: int) -> list[list[str]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pandas as pd
        from lifetimes import BetaGeoFitter, GammaGammaFitter, ModifiedBetaGeoFitter

        customer, when, amount = simulate(n, seed)
        rfm = RFM.of(customer, when, amount, n, DAYS * DAY)
        history = [pd.Series(column) for column in (rfm.frequency, rfm.recency, rfm.age)]
        valued = rfm.n_valued > 0
        rows = []

        def row(what: str, seconds: float, found: str) -> None:
            rows.append(["lifetimes", f"{n:,}", what, f"{seconds:.2f}", found])

        seconds, bg = best_of(lambda: BetaGeoFitter().fit(*history), 1)
        row("fit BG/NBD: r, α, a, b", seconds, parameters(*bg.params_))
        seconds, mbg = best_of(lambda: ModifiedBetaGeoFitter().fit(*history), 1)
        row("fit MBG/NBD: r, α, a, b", seconds, parameters(*mbg.params_))
        spent = [pd.Series(column[valued]) for column in (rfm.n_valued, rfm.monetary)]
        seconds, spend = best_of(lambda: GammaGammaFitter().fit(*spent), 1)
        row("fit Gamma-Gamma: p, q, γ", seconds, parameters(*spend.params_))
        seconds, _ = best_of(lambda: bg.conditional_expected_number_of_purchases_up_to_time(39.0, *history), 1)
        row("expected purchases in 39 weeks", seconds, "")
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--peer-customers", type=int, default=1_000_000, help="0 leaves lifetimes out")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    names = ("scipy", "lifetimes", "pandas") if options.peer_customers else ("scipy",)
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in names)
    print(f"{machine()}, {versions}")
    print(
        f"\nDrawn from r, α, a, b = {parameters(PURCHASES.r, PURCHASES.alpha, PURCHASES.a, PURCHASES.b)} (weeks) and "
        f"p, q, γ = {parameters(SPEND.p, SPEND.q, SPEND.gamma)}; seconds are the best of 3 (lifetimes: 1). "
        "Purchases of one day count as one, which bends the parameters a little; to the microsecond they do not.\n"
    )
    sizes = dict.fromkeys((options.customers, options.peer_customers or options.customers))
    rows = [row for n in sizes for row in ours(n, options.seed)]
    if options.peer_customers:
        rows += peers(options.peer_customers, options.seed)
    print(markdown(["package", "customers", "what", "s", "found"], rows))
    print(f"\nPeak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB")


if __name__ == "__main__":
    main()
