"""What was known of people and of ties at a cut: the few numbers that a rate is learned from."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from influence.graph.arrays import count_by, sum_by
from influence.ties.history import DAY, UNDATED, check_before
from influence.ties.ledger import Ledger

__all__ = ["CHANNELS", "PersonFeatures", "TieFeatures", "acts_between"]

#: Ways in which an act can follow: acting on the same item, and reacting to the person.
CHANNELS = ("item", "reaction")

Floats = npt.NDArray[np.float64]


def _acts(ledger: Ledger, channel: str) -> npt.NDArray[np.bool_]:
    return ledger.act_is_item if channel == "item" else ~ledger.act_is_item


def acts_between(ledger: Ledger, channel: str, begin: int, end: int) -> Floats:
    """Count each person's acts of a channel with begin <= time < end, shape (n_people,)."""
    low, high = np.searchsorted(ledger.act_time, [begin, end], side="left")
    rows = _acts(ledger, channel)[low:high]
    return count_by(ledger.act_actor[low:high][rows], ledger.n_people).astype(np.float64)


@dataclasses.dataclass(frozen=True, eq=False)
class PersonFeatures:
    """A person's acts before a cut, each of shape (n_people,).

    ``recent`` and ``fresh`` count the last 180 and 30 days of a horizon of a year, and the same shares of a shorter
    one; ``silence`` is the time since the last act, in units of ``fresh``.
    """

    acts: Floats
    horizon: Floats
    recent: Floats
    fresh: Floats
    silence: Floats

    names: ClassVar[tuple[str, ...]] = ("constant", "acts", "acts_horizon", "acts_recent", "silence", "never")
    non_negative: ClassVar[tuple[str, ...]] = ("acts", "acts_horizon", "acts_recent")

    @classmethod
    def at(cls, ledger: Ledger, cut: int, horizon: int, channel: str | None) -> PersonFeatures:
        """Count the acts of one channel, or of all, before ``cut``; undated acts count as old ones."""
        end = int(np.searchsorted(ledger.act_time, cut, side="left"))
        actor, time = ledger.act_actor[:end], ledger.act_time[:end]
        if channel is not None:
            rows = _acts(ledger, channel)[:end]
            actor, time = actor[rows], time[rows]
        check_before(time, cut, "the acts behind features")
        n = ledger.n_people
        recent, fresh = windows(ledger, horizon)

        def since(length: int) -> Floats:
            first = int(np.searchsorted(time, cut - length, side="left"))
            return count_by(actor[first:], n).astype(np.float64)

        last = np.full(n, UNDATED, np.int64)
        last[actor] = time  # ascending, so the latest is written last
        never = last == UNDATED
        silence = np.where(never, 10.0 * horizon, cut - np.where(never, cut, last)) / fresh
        return cls(
            acts=count_by(actor, n).astype(np.float64),
            horizon=since(horizon),
            recent=since(recent),
            fresh=since(fresh),
            silence=silence.astype(np.float64),
        )

    def design(self) -> Floats:
        """Return the columns of ``names``, shape (n_people, 6)."""
        logs = (self.acts, self.horizon, self.recent, self.silence)
        columns = [np.ones_like(self.acts), *(np.log1p(values) for values in logs), (self.acts == 0).astype(np.float64)]
        return np.stack(columns, axis=1)


def windows(ledger: Ledger, horizon: int) -> tuple[int, int]:
    """Return what is recent and what is fresh, in microseconds: shorter where the horizon is shorter than set."""
    settings = ledger.settings
    scale = min(1.0, horizon / (settings.horizon_days * DAY))
    return max(1, int(settings.recent_days * scale * DAY)), max(1, int(settings.fresh_days * scale * DAY))


@dataclasses.dataclass(frozen=True, eq=False)
class TieFeatures:
    """The columns from which the rate of a tie u → v is learned, for the ties known at a cut.

    Counts of ties are left out on purpose: where follows carry no date they would tell of the future.
    """

    ties: npt.NDArray[np.int64]
    design: Floats

    names: ClassVar[tuple[str, ...]] = (
        "constant",
        "influencer_acts",
        "influencer_acts_recent",
        "influencer_acts_fresh",
        "influencer_silence",
        "influence_so_far",
        "influence_in_horizon",
        "listener_acts",
        "listener_acts_recent",
        "listener_silence",
        "tie_record",
    )
    non_negative: ClassVar[tuple[str, ...]] = (
        "influencer_acts",
        "influencer_acts_recent",
        "influencer_acts_fresh",
        "influence_in_horizon",
        "listener_acts",
        "listener_acts_recent",
    )

    @classmethod
    def at(
        cls,
        ledger: Ledger,
        cut: int,
        horizon: int,
        channel: str,
        only: npt.NDArray[np.bool_] | None = None,
    ) -> TieFeatures:
        """Compute the columns at ``cut`` for the known ties, or for those of them whose listener is in ``only``."""
        chosen = ledger.known < cut
        if only is not None:
            chosen &= only[ledger.listener]
        ties = np.flatnonzero(chosen)
        credits = ledger.credits.between(UNDATED, cut)
        check_before(credits.time, cut, "the credits behind features")
        of_channel = (credits.kind == 0) if channel == "item" else (credits.kind > 0)
        tie, time, credit = credits.tie[of_channel], credits.time[of_channel], credits.credit[of_channel]
        lately = int(np.searchsorted(time, cut - horizon, side="left"))
        n = ledger.n_people
        so_far = sum_by(ledger.influencer[tie], credit, n)
        in_horizon = sum_by(ledger.influencer[tie[lately:]], credit[lately:], n)
        record = sum_by(tie, credit, ledger.ties.n_edges)

        u, v = ledger.influencer[ties], ledger.listener[ties]
        acts = PersonFeatures.at(ledger, cut, horizon, channel)
        leads = acts if channel == "item" else PersonFeatures.at(ledger, cut, horizon, None)
        design = np.empty((ties.size, len(cls.names)), np.float64)
        design[:, 0] = 1.0
        columns = (
            (leads.acts, u),
            (leads.recent, u),
            (leads.fresh, u),
            (leads.silence, u),
            (so_far, u),
            (in_horizon, u),
            (acts.acts, v),
            (acts.recent, v),
            (acts.silence, v),
        )
        for place, (values, who) in enumerate(columns, start=1):
            design[:, place] = np.log1p(values)[who]
        design[:, -1] = np.log1p(record[ties])
        return cls(ties, design)
