"""The verbs of reach: whom each reaches, and whom to pick together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from influence.api.inputs import history_of
from influence.api.stages import Stages, parse_moment
from influence.config import Settings

if TYPE_CHECKING:
    from influence.io import ReadOptions
    from influence.score.spread import ReachTable, SeedTable, Spreading

__all__ = ["reach", "seeds"]


def reach(
    *sources: Any,
    settings: Settings | None = None,
    options: ReadOptions | None = None,
    as_of: str | None = None,
    time_unit: str | None = None,
    model: Mapping[str, Any] | None = None,
    include_non_customers: bool = False,
    stages: Stages | None = None,
    frames: Mapping[str, Any] | None = None,
    **how: Any,
) -> ReachTable:
    """Rank customers by how many people, or how much value, each is expected to reach by herself.

    Parameters
    ----------
    *sources, settings, options, as_of, time_unit, stages
        As for :func:`rank`.
    model : Mapping, optional
        How influence spreads: ``model``, ``p``, ``hops``, ``quality``, ``value`` as for
        :meth:`influence.score.spread.Spreading.of`.
    include_non_customers : bool
        List people who are not in the customers table too.
    frames : Mapping, optional
        ``follows``, ``interactions``, ``actions`` … instead of files.
    **how
        ``delta``, ``target``, ``above``, ``top``, ``time_limit`` as for :func:`influence.reach.expected_reach`.

    Raises
    ------
    DataError
        The input cannot be used.
    UsageError
        An argument cannot be used.

    Examples
    --------
    >>> import polars as pl
    >>> follows = pl.DataFrame({"source": ["bob", "cy", "dee"], "target": ["ann", "ann", "cy"]})
    >>> found = reach(frames={"follows": follows}, model={"model": "constant", "p": 1.0})
    >>> [(person, round(people)) for person, people in found.frame.select("id", "reach").head(2).rows()]
    [('ann', 4), ('cy', 2)]
    """
    settings, stages = settings or Settings(), stages or Stages()
    spreading = _spreading(sources, frames, settings, time_unit, stages, options, as_of, model)
    from influence.score.spread import reach_of

    result = reach_of(spreading, seed=settings.seed, include_non_customers=include_non_customers, **how)
    stages.end()
    return result


def seeds(
    *sources: Any,
    k: int | None = None,
    settings: Settings | None = None,
    options: ReadOptions | None = None,
    as_of: str | None = None,
    time_unit: str | None = None,
    model: Mapping[str, Any] | None = None,
    stages: Stages | None = None,
    frames: Mapping[str, Any] | None = None,
    **how: Any,
) -> SeedTable:
    """Pick the customers who together reach the most people, or the most value, with a certificate.

    Parameters
    ----------
    *sources, settings, options, as_of, time_unit, stages, model, frames
        As for :func:`reach`.
    k : int, optional
        How many; may be left out where there is a budget.
    **how
        ``include``, ``exclude``, ``invited`` (ids), ``costs``, ``budget``, ``quotas``, ``compare``,
        ``include_non_customers``, as for :func:`influence.score.spread.seeds_of`; ``epsilon``, ``delta``,
        ``target_ratio``, ``time_limit`` as for :func:`influence.reach.select_seeds`.

    Raises
    ------
    DataError
        The input cannot be used.
    UsageError
        An argument cannot be used.

    Examples
    --------
    >>> import polars as pl
    >>> follows = pl.DataFrame({"source": ["bob", "cy", "dee"], "target": ["ann", "ann", "cy"]})
    >>> seeds(k=1, frames={"follows": follows}, model={"model": "constant", "p": 1.0}).frame["id"].to_list()
    ['ann']
    """
    settings, stages = settings or Settings(), stages or Stages()
    spreading = _spreading(sources, frames, settings, time_unit, stages, options, as_of, model)
    from influence.score.spread import seeds_of

    result = seeds_of(spreading, k, seed=settings.seed, **how)
    stages.end()
    return result


def _spreading(
    sources: tuple[Any, ...],
    frames: Mapping[str, Any] | None,
    settings: Settings,
    time_unit: str | None,
    stages: Stages,
    options: ReadOptions | None,
    as_of: str | None,
    model: Mapping[str, Any] | None,
) -> Spreading:
    cut = None if as_of is None else parse_moment(as_of, end_of_day=True) + 1
    history = history_of(sources, dict(frames or {}), settings, time_unit, stages, options)
    stages.begin("learn how influence spreads")
    from influence.score.spread import Spreading

    spreading = Spreading.of(history, settings, cut=cut, **dict(model or {}))
    stages.begin("sample")
    return spreading
