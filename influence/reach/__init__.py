"""Reach: how influence spreads, whom each person reaches, and whom to pick together."""

from influence.reach.compare import Comparison, compare_seeds
from influence.reach.expected_reach import Reach, expected_reach
from influence.reach.imrank import imrank
from influence.reach.model import Cascade, constant, continuous_time, linear_threshold, trivalency, weighted_cascade
from influence.reach.search import Seeds
from influence.reach.seeds import select_seeds

__all__ = [
    "Cascade",
    "Comparison",
    "Reach",
    "Seeds",
    "compare_seeds",
    "constant",
    "continuous_time",
    "expected_reach",
    "imrank",
    "linear_threshold",
    "select_seeds",
    "trivalency",
    "weighted_cascade",
]
