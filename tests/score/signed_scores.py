"""Scores with random shares of both signs, and what they are made of, in plain Python."""

from __future__ import annotations

import dataclasses

import numpy as np
import oracles
import polars as pl
from oracles import DAY

from influence.config import Settings
from influence.io import tables_from_frames
from influence.score import score_history
from influence.ties import History
from influence.value.network import network_value

CHANNELS = ["forum", "social", None, "mail"]


def signed_score(log, seed, *, channels=True, zeros=0.2):
    """Return a score of a log whose shares and own values are random, and the channel of each of its reactions.

    A kind can have a share of a tie that never showed that kind, as with a learned rate.
    """
    rng = np.random.default_rng(seed)
    frames = log.frames()
    said = [CHANNELS[at] for at in rng.integers(0, len(CHANNELS), len(log.reactions))]
    if channels and log.reactions:
        column = pl.Series(said + [None] * len(log.referrals), dtype=pl.String)
        frames["interactions"] = frames["interactions"].with_columns(channel=column)
    settings = Settings()
    history = History.from_tables(tables_from_frames(**frames, settings=settings), settings)
    assert history.n_people == log.n
    scored = score_history(history, settings)
    ties = scored.ledger.ties
    by_kind = rng.uniform(-1.0, 1.0, scored.attribution.by_kind.shape)
    by_kind[rng.random(by_kind.shape) < 0.5] = 0.0
    by_kind[:, rng.random(ties.n_edges) < zeros] = 0.0
    into = np.bincount(ties.out_targets, np.abs(by_kind).sum(axis=0), minlength=log.n)
    by_kind *= (0.7 / np.maximum(into, 1e-300))[ties.out_targets]
    attribution = dataclasses.replace(scored.attribution, weight=by_kind.sum(axis=0), by_kind=by_kind)
    own = dataclasses.replace(scored.own, values=np.round(rng.exponential(200.0, log.n), 2) * (rng.random(log.n) < 0.8))
    value = network_value(ties, attribution.weight, own.values)
    return dataclasses.replace(scored, attribution=attribution, own=own, value=value), said if channels else None


def dense(scored):
    """Return W by kind as {kind: matrix of (influencer, listener)}."""
    n = scored.ledger.n_people
    found = {}
    for number, kind in enumerate(scored.ledger.history.kinds):
        found[kind] = np.zeros((n, n))
        for tie in range(scored.ledger.ties.n_edges):
            u, v = int(scored.ledger.influencer[tie]), int(scored.ledger.listener[tie])
            found[kind][u, v] = scored.attribution.by_kind[number, tie]
    return found


class Parts:
    """Everybody's network value taken apart, with dense matrices and loops."""

    def __init__(self, scored, log, said):
        settings = Settings()
        self.by_kind = dense(scored)
        self.own = scored.own.values
        self.matrix = sum(self.by_kind.values())
        n = log.n
        self.gross = np.linalg.solve(np.eye(n) - self.matrix, self.own)
        self.network = self.matrix @ self.gross
        # what is worth nothing to anybody comes out as rounding
        self.amount = self.matrix * self.gross
        self.amount[np.abs(self.amount) < 1e-12 * np.abs(self.own).sum()] = 0.0
        # whom a ring of referrals brought, nobody brought
        self.rings = {
            (int(scored.ledger.influencer[tie]), int(scored.ledger.listener[tie]))
            for tie in np.flatnonzero(scored.trust.ring_tie)
        }
        self.received = {}
        for at, (v, u, kind, _) in enumerate(log.reactions):
            if u != v:
                channel = (said[at] if said else None) or "unknown"
                row = self.received.setdefault((u, v, kind), {})
                row[channel] = row.get(channel, 0.0) + settings.reaction_weights[kind]

    def types(self, u):
        return {kind: float((share[u] * self.gross).sum()) for kind, share in self.by_kind.items()}

    def channels(self, u):
        found = {}

        def add(channel, part):
            found[channel] = found.get(channel, 0.0) + part

        for kind, share in self.by_kind.items():
            for v, part in enumerate(share[u] * self.gross):
                if part == 0:
                    continue
                if kind in ("item", "follow", "referral"):
                    add({"item": "items", "follow": "follows", "referral": "referrals"}[kind], part)
                    continue
                credits = self.received.get((u, v, kind))
                if credits is None:
                    credits = {}
                    for (influencer, _, other), row in self.received.items():
                        if influencer == u and other == kind:
                            for channel, credit in row.items():
                                credits[channel] = credits.get(channel, 0.0) + credit
                if not credits:
                    add("unknown", part)
                for channel, credit in credits.items():
                    add(channel, part * credit / sum(credits.values()))
        return found

    def hop(self, u, place):
        return float((np.linalg.matrix_power(self.matrix, place) @ self.own)[u])


