"""The verbs of the score: rank, explain, test it on the past, and keep what it learned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from influence.api.inputs import history_of, people_of
from influence.api.stages import Stages, parse_moment
from influence.config import Settings
from influence.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

    from influence.evaluate import Backtest
    from influence.io import ReadOptions
    from influence.score import Ranking
    from influence.score.explain import Explanation
    from influence.score.topics import TopicRanking
    from influence.value.fit import Fit

__all__ = ["backtest", "explain", "load_fit", "rank", "save_fit", "topics"]


def rank(
    *sources: Any,
    settings: Settings | None = None,
    options: ReadOptions | None = None,
    as_of: str | None = None,
    time_unit: str | None = None,
    include_non_customers: bool = False,
    show_counterparts: bool = False,
    top: int | None = None,
    intervals: bool = True,
    fit: Fit | str | Path | None = None,
    since: str | Path | None = None,
    exclude: Any = None,
    where: str | None = None,
    measures: Sequence[str] = (),
    reach_model: str | None = None,
    stages: Stages | None = None,
    **frames: Any,
) -> Ranking:
    """Rank customers by network value: how much of what others buy rides on them.

    Parameters
    ----------
    *sources : str or Tables
        Files as ``ROLE=path`` or a path whose columns tell the role; or the folder of one store, or a file of one
        graph; or one :class:`Tables`, or one NetworkX graph (see
        :func:`influence.interop.tables.frames_from_networkx`).
    settings : Settings, optional
    options : ReadOptions, optional
        How files and frames are read: encodings, names of columns and types, what becomes of bad rows.
    as_of : str, optional
        ISO date or date-time; later events are left out. The newest event by default.
    time_unit : {"s", "ms", "us"}, optional
        Unit of times that are numbers.
    include_non_customers : bool
        List people who are not in the customers table too.
    show_counterparts : bool
        Name listeners in the reasons.
    top : int, optional
        For the column ``p_top``, the chance to be among so many; 5 % of all by default.
    intervals : bool
        Say how sure the values are: ``low``, ``high``, ``p_top``.
    fit : Fit or path, optional
        Learned before, and saved by :func:`save_fit`; nothing is learned anew then.
    since : path, optional
        A saved ranking to compare with: adds ``previous_rank``, ``rank_change``, ``value_change`` and ``movement``.
    exclude : path or sequence of ids, optional
        People to leave out of the list, such as those contacted already; they are ranked, and their ties count.
    where : str, optional
        List only whom a condition holds for, such as ``segment = 'gold' and network_value > 100``, over the columns
        of the ranking and of the customers table.
    measures : sequence of str
        Centralities to add as columns, as :func:`measure` takes them; of the ties known at ``as_of``.
    reach_model : str, optional
        Add expected reach, people and value with bounds, by this model of spread (``auto`` and others, see
        :func:`reach`).
    stages : Stages, optional
        Told of each stage, and holds the seconds that it took.
    **frames
        ``follows``, ``interactions``, ``actions``, ``transactions``, ``customers``, ``identities``, ``topics``,
        ``suppress`` instead of files: polars, or anything with ``__arrow_c_stream__``.

    Raises
    ------
    DataError
        The input cannot be used; the message names file, row, column and value.
    UsageError
        An argument cannot be used.

    Examples
    --------
    >>> import polars as pl
    >>> follows = pl.DataFrame({"source": ["bob", "cy", "dee"], "target": ["ann", "ann", "cy"]})
    >>> customers = pl.DataFrame({"id": ["ann", "bob", "cy", "dee"], "clv": [10.0, 90.0, 50.0, 20.0]})
    >>> rank(follows=follows, customers=customers).frame.select("rank", "id", "own_value").rows()
    [(1, 'ann', 10.0), (2, 'cy', 50.0), (3, 'bob', 90.0), (4, 'dee', 20.0)]
    """
    settings, stages = settings or Settings(), stages or Stages()
    cut = None if as_of is None else parse_moment(as_of, end_of_day=True) + 1
    from influence.score import rank_people
    from influence.score.selection import select, with_measures, with_reach

    learned = _fit(fit)
    history = history_of(sources, frames, settings, time_unit, stages, options)
    stages.begin("score")
    result = rank_people(
        history,
        settings,
        cut=cut,
        include_non_customers=include_non_customers,
        show_counterparts=show_counterparts,
        top=top,
        with_intervals=intervals,
        fit=learned,
    )
    if measures:
        stages.begin("measure")
        result = with_measures(result, measures, seed=settings.seed)
    if reach_model is not None:
        stages.begin("reach")
        result = with_reach(result, reach_model, seed=settings.seed)
    result = select(result, since=since, exclude=exclude, where=where)
    stages.end()
    return result


def explain(
    person: str | int,
    *sources: Any,
    settings: Settings | None = None,
    options: ReadOptions | None = None,
    as_of: str | None = None,
    time_unit: str | None = None,
    show_counterparts: bool = False,
    fit: Fit | str | Path | None = None,
    stages: Stages | None = None,
    **frames: Any,
) -> Explanation:
    """Explain one person's network value: by listener, type, channel and hop, each adding up to it, and in words.

    Parameters
    ----------
    person : str or int
        Her id.
    *sources, settings, options, as_of, time_unit, fit, stages, **frames
        As for :func:`rank`.
    show_counterparts : bool
        Name the five largest listeners; they are numbered by default.

    Raises
    ------
    DataError
        The input cannot be used.
    UsageError
        Nobody has this id (the message names ids that look like it), or an argument cannot be used.

    Examples
    --------
    >>> import polars as pl
    >>> follows = pl.DataFrame({"source": ["bob", "cy", "dee"], "target": ["ann", "ann", "cy"]})
    >>> explain("ann", follows=follows).sentence
    'reaches 2 people; none seen to react yet'
    """
    settings, stages = settings or Settings(), stages or Stages()
    cut = None if as_of is None else parse_moment(as_of, end_of_day=True) + 1
    from influence.score.explain import explain_person
    from influence.ties import History

    learned = _fit(fit)
    tables = people_of(sources, frames, settings, time_unit, stages, options)
    history = History.from_tables(tables, settings)
    stages.begin("score")
    name = str(person).casefold() if tables.options.fold_case else person
    result = explain_person(history, settings, name, cut=cut, show_counterparts=show_counterparts, fit=learned)
    stages.end()
    return result


def topics(
    *sources: Any,
    settings: Settings | None = None,
    options: ReadOptions | None = None,
    as_of: str | None = None,
    period_days: float = 91.0,
    min_people: int = 3,
    time_unit: str | None = None,
    stages: Stages | None = None,
    **frames: Any,
) -> TopicRanking:
    """Rank issues and ideas by the network value of the people who raised them.

    Parameters
    ----------
    *sources, settings, options, as_of, time_unit, stages, **frames
        As for :func:`rank`; one of them must be topics: customer, topic and maybe timestamp.
    period_days : float
        Growth compares who raised a topic in so many last days with who did in as many days before.
    min_people : int
        Leave topics out that fewer people raised: they would show what one of them is worth.

    Raises
    ------
    DataError
        The input cannot be used; the message names file, row, column and value.
    UsageError
        There are no topics, or an argument cannot be used.

    Examples
    --------
    >>> import polars as pl
    >>> follows = pl.DataFrame({"source": ["bob", "cy", "dee"], "target": ["ann", "ann", "cy"]})
    >>> raised = pl.DataFrame({"customer": ["ann", "ann", "dee", "cy"], "topic": ["price", "price", "price", "size"]})
    >>> topics(follows=follows, topics=raised, min_people=1).frame.select("topic", "people").rows()
    [('price', 2), ('size', 1)]
    """
    settings, stages = settings or Settings(), stages or Stages()
    cut = None if as_of is None else parse_moment(as_of, end_of_day=True) + 1
    history = history_of(sources, frames, settings, time_unit, stages, options)
    stages.begin("score")
    from influence.score.topics import rank_topics

    result = rank_topics(history, settings, cut=cut, period_days=period_days, min_people=min_people)
    stages.end()
    return result


def backtest(
    *sources: Any,
    settings: Settings | None = None,
    options: ReadOptions | None = None,
    cut: str | None = None,
    placebos: int = 8,
    time_unit: str | None = None,
    stages: Stages | None = None,
    **frames: Any,
) -> Backtest:
    """Score with what was known before ``cut``, and compare with what followed and with the baselines.

    Parameters
    ----------
    *sources, settings, options, time_unit, stages, **frames
        As for :func:`rank`.
    cut : str, optional
        ISO date or date-time at which the future begins; by default the latest with a whole horizon after it.
    placebos : int
        Rewirings of the ties whose excess capture is averaged.
    """
    settings, stages = settings or Settings(), stages or Stages()
    moment = None if cut is None else parse_moment(cut, end_of_day=False)
    history = history_of(sources, frames, settings, time_unit, stages, options)
    stages.begin("backtest")
    from influence.evaluate import backtest as run

    result = run(history, settings, cut=moment, placebos=placebos)
    stages.end()
    return result


def _fit(fit: Fit | str | Path | None) -> Fit | None:
    from influence.value.fit import Fit

    return fit if fit is None or isinstance(fit, Fit) else load_fit(fit)


def load_fit(path: str | Path) -> Fit:
    """Read what :func:`save_fit` wrote.

    Raises
    ------
    DataError
        The file cannot be read, is no fit, or is one of a newer version.
    """
    from pathlib import Path

    from influence.value.fit import Fit

    try:
        text = Path(path).expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read as a saved fit ({error}); make one with --save-model") from error
    return Fit.from_json(text, str(path))


def save_fit(ranking: Ranking, path: str | Path) -> None:
    """Write what a ranking learned as JSON: rates, κ, models of purchases, errors of earlier predictions.

    Raises
    ------
    InfluenceError
        The file cannot be written.
    """
    from pathlib import Path

    from influence.export.files import write_atomically

    text = ranking.fit.to_json().encode("utf-8")

    def write(file: BinaryIO) -> None:
        file.write(text)

    write_atomically(Path(path).expanduser(), write)
