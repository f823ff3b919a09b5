"""The search for seeds: more and more sets, until what they certify is good enough."""

from __future__ import annotations

import dataclasses
import functools
import math
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from influence.centrality.pagerank import pagerank
from influence.progress import available_memory
from influence.reach.baselines import degree_discount
from influence.reach.bounds import lower_share, upper_share
from influence.reach.budget import Constraint
from influence.reach.cover import Greedy, greedy
from influence.reach.model import Cascade
from influence.reach.rrsets import OutOfTime, RRSets, Sampler

if TYPE_CHECKING:
    import polars as pl

    from influence.io import IdIndex

__all__ = ["Search", "Seeds"]

Floats = npt.NDArray[np.float64]
Nodes = npt.NDArray[np.int32]

# Sets are drawn up to the sizes 4096 · 1.25^i, i >= -12; every bound holds at all of them at once.
_FIRST, _GROWTH, _LOOKS = 4096, 1.25, 72
_PILOT, _STRIDE = -12, 3
_MANY = 1 << 24  # members that are too many to begin with
_LEAP = 16
_DOUBLE = 3  # levels: where few sets do, choosing from them costs more than they do
_JUDGES = 2  # sets that judge for each that selects: they are not stored, and cost a third
_TARGET_SLACK = 1.004
# Once the samples blur the ratio by no more than this, more of them are not worth their time.
_BLUR = 0.97
_STUCK, _PROMISE = 1.01, 0.9
_ROUGH = 1e-6  # of PageRanks, which add up to 1
# Sets longer than this are not drawn to their end once a few of the seeds are in most of the long ones.
_LONG, _FEW, _REST, _LOSS = 40.0, 8, 0.2, 0.003
_MOST = 2**31 - 1
_SELECTED, _JUDGED, _PEOPLE = 0, 1 << 20, 2


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Seeds:
    """Seeds in the order in which they were picked, what they reach together, and how near the best that is.

    Attributes
    ----------
    nodes : ndarray of int32, shape (k,)
    gain : ndarray of float64, shape (k,)
        What each adds to those before her; they add up to ``reached_value`` if values were given, else to ``reach``.
    reach, reach_low, reach_high : float
        Expected people reached, beyond those whom the invited reach; the seeds are among them, unless they were not
        to count.
    reached_value, value_low, value_high : float
        The same in value; equal to the people where no values were given.
    ratio : float
        What the seeds reach is at least this share of the most that any allowed seeds reach.
    floor : float
        The ratio that the method would be sure of at its largest number of samples: ``Constraint.factor`` - epsilon.
    method : str
        Whose seeds these are: of greedy choice, or of a rule of thumb that an independent sample found better.
    candidates : dict of str to float
        What the seeds of each reach, in value, by the same independent sample.
    padded : int
        Seeds, the last ones, that add nothing to the samples and only fill up.
    samples, judged : int
        Reverse reachable sets of two people or more that selected the seeds, and that judged them.
    stopped : str
        Why no more were drawn.
    delta : float
        The bounds and the ratio hold together with a probability of at least 1 - delta.
    ids : IdIndex or None
    """

    nodes: Nodes
    gain: Floats
    reach: float
    reach_low: float
    reach_high: float
    reached_value: float
    value_low: float
    value_high: float
    ratio: float
    floor: float
    method: str
    candidates: Mapping[str, float]
    padded: int
    samples: int
    judged: int
    stopped: str
    delta: float
    ids: IdIndex | None

    def __len__(self) -> int:
        return int(self.nodes.size)

    def to_polars(self) -> pl.DataFrame:
        """Return a table: rank from 1, id, gain, total of the gains so far."""
        import polars as pl

        ids = pl.Series("id", self.nodes.astype(np.int64)) if self.ids is None else self.ids.ids(self.nodes)
        rank = pl.Series("rank", np.arange(1, self.nodes.size + 1))
        return pl.DataFrame(
            [rank, ids.alias("id"), pl.Series("gain", self.gain), pl.Series("total", self.gain.cumsum())]
        )

    def __repr__(self) -> str:
        return (
            f"<Seeds: {len(self)} reach {self.reach:,.1f} people ({self.reach_low:,.1f} … {self.reach_high:,.1f}), "
            f"at least {self.ratio:.1%} of the best>\n{self.to_polars()}"
        )

    def _repr_html_(self) -> str:
        return self.to_polars()._repr_html_()


