"""Who is who in a ranking: quadrants, hidden gems, steadiness, and where the survey and behaviour disagree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import polars as pl

from influence.graph.arrays import count_by
from influence.ties import History, Ledger
from influence.ties.history import DAY, UNDATED

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "NPS_GROUPS",
    "QUADRANTS",
    "SURVEY_GAPS",
    "active_weeks",
    "has_advocated",
    "hidden_gems",
    "high",
    "nps_groups",
    "quadrants",
    "segment_columns",
    "survey_gaps",
    "top_decile",
]

#: Names of the quadrants by code: own value is worth 2, network value 1.
QUADRANTS = ("Miser", "Advocate", "Affluent", "Champion")
#: Names of the answers to "how likely are you to recommend us", 0 to 10, by code.
NPS_GROUPS = ("none", "detractor", "passive", "promoter")
#: Names of the gaps between survey and behaviour by code; None where there is none.
SURVEY_GAPS = (None, "promoter without advocacy", "advocate without survey")

_WEEK = 7 * DAY
_PROMOTER, _PASSIVE, _HIGHEST = 9.0, 7.0, 10.0

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int8]
#: People as a mask of shape (n_people,), or as their numbers.
Listed = npt.NDArray[Any]


def high(values: Floats, listed: Listed) -> Bools:
    """Return who is above the median of the positive values among the listed, shape of ``values``.

    Nobody is where no value is positive, or all positive ones are equal: then nobody stands out.

    Examples
    --------
    >>> high(np.array([-1.0, 0.0, 1.0, 2.0, 9.0]), np.arange(5)).tolist()
    [False, False, False, False, True]
    """
    among = values[listed]
    positive = among[among > 0]
    if not positive.size:
        return np.zeros(values.shape, np.bool_)
    above: Bools = values > np.median(positive)
    return above


def top_decile(values: Floats, listed: Listed) -> Bools:
    """Return who is in the top decile of the positive values among the listed, shape of ``values``.

    She is if at most a tenth of the positive values, rounded up, are as high as hers. So equals are in or out
    together, and the decile is never larger than a tenth.

    Examples
    --------
    >>> top_decile(np.array([0.0, 1.0, 2.0, 3.0]), np.arange(4)).tolist()
    [False, False, False, True]
    >>> top_decile(np.array([3.0, 3.0]), np.arange(2)).tolist()
    [False, False]
    """
    among = values[listed]
    positive = np.sort(among[among > 0])
    as_high = positive.size - np.searchsorted(positive, values, side="left")
    inside: Bools = (values > 0) & (as_high <= -(-positive.size // 10))
    return inside


def quadrants(own: Floats, network: Floats, listed: Listed) -> Codes:
    """Return the quadrant of everybody by own and by network value, as a code of ``QUADRANTS``.

    Champions are high in both, Affluents in own value, Advocates in network value, Misers in neither; high is above
    the median of the positive values among the listed (see :func:`high`).

    Parameters
    ----------
    own, network : ndarray of float64, shape (n_people,)
    listed : ndarray
        Mask or numbers of the people among whom the medians are taken.

    References
    ----------
    Kumar, Petersen & Leone, "How Valuable Is Word of Mouth?", Harvard Business Review 85(10), 2007, who set lifetime
    value against referral value; network value takes the place of the latter here.

    Examples
    --------
    >>> codes = quadrants(np.array([9.0, 9.0, 1.0, 1.0]), np.array([6.0, 1.0, 5.0, 2.0]), np.arange(4))
    >>> [QUADRANTS[code] for code in codes]
    ['Champion', 'Affluent', 'Advocate', 'Miser']
    """
    codes: Codes = (2 * high(own, listed) + high(network, listed)).astype(np.int8)
    return codes


def hidden_gems(own: Floats, network: Floats, listed: Listed) -> Bools:
    """Return whose network value is in the top decile of the positive while her own value is not high.

    A list by spending misses her. Where all listed have the same own value, such as one person each, there is no
    spending to be hidden behind, and nobody is a gem.

    Parameters
    ----------
    own, network, listed
        As for :func:`quadrants`.
    """
    among = own[listed]
    if not among.size or among.min() == among.max():
        return np.zeros(own.shape, np.bool_)
    return top_decile(network, listed) & ~high(own, listed)


def active_weeks(ledger: Ledger, cut: int | None, horizon: int) -> npt.NDArray[np.int64]:
    """Return in how many weeks of the last horizon somebody followed an act of hers or reacted to her.

    Weeks are binned back from the cut. Loyalty is a series of acts, not one viral day: a thousand shares on one day
    are one week.

    Parameters
    ----------
    cut : int or None
        End of the last horizon, in microseconds; None, or no date anywhere, gives zeros.
    horizon : int
        Its length, in microseconds.

    Returns
    -------
    ndarray of int64, shape (n_people,)
    """
    if cut is None:
        return np.zeros(ledger.n_people, np.int64)
    credits = ledger.credits.between(max(cut - horizon, UNDATED + 1), cut)
    counted = credits.credit > 0
    week = (cut - 1 - credits.time[counted]) // _WEEK
    weeks = horizon // _WEEK + 1
    key = ledger.influencer[credits.tie[counted]] * weeks + week
    return count_by(np.unique(key) // weeks, ledger.n_people)


def has_advocated(ledger: Ledger) -> Bools:
    """Return whom anybody ever followed or reacted to, or who referred anybody, shape (n_people,).

    Followers alone do not count: they say who could hear her, not that she spoke.
    """
    done = np.zeros(ledger.n_people, np.bool_)
    done[ledger.influencer[ledger.credits.tie[ledger.credits.credit > 0]]] = True
    done[ledger.history.referrals.referrer] = True
    return done


def nps_groups(history: History) -> Codes:
    """Return the group of everybody's answer in the customers table, as a code of ``NPS_GROUPS``.

    Promoters answer 9 or 10, passives at least 7, detractors less; no answer, or one outside 0 to 10, is none.

    References
    ----------
    Reichheld, "The One Number You Need to Grow", Harvard Business Review 81(12), 2003.
    """
    codes = np.zeros(history.n_people, np.int8)
    customers = history.customers
    if customers is None or "nps" not in customers.columns:
        return codes
    answer = customers["nps"].cast(pl.Float64).fill_null(float("nan")).to_numpy()
    group = np.where(answer >= _PROMOTER, 3, np.where(answer >= _PASSIVE, 2, 1))
    group[~((answer >= 0) & (answer <= _HIGHEST))] = 0
    codes[history.ids.codes(customers["id"])] = group
    return codes


def survey_gaps(ledger: Ledger, network: Floats, listed: Listed) -> Codes:
    """Return where survey and behaviour disagree among the listed, as a code of ``SURVEY_GAPS``.

    A promoter without advocacy would recommend, and nobody ever followed or reacted to her and she referred nobody:
    ask her. An advocate without survey is in the top decile of network value and gave no answer: listen to her. Where
    nobody answered at all there was no survey to miss.

    Parameters
    ----------
    network : ndarray of float64, shape (n_people,)
    listed : ndarray
        Mask or numbers of the people who may have a gap.
    """
    group = nps_groups(ledger.history)
    gap = np.zeros(ledger.n_people, np.int8)
    if not group.any():
        return gap
    inside = np.zeros(ledger.n_people, np.bool_)
    inside[listed] = True
    gap[inside & (group == NPS_GROUPS.index("none")) & top_decile(network, listed)] = 2
    gap[inside & (group == NPS_GROUPS.index("promoter")) & ~has_advocated(ledger)] = 1
    return gap


def segment_columns(
    ledger: Ledger, own: Floats, network: Floats, listed: Listed, *, cut: int | None, horizon: int
) -> pl.DataFrame:
    """Return the columns of this module for everybody, one row for each person number.

    Parameters
    ----------
    own, network, listed
        As for :func:`quadrants`.
    cut, horizon
        As for :func:`active_weeks`.

    Returns
    -------
    polars.DataFrame
        ``quadrant``, ``hidden_gem``, ``active_weeks``, ``nps_group``, ``survey_gap``.
    """
    return pl.DataFrame(
        {
            "quadrant": _named(QUADRANTS, quadrants(own, network, listed)),
            "hidden_gem": hidden_gems(own, network, listed),
            "active_weeks": active_weeks(ledger, cut, horizon),
            "nps_group": _named(NPS_GROUPS, nps_groups(ledger.history)),
            "survey_gap": _named(SURVEY_GAPS, survey_gaps(ledger, network, listed)),
        }
    )


def _named(names: Sequence[str | None], codes: Codes) -> pl.Series:
    return pl.Series(names, dtype=pl.String).gather(codes.astype(np.uint32))
