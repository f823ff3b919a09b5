"""What a network value is made of, exactly, and in a sentence for whoever has to decide on it."""

from __future__ import annotations

import dataclasses
import difflib
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from influence.errors import UsageError
from influence.graph.arrays import count_by, sum_by
from influence.io import IdIndex
from influence.kernels.ranking import largest_in_rows
from influence.score.words import in_words, kind_word, share_word
from influence.ties import Ledger
from influence.value.attribution import Attribution
from influence.value.network import NetworkValue
from influence.value.own import OwnValue

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["LARGEST", "Reasons", "find_person"]

#: Listeners that are told apart; the others are summed up.
LARGEST = 5

_LOOKED_AT = 5_000


def find_person(ids: IdIndex, person: str | int) -> int:
    """Return the number of a person.

    Raises
    ------
    UsageError
        Nobody has this id; the message names ids that look like it.
    """
    text = str(person).strip()
    number = int(ids.codes(pl.Series([text], dtype=pl.String))[0])
    if number >= 0:
        return number
    close = _alike(ids.ids(), text)
    raise UsageError(f"nobody has the id {text!r}{'; did you mean ' + close + '?' if close else ''}")


def _alike(ids: pl.Series, text: str) -> str:
    """Return the ids most like a text, in words; of a million ids only some are looked at closely."""
    folded = text.lower()
    lower = ids.str.to_lowercase()
    size = lower.str.len_chars()
    near = (size >= max(0, len(folded) - 2)) & (size <= len(folded) + 2)
    head, tail = folded[: max(1, len(folded) // 2)], folded[len(folded) // 2 :]
    if head:
        near &= lower.str.starts_with(head) | lower.str.ends_with(tail)
    by_folded = dict(zip(lower.filter(near).head(_LOOKED_AT), ids.filter(near).head(_LOOKED_AT), strict=True))
    close = difflib.get_close_matches(folded, by_folded, n=3)
    return " or ".join(repr(by_folded[name]) for name in close)


@dataclasses.dataclass(frozen=True, eq=False)
class Reasons:
    """Contributions W_uv g_v to the network value of u, by listener v and by kind of evidence."""

    ledger: Ledger
    attribution: Attribution
    value: NetworkValue
    own: OwnValue

    @cached_property
    def amount(self) -> npt.NDArray[np.float64]:
        """W_uv g_v of each tie u → v, shape (n_ties,)."""
        return self.attribution.weight * self.value.gross[self.ledger.listener]

    @cached_property
    def seen(self) -> npt.NDArray[np.bool_]:
        """Whether the listener was seen to act after the influencer, or to react to her, shape (n_ties,)."""
        credits = self.ledger.credits
        seen = np.zeros(self.ledger.ties.n_edges, np.bool_)
        seen[credits.tie[credits.credit > 0]] = True
        return seen

    def row(self, number: int) -> slice:
        """Return the ties of an influencer."""
        return slice(*self.ledger.ties.out_offsets[number : number + 2].tolist())

    def contributions(self, person: str | int) -> pl.DataFrame:
        """Return the contributions to one person's network value, largest first, ties by listener."""
        ledger = self.ledger
        row = self.row(find_person(ledger.history.ids, person))
        listeners = ledger.listener[row]
        kind, place = np.nonzero(self.attribution.by_kind[:, row])
        frame = pl.DataFrame(
            {
                "listener": ledger.history.ids.ids(listeners[place]),
                "kind": pl.Series(ledger.history.kinds, dtype=pl.String).gather(kind),
                "value": self.attribution.by_kind[:, row][kind, place] * self.value.gross[listeners[place]],
                "_order": listeners[place],
            }
        )
        return frame.sort(["value", "_order", "kind"], descending=[True, False, False]).drop("_order")

    def sentences(self, show_counterparts: bool) -> pl.Series:
        """Return why everybody is worth what she is, a sentence each, shape (n_people,); null where nobody contributes.

        The five largest contributors are named, with their shares of all absolute amounts, only if
        ``show_counterparts``; see :func:`influence.score.words.in_words` for the rest.
        """
        history = self.ledger.history
        counted = self.counted()
        texts = in_words(counted, self.own.unit, history.currency, has_customers=history.customers is not None)
        if show_counterparts:
            people = counted["person"].to_numpy()
            texts = pl.select(pl.format("{}; most: {}", texts, self._names(people))).to_series()
        place = np.full(self.ledger.n_people, -1, np.int64)
        place[counted["person"].to_numpy()] = np.arange(counted.height)
        at = pl.Series(place)
        return texts.gather(at.set(at < 0, None)).alias("reasons")

    def counted(self) -> pl.DataFrame:
        """Count what can be seen of everybody to whose network value somebody contributes, a row each.

        Returns
        -------
        polars.DataFrame
            ``person``; ``people`` and ``customers`` who contribute, and ``worth``, the sum of their own values;
            ``referred`` and ``referred_share``, how many of them she brought, and the share of that in all absolute
            amounts; ``seen``, how many of them were seen to act after her or to
            react to her, and ``top_seen``, how many of the five largest; ``away`` and ``away_share``, how many take
            value away, and the share of that in all absolute amounts; ``item`` and ``reaction``, whether that credit
            comes of acts on the same items, and of reactions; ``kinds``, the kinds with the most of it, in words;
            ``all_kinds``, whether there are no others.
        """
        ledger = self.ledger
        n, u = ledger.n_people, ledger.influencer
        counts = self.amount != 0
        away = self.amount < 0
        brought = counts & ledger.referral
        people = count_by(u[counts], n)
        person = np.flatnonzero(people)
        largest = self.largest[person]
        credit = self._credit_by_kind(counts)[:, person]
        present = credit > 0
        most = present & (credit >= credit.max(axis=0) * (1 - 1e-9))
        total = sum_by(u, np.abs(self.amount), n)[person]
        return pl.DataFrame(
            {
                "person": person,
                "people": people[person],
                "customers": count_by(u[counts & ledger.history.listed[ledger.listener]], n)[person],
                "worth": sum_by(u[counts], self.own.values[ledger.listener[counts]], n)[person],
                "referred": count_by(u[brought], n)[person],
                "referred_share": sum_by(u[brought], np.abs(self.amount[brought]), n)[person] / total,
                "seen": count_by(u[counts & self.seen], n)[person],
                "top_seen": np.count_nonzero((largest >= 0) & self.seen[largest], axis=1),
                "away": count_by(u[away], n)[person],
                "away_share": sum_by(u[away], -self.amount[away], n)[person] / total,
                "item": present[0],
                "reaction": present[1:].any(axis=0),
                "all_kinds": (most == present).all(axis=0),
                "kinds": self._words(most),
            }
        )

    @cached_property
    def largest(self) -> npt.NDArray[np.int64]:
        """Return the ties with the largest absolute amounts, shape (n_people, 5), -1 where there are fewer."""
        largest: npt.NDArray[np.int64] = largest_in_rows(self.ledger.ties.out_offsets, np.abs(self.amount), LARGEST)
        return largest

    def _credit_by_kind(self, ties: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
        """Sum the credit seen so far on some ties, shape (n_kinds, n_people)."""
        ledger = self.ledger
        n, n_kinds, credits = ledger.n_people, len(ledger.history.kinds), ledger.credits
        rows = ties[credits.tie]
        group = credits.kind[rows].astype(np.int64) * n + ledger.influencer[credits.tie[rows]]
        return sum_by(group, credits.credit[rows], n_kinds * n).reshape(n_kinds, n)

    def _words(self, most: npt.NDArray[np.bool_]) -> pl.Series:
        kinds = self.ledger.history.kinds
        flags = pl.DataFrame(dict(zip(kinds, most, strict=True)))
        named = [
            pl.when(pl.col(kind)).then(pl.lit("same items" if kind == "item" else kind_word(kind))) for kind in kinds
        ]
        listed = pl.concat_str(named, separator=", ", ignore_nulls=True)
        return flags.select(listed.str.replace("^(.*), ", "${1} and ")).to_series()

    def _names(self, people: npt.NDArray[np.int64]) -> pl.Series:
        """Return the largest contributors of people with what they bring, one text a person."""
        ledger = self.ledger
        largest = self.largest[people]
        row, place = np.nonzero(largest >= 0)
        edge = largest[row, place]
        total = sum_by(ledger.influencer, np.abs(self.amount), ledger.n_people)[people]
        frame = pl.DataFrame(
            {
                "row": row,
                "name": ledger.history.ids.ids(ledger.listener[edge]),
                "verb": pl.Series([" ", " takes away "]).gather((self.amount[edge] < 0).astype(np.uint32)),
                "share": np.abs(self.amount[edge]) / total[row],
            }
        )
        text = pl.format("{}{}{}", "name", "verb", share_word("share"))
        return frame.group_by("row", maintain_order=True).agg(names=text.str.join(", "))["names"]
