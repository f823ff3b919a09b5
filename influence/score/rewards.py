"""What to offer somebody instead of money: a rule of thumb by what she lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from influence.score.segments import high

if TYPE_CHECKING:
    from influence.score.segments import Bools, Floats, Listed

__all__ = ["REWARDS", "suggested_rewards"]

#: Words of each suggestion by code.
REWARDS = {
    "reputation": "give her a badge, or feature her",
    "affiliation": "invite her to the community council",
    "access": "early products, and a line to the experts",
}


def suggested_rewards(frame: pl.DataFrame, listed: Listed) -> pl.Series:
    """Suggest a reward that is not cash for each row, as ``code: words``; null where there is none to suggest.

    A rule of thumb, not a finding: the three are things that people in a community may lack, and the first that fits
    is suggested. High is above the median of the positive values among the listed.

    - *reputation*: many followed an act of hers or reacted to her, yet few follow her: high in people influenced, not
      in followers. People share what they know where it builds their standing [1]_. Only where anybody has followers.
    - *affiliation*: high in network value, and she listens back to few who listen to her: reciprocity 0, or below
      the median of the listed who have listeners. To belong is one of the three needs of self-determination [2]_.
    - *access*: high in own value but not in network value (an Affluent, who could be asked to speak once she has
      something to tell), or high in network value and lacking neither of the others. Lead users know early what
      others will want [3]_.

    Nobody is suggested one whose network value is negative, or who has a reason code of trust: look there first.
    Rewards are not cash since tangible rewards that are expected wear out the wish to do a thing for itself, and
    praise does not [4]_; which rewards are worth their cost is a question for an experiment, as the value of
    engagement is more than purchases [5]_.

    Parameters
    ----------
    frame : polars.DataFrame
        The columns ``network_value``, ``own_value``, ``people_influenced``, ``followers`` and ``reciprocity`` of a
        ranking, and ``trust_codes`` where there is one.
    listed : ndarray
        Mask or numbers of the rows among which medians are taken.

    References
    ----------
    .. [1] Wasko & Faraj, "Why Should I Share?", MIS Quarterly 29(1), 2005.
    .. [2] Ryan & Deci, "Self-Determination Theory and the Facilitation of Intrinsic Motivation, Social Development,
       and Well-Being", American Psychologist 55(1), 2000.
    .. [3] von Hippel, "Lead Users: A Source of Novel Product Concepts", Management Science 32(7), 1986.
    .. [4] Deci, Koestner & Ryan, "A Meta-Analytic Review of Experiments Examining the Effects of Extrinsic Rewards on
       Intrinsic Motivation", Psychological Bulletin 125(6), 1999.
    .. [5] Kumar et al., "Undervalued or Overvalued Customers", Journal of Service Research 13(3), 2010.

    Examples
    --------
    >>> frame = pl.DataFrame(
    ...     {
    ...         "network_value": [90.0, 80.0, 2.0, 1.0],
    ...         "own_value": [1.0, 1.0, 1.0, 70.0],
    ...         "people_influenced": [9, 1, 1, 0],
    ...         "followers": [0, 5, 3, 1],
    ...         "reciprocity": [0.5, 0.0, 1.0, None],
    ...     }
    ... )
    >>> [text and text.partition(":")[0] for text in suggested_rewards(frame, np.arange(4))]
    ['reputation', 'affiliation', None, 'access']
    """

    def values(name: str) -> Floats:
        array: Floats = frame[name].cast(pl.Float64).fill_null(float("nan")).to_numpy()
        return array

    network, followers = values("network_value"), values("followers")
    strong, spends = high(network, listed), high(values("own_value"), listed)
    heard = high(values("people_influenced"), listed)
    known = bool((followers[listed] > 0).any())
    lacking = {
        "reputation": heard & ~high(followers, listed) & (network > 0) & known,
        "affiliation": strong & _aloof(values("reciprocity"), listed),
        "access": strong | spends,
    }
    held_back = network < 0
    if "trust_codes" in frame.columns:
        held_back |= (frame["trust_codes"].fill_null("") != "").to_numpy()
    code = np.full(frame.height, len(REWARDS))
    for number, name in reversed(list(enumerate(REWARDS))):
        code[lacking[name] & ~held_back] = number
    words = [f"{name}: {text}" for name, text in REWARDS.items()]
    return pl.Series("suggested_reward", [*words, None], dtype=pl.String).gather(code)


def _aloof(reciprocity: Floats, listed: Listed) -> Bools:
    """Return who listens back to nobody, or to fewer than the median person with listeners."""
    among = reciprocity[listed]
    among = among[~np.isnan(among)]
    aloof: Bools = (reciprocity <= 0) | (reciprocity < (np.median(among) if among.size else 0.0))
    return aloof