@dataclasses.dataclass(frozen=True, eq=False)
class _Round:
    """What one number of sets led to."""

    level: int
    samples: int
    greedy: Greedy
    structural: float  # what its seeds cover, of the most that can be covered of the same sets
    upper: float  # of what the best reach
    hopeful: float  # the ratio, if independent sets find what these did


@dataclasses.dataclass(frozen=True, eq=False)
class _Verdict:
    """What independent sets say."""

    samples: int
    method: str
    seeds: Nodes
    estimates: dict[str, float]
    low: float
    high: float
    ratio: float


class Search:
    """Looks for allowed seeds; ``run`` returns them."""

    def __init__(
        self,
        cascade: Cascade,
        constraint: Constraint,
        value: Floats | None,
        invited: npt.NDArray[np.bool_] | None,
        count_seeds: bool,
        epsilon: float,
        delta: float,
        seed: int,
    ) -> None:
        n = cascade.graph.n_nodes
        self.cascade, self.constraint, self.value, self.invited = cascade, constraint, value, invited
        self.sampler = Sampler(cascade, seed, value)
        self.alone = self.sampler.alone * float(count_seeds)
        self.sets = RRSets(n)
        self.delta = delta / 4.0  # for the floor, the best, the seeds from below and from above
        self.floor = max(0.0, constraint.factor - epsilon)
        self.count_seeds = count_seeds
        self.most = self._most(epsilon)
        self.most_alone = constraint.best_sum(self.alone)
        self.first: Nodes | None = None
        self.first_gains = np.empty(0)
        self.in_sets: Floats | None = None
        # the ratio that independent sets found, by the one that was hoped for, and of how many sets
        self.luck, self.luck_of = 1.0, 1
        self.thorough = True

    def _most(self, epsilon: float) -> float:
        """Return the number of sets that makes the floor certain whatever they hold."""
        factor, n, k = self.constraint.factor, self.sampler.n, self.constraint.k
        own = self.sampler.own * float(self.count_seeds)
        least = float(own[self.constraint.trim(np.argsort(-own, kind="stable"))].sum())
        if self.invited is not None or factor == 0.0 or least == 0.0:
            return math.inf
        choices = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
        log = math.log(2.0 / self.delta)
        if factor == 1.0 - 1.0 / math.e:
            root = factor * math.sqrt(log) + math.sqrt(factor * (choices + log))
            return 2.0 * self.sampler.total * root**2 / (epsilon**2 * least)
        # all allowed seeds at once are within epsilon / 2 of the best one's spread
        return self.sampler.total * (2.0 + epsilon / 3.0) * (choices + log + math.log(2.0)) / (epsilon**2 / 4 * least)

    def run(self, target: float | None, stop_at: float | None, memory: int) -> Seeds:
        """Draw until the target, the usual stop where it is None, or a limit is met."""
        # the clock leaves time to judge
        draw_until = None if stop_at is None else time.monotonic() + 0.6 * (stop_at - time.monotonic())
        wanted = max(self.floor, target or 0.0)
        self.thorough = target is not None
        if self.sampler.total == 0.0:
            return self._unspread()
        best = self._look(self._pilot())
        stopped, verdict, before = "", None, 0.0
        if best.level < 0 and self.thorough:
            stopped = self._extend(_size(0), draw_until, memory)
            best = best if stopped else self._look(0)
        while not stopped:
            verdict = None
            sure = best.samples >= self.most
            if self._expected(best) >= min(wanted, _BLUR * best.structural) or sure:
                verdict = self._judge(best, stop_at)
                stopped = self._why(best, verdict, wanted, target is None and sure)
                # what the selecting sets promise cannot be had: the bound is loose, and samples do not mend that
                empty = verdict.ratio < _PROMISE * best.hopeful and verdict.ratio <= _STUCK * before
                if not stopped and empty and verdict.ratio >= self.floor:
                    stopped = "more samples have not raised the ratio"
                if stopped:
                    break
                before = verdict.ratio
                self.luck, self.luck_of = min(1.0, verdict.ratio / best.hopeful), best.samples
            level = self._next(best, wanted)
            stopped = self._extend(_size(level), draw_until, memory)
            best = best if stopped else self._look(level)
        return self._result(best, verdict or self._judge(best, stop_at), stopped)

    def _pilot(self) -> int:
        """Draw the first sets, fewer of them where they are long; return their level."""
        level = _PILOT
        self._extend(_size(level), None, None)
        mean = self.sets.nodes.size / self.sets.drawn
        while level < 0 and mean * _size(level + _STRIDE) <= _MANY:
            level += _STRIDE
        self._extend(_size(level), None, None)
        return level

    def _unspread(self) -> Seeds:
        """Return the seeds where nobody can reach anybody."""
        chosen = greedy(self.sets, self.constraint, self.alone, roots=self.count_seeds)
        reached = chosen.covered
        ratio = min(1.0, reached / chosen.bound) if chosen.bound > 0.0 else 1.0
        found = _Round(0, 0, chosen, ratio, chosen.bound, ratio)
        verdict = _Verdict(0, "greedy", chosen.seeds, {"greedy": reached}, reached, reached, ratio)
        return self._result(found, verdict, "nobody can reach anybody")

    def _why(self, found: _Round, verdict: _Verdict, wanted: float, most: bool) -> str:
        if verdict.ratio >= wanted:
            return "the ratio asked for is certified"
        sure = found.samples >= self.most
        if verdict.ratio >= _BLUR * found.structural and (sure or verdict.ratio >= self.floor):
            return "more samples would not raise the ratio by more than a thirtieth"
        return "the guarantee takes no more samples" if most else ""

    def _extend(self, size: int, stop_at: float | None, memory: int | None) -> str:
        """Draw sets up to that number; return why not, if not."""
        if size > _MOST:
            return "there can be no more samples"
        sets = self.sets
        if memory is not None:
            share = size / max(1, sets.drawn)
            # the sets, their index, and the arrays that hold the ones while they grow
            needed = int((2.0 * share + 1.0) * (8 * sets.offsets.size + 4 * sets.nodes.size)) + 4 * sets.nodes.size
            available = available_memory()
            if needed > memory or (available is not None and needed - sets.nbytes > available):
                return "the memory limit"
            sets.reserve(1.05 * share)
        try:
            spoil = self.invited
            if self.first is not None:
                spoil = np.zeros(self.sampler.n, np.bool_)
                spoil[self.first] = True
            self.sampler.extend(sets, _SELECTED, size, spoil=spoil, stop_at=stop_at)
        except OutOfTime:
            return "the time limit"
        return ""

    def _look(self, level: int) -> _Round:
        found = self._round(level)
        self._shorten(found)
        return found

    @property
    def _scale(self) -> float:
        """Sets drawn for each person, or unit of value, that is in them."""
        return self.sets.drawn / self.sampler.total

    def _round(self, level: int) -> _Round:
        sets, theta = self.sets, self.sets.drawn
        chosen = greedy(sets, self.constraint, self.alone * self._scale, roots=self.count_seeds, first=self.first)
        if self.first is not None:
            gains = chosen.gains.copy()
            gains[: self.first.size] = self.first_gains * (sets.caught + gains[: self.first.size].sum())
            chosen = dataclasses.replace(chosen, gains=gains)
        upper = self._upper(chosen)
        structural = chosen.covered / chosen.bound if chosen.bound > 0 else 1.0
        low = self._low(chosen.seeds, chosen.covered / theta, theta)
        return _Round(level, theta, chosen, structural, upper, low / upper)

    def _upper(self, found: Greedy) -> float:
        """Return what no allowed seeds reach more than.

        Seeds that are in x of the sets, and are worth m sets alone, have x + m <= bound, and there are bounds for x
        and m by themselves too. Only what their x stands for is blurred, and most so at half of all sets.
        """
        theta, scale = self.sets.drawn, self._scale
        most_alone = self.most_alone * scale
        x = min(float(theta), found.bound_members, max(0.5 * theta, found.bound - most_alone))
        blur = theta * float(upper_share(x, theta, self.delta / _LOOKS)) - x
        return (min(found.bound, most_alone + x) + blur) / scale

    def _shorten(self, found: _Round) -> None:
        """Fix the first few seeds if most of the members of long sets are in sets that hold one of these.

        Such sets are covered, whoever else they hold: they need not be stored, nor drawn any further (as HIST has it:
        Guo et al. 2020, section 5). The best seeds cover no more of them than there are.
        """
        sets, seeds, gains = self.sets, found.greedy.seeds, found.greedy.gains
        least, most = max(1, self.constraint.include.size), max(1, self.constraint.k // _FEW)
        no_use = self.first is not None or self.invited is not None or not self.count_seeds
        if no_use or sets.nodes.size < _LONG * sets.drawn:
            return
        firsts = _first_seed(sets, seeds, True)
        members = np.bincount(firsts, weights=np.diff(sets.offsets), minlength=seeds.size + 1)
        rest = sets.nodes.size - np.cumsum(members[:-1])
        enough = np.flatnonzero(rest <= _REST * sets.nodes.size)
        if enough.size == 0 or max(enough[0] + 1, least) > most:
            return
        # The bound lets the best have all k seeds besides these: the gains after them count k / (k - few) times.
        few = np.arange(1, most + 1)
        loss = (gains.sum() - np.cumsum(gains)[:most]) * few / (gains.size - few) if gains.size > most else few
        free = np.flatnonzero(loss <= _LOSS * gains.sum())
        self.first = seeds[: max(int(enough[0]) + 1, least, int(free[-1]) + 1 if free.size else 0)]
        self.in_sets = self._in_sets
        gains = gains[: self.first.size]
        self.first_gains = gains / gains.sum()
        sets.drop(self.first)

    @property
    def _in_sets(self) -> npt.NDArray[Any]:
        """In how many sets each person counts."""
        sets = self.sets
        if self.count_seeds:
            return sets.counts + self.alone * self._scale
        return sets.counts - np.bincount(sets.nodes[sets.offsets[:-1]], minlength=self.sampler.n)

    def _gains(self, seeds: Nodes) -> Floats:
        """Return in how many sets each seed is that hold none of those before her."""
        sets = self.sets
        if self.first is not None:
            sets = RRSets(self.sampler.n)
            self.sampler.extend(sets, _SELECTED, min(self.sets.drawn, 2 * _FIRST))
        first = np.bincount(_first_seed(sets, seeds, self.count_seeds), minlength=seeds.size + 1)
        return np.asarray(first[: seeds.size] + self.alone[seeds] * (sets.drawn / self.sampler.total), np.float64)

    @functools.cached_property
    def _rules(self) -> dict[str, Nodes]:
        """The seeds of rules of thumb."""
        constraint, graph = self.constraint, self.cascade.graph
        open_ = int(np.count_nonzero(constraint.open))
        discounted = degree_discount(
            self.cascade, min(open_, 2 * constraint.k + 8), value=self.value, open_=constraint.open
        )
        degree = np.argsort(-graph.out_degree, kind="stable")
        rules = {
            "degree discount": constraint.trim(np.concatenate([discounted, degree])),
            "degree": constraint.trim(degree),
        }
        if self.thorough:  # which takes longer than the textbook's stop
            # score goes from those who listen to those whom they hear
            heard = pagerank(graph.reverse(), tolerance=_ROUGH).values
            rules["PageRank"] = constraint.trim(np.argsort(-heard, kind="stable"))
        return rules

    def _low(self, seeds: Nodes, share: float, theta: int) -> float:
        """Return the lower bound that so many judging sets would lead to, if this share of the sets has a seed."""
        total, judged = self.sampler.total, _JUDGES * theta
        own = self._known(seeds)
        hits = max(0.0, share - own / total) * judged
        return own + total * float(lower_share(hits, judged, self.delta / (2 * _LOOKS) / 5))

    def _known(self, seeds: Nodes) -> float:
        return self.sampler.known(seeds, invited=self.invited, count_seeds=self.count_seeds)

    def _expected(self, found: _Round) -> float:
        """Return the ratio to be found by independent sets: greedy choice flatters itself less, as 1 / √sets."""
        flattery = (1.0 - self.luck) * math.sqrt(self.luck_of / found.samples)
        return (1.0 - flattery) * found.hopeful

    def _next(self, found: _Round, wanted: float) -> int:
        """Return the least number of sets that looks like enough."""
        aim = min(wanted * _TARGET_SLACK / found.structural, _BLUR + 0.002)
        blur = 1.0 - self._expected(found) / found.structural
        more = min(_LEAP, (blur / (1.0 - aim)) ** 2)
        least = 1 if self.thorough else _DOUBLE
        return found.level + max(least, math.ceil(math.log(max(1.0, more)) / math.log(_GROWTH)))

    def _judge(self, found: _Round, stop_at: float | None) -> _Verdict:
        """Let independent sets say which list reaches most, and between which bounds."""
        lists = {"greedy": found.greedy.seeds} | self._rules
        in_sets = self._in_sets if self.in_sets is None else self.in_sets
        lists["reach"] = self.constraint.trim(np.argsort(-in_sets, kind="stable"))
        total, stream = self.sampler.total, _JUDGED + found.level
        hits, judged, looks = np.zeros(len(lists), np.int64), 0, 2 * _LOOKS
        for level in range(min(found.level, found.level % 4), found.level + 1, 4):
            try:
                size, limit = _JUDGES * _size(level), stop_at if judged else None
                hits += self.sampler.hits(
                    list(lists.values()),
                    stream,
                    judged,
                    size,
                    invited=self.invited,
                    count_seeds=self.count_seeds,
                    stop_at=limit,
                )
            except OutOfTime:
                looks *= _LOOKS // 4  # it might have been any of these sizes
                break
            judged = size
        own = np.array([self._known(seeds) for seeds in lists.values()])
        reached = own + hits * (total / judged)
        best = int(np.argmax(reached))
        delta = self.delta / looks / len(lists)
        low = float(own[best] + total * lower_share(hits, judged, delta)[best])
        high = float(own[best] + total * upper_share(hits, judged, delta)[best])
        estimates = dict(zip(lists, reached.tolist(), strict=True))
        method = list(lists)[best]
        return _Verdict(judged, method, lists[method], estimates, low, high, min(1.0, low / found.upper))

    def _result(self, found: _Round, verdict: _Verdict, stopped: str) -> Seeds:
        seeds, reached = verdict.seeds, verdict.estimates[verdict.method]
        people, low, high = reached, verdict.low, verdict.high
        if self.value is not None:
            people, low, high = self._people(seeds, verdict.samples)
        chosen = found.greedy if verdict.method == "greedy" else None
        gain = self._gains(seeds) if chosen is None else chosen.gains
        if gain.sum() > 0:
            gain = gain * (reached / gain.sum())
        ratio = max(verdict.ratio, self.floor) if found.samples >= self.most else verdict.ratio
        return Seeds(
            seeds, gain, people, low, high, reached, verdict.low, verdict.high, ratio, self.floor, verdict.method,
            verdict.estimates, chosen.padded if chosen else 0, found.samples, verdict.samples, stopped,
            4.0 * self.delta, self.cascade.graph.ids,
        )  # fmt: skip

    def _people(self, seeds: Nodes, samples: int) -> tuple[float, float, float]:
        sampler = Sampler(self.cascade, self.sampler.seed, like=self.sampler)
        hits = sampler.hits([seeds], _PEOPLE, 0, samples, invited=self.invited, count_seeds=self.count_seeds)
        own = sampler.known(seeds, invited=self.invited, count_seeds=self.count_seeds)
        if samples == 0:
            return own, own, own
        n, delta = sampler.total, self.delta / 2
        low, high = lower_share(hits, samples, delta)[0], upper_share(hits, samples, delta)[0]
        return own + n * float(hits[0] / samples), own + n * float(low), own + n * float(high)


def _first_seed(sets: RRSets, seeds: Nodes, roots: bool) -> npt.NDArray[np.int64]:
    """Return which seed is the first, in their order, in each of the sets; their number where there is none."""
    place = np.full(sets.n, seeds.size)
    place[seeds] = np.arange(seeds.size)
    if not sets.nodes.size:
        return place[:0]
    places = place[sets.nodes]
    if not roots:
        places[sets.offsets[:-1]] = seeds.size
    return np.minimum.reduceat(places, sets.offsets[:-1])


def _size(level: int) -> int:
    return int(_FIRST * _GROWTH**level)
