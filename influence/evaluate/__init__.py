"""Proof on the past: whether the score says what happened next, better than what is free."""

from influence.evaluate.backtest import Backtest, backtest

__all__ = ["Backtest", "backtest"]
