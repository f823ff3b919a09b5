"""Independent slow versions of every measure: plain Python and dense numpy, nothing of the package.

People are numbered 0 … n - 1. A matrix M has M[u, v] for the edge u → v, "u influenced v". Ties are a mapping
``(influencer, listener) -> time from which it is known``, ``UNDATED`` where that is unknown. Acts are rows
``(actor, item, time)``, one for each actor and item; times are whole microseconds.
"""

from __future__ import annotations

import math
from collections import defaultdict

import numpy as np

DAY = 86_400_000_000
UNDATED = -(2**63)
HALF_YEAR = 15_778_800_000_000  # 182.625 days


# graphs


def dense(n, source, target, weight=None):
    """Return the matrix of summed weights, M[source, target]."""
    matrix = np.zeros((n, n))
    for place, (u, v) in enumerate(zip(source, target, strict=True)):
        matrix[u, v] += 1.0 if weight is None else weight[place]
    return matrix


def merged(source, target, weight, how):
    """Return {(source, target): weight} with parallel edges merged by "sum", "max", "min" or "count"."""
    parallel = defaultdict(list)
    for u, v, w in zip(source, target, weight, strict=True):
        parallel[u, v].append(w)
    merge = {"sum": math.fsum, "max": max, "min": min, "count": len}[how]
    return {edge: merge(values) for edge, values in parallel.items()}


def pagerank(matrix, alpha=0.85, restart=None):
    """Solve x = α (Pᵀ x + (Σ_dangling x) r) + (1 − α) r with P the rows of the matrix scaled to add up to 1."""
    n = len(matrix)
    r = np.full(n, 1.0 / n) if restart is None else np.asarray(restart, float) / np.sum(restart)
    moves = np.empty((n, n))
    for u in range(n):
        total = matrix[u].sum()
        moves[u] = matrix[u] / total if total > 0 else r
    return np.linalg.solve(np.eye(n) - alpha * moves.T, (1.0 - alpha) * r)


def hubbell(matrix, own):
    """Return gross value g = (I − W)⁻¹ c."""
    return np.linalg.solve(np.eye(len(own)) - matrix, np.asarray(own, float))


def conserved(matrix, own):
    """Return (1 − Σ_k W_ku) g_u."""
    return (1.0 - matrix.sum(axis=0)) * hubbell(matrix, own)


# follow-ons


def follow_ons(acts, ties, window):
    """Return every follow-on as (influencer, listener, item, time, credit), ascending in time, item and influencer.

    v's act at t follows u if v listens to u, the tie was known before t, and u acted on the same item at a time in
    [t − window, t). The credit of one act is split equally among those it follows.
    """
    rows = []
    for v, item, now in acts:
        if now == UNDATED:
            continue
        followed = [
            u
            for u, other, earlier in acts
            if other == item and earlier != UNDATED and now - window <= earlier < now and ties.get((u, v), now) < now
        ]
        rows += [(u, v, item, now, 1.0 / len(followed)) for u in followed]
    return sorted(rows, key=lambda row: (row[3], row[2], row[0], row[1]))