WORDS = {"item": "same items", "reply": "replies", "answer": "answers", "share": "shares", "mention": "mentions"}
WORDS |= {"like": "likes", "review_read": "reviews read", "helpful_vote": "helpful votes"}


def sentence(parts, log, u, *, named=False):
    """Return what the sentence on a person of money should say, or None."""
    settings = Settings()
    amounts = {v: part for v, part in enumerate(parts.amount[u]) if part != 0}
    if not amounts:
        return None
    n = len(amounts)
    customers = n if log.clv is None else sum(v in log.clv for v in amounts)
    if log.clv is None or customers == 0:
        who = "1 person" if n == 1 else f"{n} people"
        if log.clv is not None:
            who += " (no customer)" if n == 1 else " (no customers)"
    elif customers == n:
        who = "1 customer" if n == 1 else f"{n} customers"
    else:
        who = f"{n} people ({'1 customer' if customers == 1 else f'{customers} customers'})"
    worth = sum(parts.own[v] for v in amounts)
    text = f"{worth:,.0f}" if worth >= 100 or worth == int(worth) else f"{worth:.2f}"
    if worth:
        who += f" worth {text}"
    first = {}
    for actor, _, time in log.first_acts():
        moments = [t for t in (time, first.get(actor, time)) if t != oracles.UNDATED]
        first[actor] = min(moments, default=oracles.UNDATED)
    referrals = [row for row in log.referrals if row[0] != row[1]]
    tracked = oracles.tracked_referrals(referrals, first, settings.referral_days * DAY)
    brought = [v for v in amounts if (u, v) in tracked and (u, v) not in parts.rings]
    total = sum(map(abs, amounts.values()))

    def percent(part):
        return "under 1 %" if part < 0.01 else f"{100 * part:.0f} %"

    if brought:
        share = percent(sum(abs(amounts[v]) for v in brought) / total)
        some = f"; {len(brought)} referred {'counts' if len(brought) == 1 else 'count'} for {share}"
        who += ", referred" if n == 1 else ", all referred" if len(brought) == n else some
    credit, seen = {}, set()
    for (influencer, v), _, size, kind in log.credits(settings):
        if influencer == u and v in amounts:
            seen.add(v)
            credit[kind] = credit.get(kind, 0.0) + size
    count = "all" if len(seen) == n > 1 else str(len(seen))
    if not seen:
        did = "none seen to react yet"
    elif set(credit) == {"item"}:
        did = f"{count} acted on the same items later"
    else:
        top = max(credit.values())
        most = [kind for kind in WORDS if credit.get(kind, 0.0) >= top * (1 - 1e-9)]
        order = ["item", *settings.reaction_weights]
        *others, last = (WORDS[kind] for kind in sorted(most, key=order.index))
        kinds = f"{', '.join(others)} and {last}" if others else last
        did = f"{count} {'acted later' if 'item' in credit else 'reacted'} "
        did += f"({kinds}{'' if len(most) == len(credit) else ' count most'})"
    largest = sorted(amounts, key=lambda v: (-abs(amounts[v]), v))[:5]
    top_seen = len(seen.intersection(largest))
    if seen and len(seen) < n and n > 5:
        did += {0: ", none of the top 5", 5: ", incl. all of the top 5"}.get(
            top_seen, f", incl. {top_seen} of the top 5"
        )
    away = [v for v in amounts if amounts[v] < 0]
    if away:
        share = percent(-sum(amounts[v] for v in away) / total)
        verb = "takes" if len(away) == 1 else "take"
        did += "; " + (
            "takes value away"
            if n == 1
            else "all take value away"
            if len(away) == n
            else f"{len(away)} {verb} value away ({share})"
        )
    if named:
        names = [f"{v} {'takes away ' if amounts[v] < 0 else ''}{percent(abs(amounts[v]) / total)}" for v in largest]
        did += "; most: " + ", ".join(names)
    return f"reaches {who}; {did}"
