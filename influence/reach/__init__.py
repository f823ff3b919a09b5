"""Reach: how influence spreads, whom each person reaches, and whom to pick together."""

from influence.reach.baselines import BASELINES, baseline, degree_discount
from influence.reach.celf import CelfSeeds, celf
from influence.reach.compare import Comparison, compare_seeds
from influence.reach.credit_distribution import CreditSeeds, credit_reach, credit_seeds, credit_spread
from influence.reach.expected_reach import Reach, expected_reach
from influence.reach.imrank import imrank
from influence.reach.learn import LearnedProbabilities, learn_probabilities
from influence.reach.log import ActionLog, Exposures, split_log
from influence.reach.model import Cascade, constant, continuous_time, linear_threshold, trivalency, weighted_cascade
from influence.reach.search import Seeds
from influence.reach.seeds import select_seeds
from influence.reach.simulate import Spread, expected_spread, reach_probability
from influence.reach.virality import Cascades, cascades

__all__ = [
    "BASELINES",
    "ActionLog",
    "Cascade",
    "Cascades",
    "CelfSeeds",
    "Comparison",
    "CreditSeeds",
    "Exposures",
    "LearnedProbabilities",
    "Reach",
    "Seeds",
    "Spread",
    "baseline",
    "cascades",
    "celf",
    "compare_seeds",
    "constant",
    "continuous_time",
    "credit_reach",
    "credit_seeds",
    "credit_spread",
    "degree_discount",
    "expected_reach",
    "expected_spread",
    "imrank",
    "learn_probabilities",
    "linear_threshold",
    "reach_probability",
    "select_seeds",
    "split_log",
    "trivalency",
    "weighted_cascade",
]
