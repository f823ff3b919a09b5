"""Who reacts to whom: along follows, a few of strangers; what channel, what mood, and what for."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from influence.datasets.community.follows import Follows
from influence.datasets.community.people import People
from influence.datasets.community.plan import Plan
from influence.datasets.community.streams import Floats, Ints, Mask, draw, stream

__all__ = ["CHANNELS", "REFERRAL", "TO_OTHERS", "TO_PLANTED", "TYPES", "Events", "drawn_reactions", "kinds", "told"]

TYPES = ("like", "reply", "share", "mention", "answer", "referral")
REFERRAL = TYPES.index("referral")
#: Shares of the types in which people react: to a planted influencer, and to anybody else.
TO_PLANTED = (0.25, 0.30, 0.20, 0.10, 0.15)
TO_OTHERS = (0.70, 0.12, 0.08, 0.07, 0.03)

CHANNELS = ("forum", "social", "email", "store")
_TALK = (0.45, 0.40, 0.10, 0.05)
_STRANGE = 0.1
#: Share of honest reactions to a campaign of the company's.
_CAMPAIGN = 0.01


@dataclasses.dataclass(frozen=True, eq=False)
class Events:
    """``source`` reacted to ``target``, or brought her; ``kind`` and ``channel`` are numbers of their names."""

    source: Ints
    target: Ints
    kind: npt.NDArray[np.int8]
    time: Floats
    channel: npt.NDArray[np.int8]
    #: Towards the brand; nan where nothing is known.
    sentiment: Floats
    incentivised: Mask

    def __len__(self) -> int:
        return len(self.time)

    def rows(self, keep: Mask | Ints) -> Events:
        """Return some of the rows."""
        return Events(*(getattr(self, field.name)[keep] for field in dataclasses.fields(self)))

    @classmethod
    def of(cls, *parts: Events) -> Events:
        """Return the rows of all parts."""
        names = [field.name for field in dataclasses.fields(cls)]
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def kinds(rng: np.random.Generator, size: int, shares: tuple[float, ...]) -> npt.NDArray[np.int8]:
    """Return which of some names each is, by their shares."""
    return np.searchsorted(np.cumsum(shares)[:-1], rng.random(size), side="right").astype(np.int8)


def told(
    rng: np.random.Generator,
    source: Ints,
    target: Ints,
    kind: npt.NDArray[np.int8],
    time: Floats,
    *,
    share: float,
    mood: float | Floats,
    incentivised: Mask | None = None,
) -> Events:
    """Return events on a channel each, a share of them with a sentiment about ``mood``."""
    size = len(time)
    known = rng.random(size) < share
    sentiment = np.round(np.clip(mood + 0.3 * rng.standard_normal(size), -1.0, 1.0), 2)
    return Events(
        source=source,
        target=target,
        kind=kind,
        time=time,
        channel=kinds(rng, size, _TALK),
        sentiment=np.where(known, sentiment + 0.0, np.nan),
        incentivised=np.zeros(size, np.bool_) if incentivised is None else incentivised,
    )


def drawn_reactions(plan: Plan, people: People, follows: Follows) -> Events:
    """Return reactions along follows, three times as many per follow to the planted, and a tenth from strangers."""
    rng = stream(plan.seed, "interactions")
    n_reactions = round(plan.interactions_per_person * plan.n_all)
    n_strange = round(_STRANGE * n_reactions)
    is_planted = people.marked(people.planted)
    weight = people.activity[follows.source] * np.where(is_planted[follows.target], 3.0, 1.0)
    tie = draw(rng, weight, n_reactions - n_strange) if len(weight) else np.empty(0, np.int64)
    stranger, known = draw(rng, people.activity, n_strange), draw(rng, people.attention, n_strange)
    other = stranger != known
    stranger, known = stranger[other], known[other]

    source = np.concatenate([follows.source[tie], stranger])
    target = np.concatenate([follows.target[tie], known])
    begun = np.concatenate([follows.time[tie], np.maximum(people.joined[stranger], people.joined[known])])
    roll = rng.random(len(source))
    kind = np.where(
        is_planted[target],
        np.searchsorted(np.cumsum(TO_PLANTED)[:-1], roll, side="right"),
        np.searchsorted(np.cumsum(TO_OTHERS)[:-1], roll, side="right"),
    ).astype(np.int8)
    time = begun + (plan.span - begun) * rng.random(len(source))
    return told(
        stream(plan.seed, "said"),
        source,
        target,
        kind,
        time,
        share=plan.sentiment,
        mood=np.where(people.marked(people.detractors)[target], -0.6, 0.3),
        incentivised=rng.random(len(source)) < _CAMPAIGN,
    )
