"""Follow-ons expected by chance: ties dealt anew, everybody's acts as they were."""

import numpy as np

from influence.kernels._jit import jit

__all__ = ["expected_by_chance"]


@jit
def expected_by_chance(
    item_offsets,
    actor,
    time,
    cohort,
    n_cohorts,
    heard,
    audience_offsets,
    audience_cohort,
    audience_count,
    ties_of,
    window,
    begin,
    end,
):
    """Return expected follow-on credit of each person, and the expected number of exposed acts.

    ===============  =======  ==========================================================
    item_offsets     int64    (items + 1,) acts grouped by item, ascending in time
    actor, time      int32, int64  (acts,)
    cohort           int32    (n,) cohort of each person, -1 without an act
    heard            int64    (n,) people that each person listens to
    audience_*                rows of (cohort, number of listeners there) for each person
    ties_of          float64  (cohorts,) ties into each cohort
    window           int64    an act is followed at most this long
    begin, end       int64    acts with begin <= time < end are counted
    ===============  =======  ==========================================================

    For an act of v on an item, share = sum over the window's actors of (listeners in v's cohort / ties into that
    cohort); the act is exposed with chance 1 - (1 - share) ** heard_v, and its credit falls in proportion to those
    audiences. Running sums per cohort make the cost linear in acts, however popular an item is: `weight[s]` is
    the audience in the window, `paid[s]` what one listener in s has earned so far on this item.
    """
    n = heard.shape[0]
    expected = np.zeros(n, np.float64)
    weight = np.zeros(n_cohorts, np.float64)
    paid = np.zeros(n_cohorts, np.float64)
    total = 0.0
    for i in range(item_offsets.shape[0] - 1):
        first = item_offsets[i]
        last = item_offsets[i + 1]
        low = first
        high = first
        for j in range(first, last):
            now = time[j]
            if now >= end:
                break
            while high < last and time[high] < now:
                u = actor[high]
                for q in range(audience_offsets[u], audience_offsets[u + 1]):
                    s = audience_cohort[q]
                    weight[s] += audience_count[q]
                    expected[u] -= audience_count[q] * paid[s]
                high += 1
            while low < high and time[low] < now - window:
                u = actor[low]
                for q in range(audience_offsets[u], audience_offsets[u + 1]):
                    s = audience_cohort[q]
                    weight[s] -= audience_count[q]
                    expected[u] += audience_count[q] * paid[s]
                low += 1
            if now < begin:
                continue
            v = actor[j]
            s = cohort[v]
            if s < 0 or weight[s] <= 0.0:
                continue
            chance = 1.0 - (1.0 - min(1.0, weight[s] / ties_of[s])) ** heard[v]
            total += chance
            paid[s] += chance / weight[s]
        for k in range(low, high):
            u = actor[k]
            for q in range(audience_offsets[u], audience_offsets[u + 1]):
                s = audience_cohort[q]
                weight[s] -= audience_count[q]
                expected[u] += audience_count[q] * paid[s]
        if high > first:
            paid[:] = 0.0
    return expected, total
