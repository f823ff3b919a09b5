"""How many follow-ons chance alone would bring, and so the share κ beyond it."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from influence.graph.arrays import count_by
from influence.kernels.chance import expected_by_chance
from influence.kernels.csr import merge_pairs
from influence.ties.history import DAY, UNDATED
from influence.ties.ledger import ItemRows, Ledger, follow_on_rows

__all__ = ["Chance", "measure_chance", "shuffled_share"]

_HALF_YEAR = int(182.625 * DAY)

Floats = npt.NDArray[np.float64]


@dataclasses.dataclass(frozen=True, eq=False)
class Chance:
    """Follow-ons under the null that ties are dealt anew within cohorts.

    Attributes
    ----------
    expected : ndarray of float64, shape (n_people,)
        Credited follow-ons that chance would bring each influencer.
    exposed : int
        Acts that followed somebody listened to.
    exposed_by_chance : float
        Acts expected to do so under the null.
    """

    expected: Floats
    exposed: int
    exposed_by_chance: float

    @property
    def beyond(self) -> float:
        """Share of exposed acts beyond chance, κ_raw; 0 where nothing was exposed."""
        return 1.0 - self.exposed_by_chance / self.exposed if self.exposed else 0.0


def measure_chance(ledger: Ledger, begin: int, end: int) -> Chance:
    """Measure the null for the acts with begin <= time < end.

    The null keeps everybody's acts and everybody's number of ties, and deals the ties anew within cohorts of
    listeners (the half-year of the median act): people who were active at the same time meet the same items
    without influence, and ties within a cohort are common.

    Notes
    -----
    An act of v on item i is exposed with chance 1 − (1 − Σ_u k_us / m_s)^heard_v over those u who acted on i in the
    window before, with k_us the listeners of u in v's cohort s and m_s all ties into it. On ties that were dealt anew
    the share beyond chance is 0.03 (ciao, 20 draws); with 1 − e^(−heard_v Σ_u k_us / m_s), which takes a large audience
    in a small cohort for a small one, it is 0.05.
    """
    credits = ledger.credits.between(begin, end)
    # the credits of one exposed act add up to one
    exposed = round(float(credits.credit[credits.kind == 0].sum()))
    expected, total = _expected(ledger, ledger.items, begin, end)
    return Chance(expected, exposed, total)


def _expected(ledger: Ledger, items: ItemRows, begin: int, end: int) -> tuple[Floats, float]:
    n = ledger.n_people
    if not items.actor.size:
        return np.zeros(n), 0.0
    cohort = _cohorts(ledger, end)
    n_cohorts = max(1, int(cohort.max()) + 1)
    known = (ledger.known < end) & (cohort[ledger.listener] >= 0)
    influencer, listeners_cohort = ledger.influencer[known], cohort[ledger.listener[known]]
    offsets, cohorts, group = merge_pairs(influencer, listeners_cohort, max(n, n_cohorts))
    heard = count_by(ledger.listener[ledger.known < end], n).astype(np.int64)
    expected, total = expected_by_chance(
        items.offsets,
        items.actor,
        items.time,
        cohort,
        n_cohorts,
        heard,
        offsets,
        cohorts,
        count_by(group, cohorts.size).astype(np.float64),
        count_by(listeners_cohort, n_cohorts).astype(np.float64),
        int(ledger.settings.window_days * DAY),
        begin,
        end,
    )
    return np.maximum(expected, 0.0), float(total)


def _cohorts(ledger: Ledger, end: int) -> npt.NDArray[np.int32]:
    """Return the half-years of people's median acts on items before ``end``; -1 without an act."""
    acts = ledger.history.acts
    rows = (acts.time > UNDATED) & (acts.time < end) & (acts.item >= 0)
    actor, time = acts.actor[rows], acts.time[rows]
    cohort = np.full(ledger.n_people, -1, np.int32)
    if not actor.size:
        return cohort
    order = np.argsort(actor, kind="stable")  # times stay ascending within a person
    count = count_by(actor, ledger.n_people)
    first = np.cumsum(count) - count
    active = np.flatnonzero(count)
    median = time[order][first[active] + (count[active] - 1) // 2]
    cohort[active] = (median - time[0]) // _HALF_YEAR
    return cohort


def shuffled_share(ledger: Ledger, begin: int, end: int, seed: int) -> float | None:
    """Return κ_raw after the times of acts were shuffled within their items: what order alone carries.

    None where nothing is exposed after the shuffle.
    """
    acts = ledger.history.acts
    rng = np.random.default_rng(seed)
    by_item = np.argsort(acts.item, kind="stable")
    dealt = np.lexsort((rng.random(acts.item.size), acts.item))
    time = acts.time.copy()
    time[by_item] = acts.time[dealt]
    items = ItemRows.of(acts, ledger.n_people, time)
    _, act, credit = follow_on_rows(items, ledger.ties, ledger.known, ledger.settings)
    when = items.time[act]
    exposed = round(float(credit[(when >= begin) & (when < end)].sum()))
    _, total = _expected(ledger, items, begin, end)
    return 1.0 - total / exposed if exposed else None
