"""What a network value is made of, exactly, and in words."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from influence.errors import UsageError
from influence.graph.arrays import count_by, sum_by
from influence.kernels.ranking import largest_in_rows
from influence.ties import Ledger
from influence.value.attribution import Attribution
from influence.value.network import NetworkValue

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["Reasons"]

_WORDS = {
    "item": "acts on the same items",
    "reply": "replies",
    "answer": "answers",
    "share": "shares",
    "mention": "mentions",
    "review_read": "reviews read",
    "helpful_vote": "helpful votes",
    "like": "likes",
    "follow": "follows",
    "referral": "referrals",
}
_LARGEST = 5
_SMALLEST_SHARE = 0.005


@dataclasses.dataclass(frozen=True, eq=False)
class Reasons:
    """Contributions W_uv g_v to the network value of u, by listener v and by kind of evidence."""

    ledger: Ledger
    attribution: Attribution
    value: NetworkValue

    def contributions(self, person: str) -> pl.DataFrame:
        """Return the contributions to one person's network value, largest first, ties by listener."""
        ledger = self.ledger
        ids = ledger.history.ids.ids()
        found = np.flatnonzero((ids == person).to_numpy())
        if not found.size:
            raise UsageError(f"nobody has the id {person!r}")
        row = slice(*ledger.ties.out_offsets[found[0] : found[0] + 2].tolist())
        listeners = ledger.listener[row]
        kind, place = np.nonzero(self.attribution.by_kind[:, row])
        frame = pl.DataFrame(
            {
                "listener": ids.gather(listeners[place]),
                "kind": pl.Series(ledger.history.kinds, dtype=pl.String).gather(kind),
                "value": self.attribution.by_kind[:, row][kind, place] * self.value.gross[listeners[place]],
                "_order": listeners[place],
            }
        )
        return frame.sort(["value", "_order", "kind"], descending=[True, False, False]).drop("_order")

    def sentences(self, show_counterparts: bool) -> pl.Series:
        """Return the reasons of everybody in words, shape (n_people,); null where nobody contributes.

        First the kinds of evidence with their shares, then how the value spreads over listeners, who are named only
        if ``show_counterparts``.
        """
        ledger = self.ledger
        n = ledger.n_people
        amount = self.attribution.weight * self.value.gross[ledger.listener]
        total = sum_by(ledger.influencer, amount, n)
        by_kind = self._by_kind(total)
        by_person = self._by_person(amount, total, show_counterparts)
        people = pl.DataFrame({"person": np.arange(n, dtype=np.int64)})
        words = people.join(by_kind, on="person", how="left", maintain_order="left").join(
            by_person, on="person", how="left", maintain_order="left"
        )
        return words.select(reasons=pl.concat_str("kinds", "people", separator="; "))["reasons"]

    def _by_kind(self, total: npt.NDArray[np.float64]) -> pl.DataFrame:
        ledger = self.ledger
        gross = self.value.gross[ledger.listener]
        parts = []
        for number, kind in enumerate(ledger.history.kinds):
            part = self.attribution.by_kind[number]
            if part.any():
                amount = sum_by(ledger.influencer, part * gross, ledger.n_people)
                shown = np.flatnonzero((amount > 0) & (amount >= _SMALLEST_SHARE * total))
                parts.append(
                    pl.DataFrame(
                        {"person": shown, "kind": np.full(shown.size, number), "share": amount[shown] / total[shown]}
                    ).with_columns(word=pl.lit(_WORDS.get(kind, kind)))
                )
        if not parts:
            return pl.DataFrame(schema={"person": pl.Int64, "kinds": pl.String})
        return (
            pl.concat(parts)
            .sort(["person", "share", "kind"], descending=[False, True, False])
            .with_columns(text=pl.format("{} {} %", "word", _percent("share")))
            .group_by("person", maintain_order=True)
            .agg(kinds=pl.col("text").str.join(", "))
        )

    def _by_person(
        self, amount: npt.NDArray[np.float64], total: npt.NDArray[np.float64], show_counterparts: bool
    ) -> pl.DataFrame:
        ledger = self.ledger
        largest = largest_in_rows(ledger.ties.out_offsets, amount, _LARGEST)
        person, place = np.nonzero(largest >= 0)
        edge = largest[person, place]
        listeners = count_by(ledger.influencer[amount > 0], ledger.n_people)
        frame = pl.DataFrame({"person": person, "share": amount[edge] / total[person]})
        text = _percent("share")
        if show_counterparts:
            frame = frame.with_columns(name=ledger.history.ids.ids(ledger.listener[edge]))
            text = pl.format("{} {}", "name", text)
        grouped = frame.group_by("person", maintain_order=True).agg(
            largest=text.str.join(", "), most=pl.col("share").first()
        )
        spread = pl.when((pl.col("most") < 0.01) & pl.lit(not show_counterparts))
        return grouped.with_columns(listeners=pl.Series(listeners).gather(grouped["person"])).select(
            "person",
            people=pl.when(pl.col("listeners") == 1)
            .then(pl.format("1 listener: {} %", "largest") if show_counterparts else pl.lit("1 listener"))
            .otherwise(
                pl.format(
                    "{} listeners, {}",
                    "listeners",
                    spread.then(pl.lit("none above 1 %")).otherwise(pl.format("the largest {} %", "largest")),
                )
            ),
        )


def _percent(column: str) -> pl.Expr:
    share = 100.0 * pl.col(column)
    return pl.when(share < 1).then(pl.lit("under 1")).otherwise(share.round().cast(pl.Int64).cast(pl.String))
