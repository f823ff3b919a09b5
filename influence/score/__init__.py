"""The MVP ranking: whom others listen to when they buy."""

from influence.score.mvp import Ranking, Scored, rank_people, score_history

__all__ = ["Ranking", "Scored", "rank_people", "score_history"]
