"""Reach: how influence spreads, whom each person reaches, and whom to pick together."""

from influence.reach.model import Cascade, constant, continuous_time, linear_threshold, trivalency, weighted_cascade

__all__ = ["Cascade", "constant", "continuous_time", "linear_threshold", "trivalency", "weighted_cascade"]