def cohorts(acts, n, end):
    """Return the half-year of each person's median (the lower of two) act before ``end``, -1 without an act.

    Half-years count from the earliest act.
    """
    times = defaultdict(list)
    for actor, _, time in acts:
        if UNDATED < time < end:
            times[actor].append(time)
    if not times:
        return [-1] * n
    start = min(min(own) for own in times.values())
    found = []
    for person in range(n):
        own = sorted(times[person])
        found.append((own[(len(own) - 1) // 2] - start) // HALF_YEAR if own else -1)
    return found


def expected_by_chance(acts, ties, window, begin, end, n, cohort=None):
    """Return each person's expected credit, and the expected number of exposed acts, if ties were dealt anew.

    Of the ties known before ``end``, k_us come from u into cohort s, m_s go into s, and v has h_v. An act of v (in s)
    is exposed with chance 1 − (1 − Σ_u k_us / m_s)^h_v over the u who acted on the item in the window before; the
    credit falls in proportion to k_us.
    """
    cohort = cohorts(acts, n, end) if cohort is None else cohort
    known = [tie for tie, since in ties.items() if since < end]
    expected, total = [0.0] * n, 0.0
    for v, item, now in acts:
        if now == UNDATED or not begin <= now < end or cohort[v] < 0:
            continue
        into = [u for u, w in known if cohort[w] == cohort[v]]
        heard = sum(w == v for _, w in known)
        before = [
            u for u, other, earlier in acts if other == item and earlier != UNDATED and now - window <= earlier < now
        ]
        audience = {u: into.count(u) for u in before}
        if sum(audience.values()) == 0:
            continue
        share = min(1.0, sum(audience.values()) / len(into))
        chance = 1.0 - (1.0 - share) ** heard
        total += chance
        for u, count in audience.items():
            expected[u] += chance * count / sum(audience.values())
    return expected, total


def tracked_referrals(referrals, first_act, within):
    """Return {(referrer, referred)}: of each referred person the last referral before her first act and within a year.

    ``referrals`` are rows (referrer, referred, time); ``first_act`` maps who has acted to when, UNDATED where that is
    not known. Who has not acted does not count, unless nobody has. Who acted at an unknown moment counts with her last
    one, and an undated one is early enough. At one moment the largest referrer wins.
    """
    best = {}
    for referrer, referred, time in referrals:
        begun = first_act.get(referred)
        if begun is None:
            if first_act:
                continue
        elif begun != UNDATED and (time > begun or (time != UNDATED and begun - time > within)):
            continue
        best[referred] = max(best.get(referred, (UNDATED, -1)), (time, referrer))
    return {(referrer, referred) for referred, (_, referrer) in best.items()}


# the rule


def rule_evidence(credits, cut, half_life, weekly_cap):
    """Return {(tie, kind): evidence} from rows (tie, time, credit, kind), all before ``cut``.

    The credit of one tie in one week, counted back from the cut, saturates at ``weekly_cap`` (its kinds shrink alike);
    then it halves for every half-life of age. What carries no date has age 0 and shares one week.
    """
    weeks = defaultdict(list)
    for tie, time, credit, kind in credits:
        if time < cut:
            week = "undated" if time == UNDATED else (cut - 1 - time) // (7 * DAY)
            weeks[tie, week].append((time, credit, kind))
    evidence = defaultdict(float)
    for (tie, _), rows in weeks.items():
        total = sum(credit for _, credit, _ in rows)
        shrink = min(1.0, weekly_cap / total) if total > 0 else 1.0
        for time, credit, kind in rows:
            age = 0 if time == UNDATED else cut - time
            evidence[tie, kind] += shrink * credit * 0.5 ** (age / half_life)
    return dict(evidence)


def decayed_acts(times, cut, half_life):
    """Return Σ ½^(age / half-life) over one person's acts before ``cut``; an undated one has age 0."""
    return sum(0.5 ** ((0 if t == UNDATED else cut - t) / half_life) for t in times if t < cut)


def stock_to_rate(horizon, half_life):
    """Return the events in a horizon of a steady stream whose decayed stock is one."""
    return horizon * math.log(2.0) / half_life


# regression


def poisson_log_likelihood(design, outcome, offset, beta):
    """Return Σ y η − e^η with η = X β + offset."""
    total = 0.0
    for row, y, o in zip(design, outcome, offset, strict=True):
        eta = o + sum(x * b for x, b in zip(row, beta, strict=True))
        total += y * eta - math.exp(eta)
    return total


# rankings


def best_first(score):
    """Return positions by score, largest first, earlier positions first among equals."""
    return sorted(range(len(score)), key=lambda place: (-score[place], place))


def top(order, copies, k):
    """Return the first k of an ordering in which everybody stands as often as ``copies`` says."""
    return [person for person in order for _ in range(copies[person])][:k]


def top_sums(order, copies, gain, k):
    """Return Σ gain and Σ gain / log2(place + 1) over the first k places."""
    chosen = top(order, copies, k)
    return (
        math.fsum(gain[person] for person in chosen),
        math.fsum(gain[person] / math.log2(place + 1) for place, person in enumerate(chosen, start=1)),
    )


def share_of_best(score, gain, k, copies=None):
    """Return the gain of the top k by score relative to the largest gain of any k; NaN without gain."""
    copies = [1] * len(score) if copies is None else copies
    ideal = top_sums(best_first(gain), copies, gain, k)[0]
    return top_sums(best_first(score), copies, gain, k)[0] / ideal if ideal > 0 else math.nan


def ndcg(score, gain, k, copies=None):
    """Return the discounted gain of the top k by score relative to the best possible; NaN without gain."""
    copies = [1] * len(score) if copies is None else copies
    ideal, ideal_discounted = top_sums(best_first(gain), copies, gain, k)
    return top_sums(best_first(score), copies, gain, k)[1] / ideal_discounted if ideal > 0 else math.nan


def average_ranks(values):
    """Return ranks from 1, the mean rank among equals."""
    return [sum(y < x for y in values) + (sum(y == x for y in values) + 1) / 2 for x in values]


def spearman(one, other):
    """Return the correlation of average ranks; NaN where one of them is constant."""
    a, b = average_ranks(one), average_ranks(other)
    mean_a, mean_b = sum(a) / len(a), sum(b) / len(b)
    cov = sum((x - mean_a) * (y - mean_b) for x, y in zip(a, b, strict=True))
    var = sum((x - mean_a) ** 2 for x in a) * sum((y - mean_b) ** 2 for y in b)
    return cov / math.sqrt(var) if var > 0 else math.nan


def attribution(rates, acts, listener, kappa, prior):
    """Return W of each tie, κ λ / (m₀ + max(a_v, Σ_k |λ_kv|)), from the rate and the listener of each tie."""
    heard = defaultdict(float)
    for rate, v in zip(rates, listener, strict=True):
        heard[v] += abs(rate)
    return [kappa * rate / (prior + max(acts[v], heard[v])) for rate, v in zip(rates, listener, strict=True)]
