"""Who there is: attention, activity, latent groups, and the parts that people play."""

from __future__ import annotations

import dataclasses

import numpy as np

from influence.datasets.community.plan import Plan
from influence.datasets.community.streams import DAY, Floats, Ints, Mask, draw, stream

__all__ = ["Groups", "People", "make_people"]

#: Where in the shuffled members each part is taken from, so that no part moves another.
_PLACES = {
    "bribed": (0.0, 0.15),
    "detractors": (0.15, 0.4),
    "farms": (0.4, 0.7),
    "referral_rings": (0.7, 0.9),
    "self_referrals": (0.9, 1.0),
}
_GROWING = 2


class Groups:
    """Weights laid out group by group, to draw from all or from within one group.

    Parameters
    ----------
    weights, group : ndarray, shape (n,)
        Weight and group of each thing that can be drawn.
    n_groups : int
    """

    def __init__(self, weights: Floats, group: Ints, n_groups: int) -> None:
        self._order = np.argsort(group, kind="stable")
        self._total = np.concatenate([[0.0], np.cumsum(weights[self._order])])
        self._begin = np.searchsorted(group[self._order], np.arange(n_groups + 1))

    def draw(self, rng: np.random.Generator, group: Ints, share: float) -> tuple[Ints, Mask]:
        """Return one index for each entry of ``group``, with chance ``share`` from that group, and where it is."""
        begin, end = self._begin[group], self._begin[group + 1]
        within = (rng.random(len(group)) < share) & (end > begin)
        begin = np.where(within, begin, 0)
        end = np.where(within, end, len(self._order))
        low, high = self._total[begin], self._total[end]
        place = np.searchsorted(self._total, low + (high - low) * rng.random(len(group)), side="right") - 1
        return self._order[np.clip(place, begin, end - 1)], within


@dataclasses.dataclass(frozen=True, eq=False)
class People:
    """Members are numbered from 0, guests come after them; times are seconds since the start."""

    #: How much people look at them, and how much they do; shape (n_all,).
    attention: Floats
    activity: Floats
    joined: Floats
    #: Latent group of each.
    group: Ints
    n_groups: int
    #: Planted influencers, ascending, and the chance that a follower picks up what they act on.
    planted: Ints
    strength: Floats
    bribed: Ints
    detractors: Ints
    #: Those of the detractors against whom voices grow.
    growing: Ints
    #: Members of each ring.
    farms: tuple[Ints, ...]
    referral_rings: tuple[Ints, ...]
    self_referrers: Ints

    def marked(self, who: Ints) -> Mask:
        """Return a mask over everybody."""
        mask = np.zeros(len(self.attention), np.bool_)
        mask[who] = True
        return mask


def make_people(plan: Plan) -> People:
    """Draw the people."""
    rng = stream(plan.seed, "people")
    attention = rng.lognormal(0.0, 1.3, plan.n_all)
    activity = rng.lognormal(0.0, 1.0, plan.n_all)
    begun = 0.6 * plan.span * rng.random(plan.n_all) ** 2
    if plan.joined is not None:
        begun[: plan.n_people] = DAY * plan.joined

    rng = stream(plan.seed, "planted")
    # with chances that grow slowly with attention; fewer influencers are the first of more
    planted = np.sort(_race(rng, attention[: plan.n_people] ** 0.75)[: plan.n_influencers])
    strength = plan.pull * rng.uniform(0.5, 1.5, plan.n_people)[planted]
    activity[planted] = np.maximum(activity[planted], activity.mean())

    rng = stream(plan.seed, "groups")
    n_groups = max(1, round(plan.n_all / plan.group_size))
    group = draw(rng, rng.lognormal(0.0, 0.5, n_groups), plan.n_all)

    rng = stream(plan.seed, "parts")
    others = rng.permutation(plan.n_people)
    others = others[~np.isin(others, planted)]
    place = {
        part: others[round(low * len(others)) : round(high * len(others))] for part, (low, high) in _PLACES.items()
    }
    loud = place["detractors"]
    loud = loud[_race(stream(plan.seed, "detractors"), attention[loud])]
    detractors = loud[: plan.members(plan.detractors)]
    return People(
        attention=attention,
        activity=activity,
        joined=begun,
        group=group,
        n_groups=n_groups,
        planted=planted,
        strength=strength,
        bribed=place["bribed"][: plan.members(plan.bribed)],
        detractors=detractors,
        growing=detractors[:_GROWING],
        farms=_rings(stream(plan.seed, "farms"), place["farms"][: plan.members(plan.farms)], 4, 8),
        referral_rings=_rings(
            stream(plan.seed, "referral rings"), place["referral_rings"][: plan.members(plan.referral_rings)], 3, 4
        ),
        self_referrers=place["self_referrals"][: plan.members(plan.self_referrals)],
    )


def _race(rng: np.random.Generator, weights: Floats) -> Ints:
    """Return all indices in the order of draws without replacement in proportion to ``weights``.

    References
    ----------
    Efraimidis, P. S. and Spirakis, P. G., "Weighted random sampling with a reservoir", Information Processing
    Letters 97 (2006).
    """
    return np.argsort(rng.exponential(size=len(weights)) / weights, kind="stable")


def _rings(rng: np.random.Generator, members: Ints, least: int, most: int) -> tuple[Ints, ...]:
    """Cut members into rings of ``least`` to ``most``; a rest that is too small joins the last ring or is left."""
    if len(members) < least:
        return ()
    ends = np.cumsum(rng.integers(least, most + 1, size=len(members) // least + 1))
    cuts = [int(end) for end in ends if end <= len(members) - least]
    return tuple(np.split(members, cuts)) if cuts else (members,)
