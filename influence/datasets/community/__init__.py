"""A generated customer community in which it is known who influences whom, and who only seems to.

Everything here is synthetic. What the generator plants, and a ranking should find or see through:

* **Planted influencers**: members whose followers pick up the same item 1 to 60 days later, beyond chance.
  They are drawn with chances that grow slowly with attention, and with nothing else: not with what they buy,
  and an audience alone does not give them away.
* **Attention** is heavy-tailed: a few people are followed by very many, most of them for no influence at all;
  those are mostly liked, while planted influencers are mostly answered, shared and mentioned.
* **Popularity**: everyone picks up popular items, soonest after their release, so that two people often act on
  the same item within weeks by chance.
* **Homophily**: most ties lie within latent groups, and each group likes items of its own in the same weeks, so that
  people who are tied act alike without influence.
* **Bribed posters** look busy and get many reactions, nearly all of them incentivised; they pull nobody.
* **Rings**: reply farms, whose few members react to each other in bursts and whom hardly anybody else looks at;
  circles of referrals; and people who refer themselves under a second handle.
* **Honest referrals** in generations, each before the first act of whom it brought.
* **Detractors**, whose audience speaks against the brand; of two of them ever more lately.
* **Several handles** of one person on different channels, and the table that tells whose they are.

Each part draws from a stream of its own: a part that is turned off leaves the rows of the others as they are.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import numpy.typing as npt

from influence.datasets.community.build import Community, Truth, build
from influence.datasets.community.plan import Plan

__all__ = ["Community", "Truth", "synthetic_community"]


def synthetic_community(
    n_people: int = 2_000,
    n_influencers: int = 60,
    *,
    seed: int = 0,
    start: dt.date = dt.date(1997, 1, 1),
    end: dt.date = dt.date(1998, 6, 30),
    n_guests: int = 0,
    n_items: int = 1_000,
    follows_per_person: float = 10.0,
    interactions_per_person: float = 6.0,
    acts_per_person: float = 8.0,
    pull: float = 0.15,
    group_size: int = 100,
    homophily: float = 0.5,
    taste: float = 0.3,
    bribed: float = 0.005,
    farms: float = 0.01,
    referrals: float = 0.05,
    referral_rings: float = 0.005,
    self_referrals: float = 0.0025,
    detractors: float = 0.005,
    sentiment: float = 0.4,
    duplicates: float = 0.03,
    nps: float = 0.3,
    vetted: float = 0.02,
    transactions: bool = False,
    joined: npt.ArrayLike | None = None,
    merged: bool = False,
) -> Community:
    """Return a generated community, the same for the same arguments.

    Shares are of members, and rounded; 0 leaves a part out. Whoever plays a part plays one only, so that where nearly
    everybody is planted the other parts are smaller than asked for.

    Parameters
    ----------
    n_people
        Members: they follow, react and act.
    n_influencers
        How many of the members are planted.
    seed
        0 or more; every draw hangs on it.
    start, end
        First and last day; no time lies outside them.
    n_guests
        People who follow and react but never act.
    n_items
        Items that there are to act on.
    follows_per_person, interactions_per_person
        Rows of the two tables per person, guests included, before the other parts add theirs. Repeated draws of a
        pair are one follow, so a very small community has fewer follows than asked for.
    acts_per_person
        Acts by chance per member; the follow-ons come on top, and repeated draws of an item are one act.
    pull
        Mean chance that a follower picks up an item on which a planted influencer has acted; each influencer
        has her own, between half and one and a half times this. 0 plants nothing.
    group_size
        Mean size of a latent group.
    homophily
        Share of follows, and of referrals, that are looked for within the group only.
    taste
        Share of acts on items of the group's own, within days of their release.
    bribed, detractors
        Shares of bribed posters and of detractors.
    farms, referral_rings, self_referrals
        Shares of members of reply farms (4 to 8 each or a few more), of referral rings (3 or 4), and of those who
        refer themselves.
    referrals
        Share of members who were honestly referred.
    sentiment
        Share of reactions that carry a sentiment.
    duplicates
        Share of members with handles of their own on one to three channels.
    nps, vetted
        Share of members who answered the survey, and of those who are vetted; no bribed poster and no member of a
        ring is.
    transactions
        Whether members buy: BG/NBD and Gamma-Gamma with what was fitted to CDNOW's sample.
    joined
        Days from the start on which each member joined, shape (n_people,); by default most join early.
    merged
        Write the member's id in place of every handle, as if identities had been merged.

    Returns
    -------
    Community
        Integer ids, times in UTC at whole seconds, each table sorted by time and then by id.

    Raises
    ------
    UsageError
        An argument cannot be used.

    Examples
    --------
    >>> small = synthetic_community(200, 6, seed=1)
    >>> len(small.truth.planted)
    6
    >>> small.actions.columns
    ['customer', 'item', 'timestamp']
    """
    return build(
        Plan(
            n_people=n_people,
            n_influencers=n_influencers,
            seed=seed,
            start=start,
            end=end,
            n_guests=n_guests,
            n_items=n_items,
            follows_per_person=follows_per_person,
            interactions_per_person=interactions_per_person,
            acts_per_person=acts_per_person,
            pull=pull,
            group_size=group_size,
            homophily=homophily,
            taste=taste,
            bribed=bribed,
            farms=farms,
            referrals=referrals,
            referral_rings=referral_rings,
            self_referrals=self_referrals,
            detractors=detractors,
            sentiment=sentiment,
            duplicates=duplicates,
            nps=nps,
            vetted=vetted,
            transactions=transactions,
            merged=merged,
            joined=None if joined is None else np.asarray(joined, dtype=np.float64),
        )
    )
