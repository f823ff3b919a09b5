"""Proof on the past: does the score say what happened next, better than what is free?"""

from influence.evaluate.backtest import Backtest, backtest

__all__ = ["Backtest", "backtest"]
