"""The verbs that a user calls: one function behind each command."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from influence.config import Settings
from influence.errors import DataError, UsageError

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

    from influence.centrality.table import Measures
    from influence.evaluate import Backtest
    from influence.evaluate.outlook import Check
    from influence.graph import Graph
    from influence.io import ReadOptions, Tables
    from influence.score import Ranking
    from influence.score.explain import Explanation
    from influence.score.spread import ReachTable, SeedTable, Spreading
    from influence.score.topics import TopicRanking
    from influence.store import Appended
    from influence.ties import History
    from influence.value.fit import Fit

__all__ = [
    "Stages",
    "backtest",
    "check",
    "demo_tables",
    "explain",
    "load",
    "load_fit",
    "measure",
    "parse_moment",
    "rank",
    "reach",
    "read_graph",
    "save_fit",
    "seeds",
    "topics",
    "write_back",
]

ROLES = ("follows", "interactions", "actions", "transactions", "customers", "identities", "topics", "suppress")
_DAY = re.compile(r"\d{4}-?(\d{2}-?\d{2}|W\d{2}(-?\d)?)")


class Stages:
    """Time the stages of a run, and tell whoever wants to know that one begins.

    Parameters
    ----------
    tell : callable, optional
        Called with the name of each stage as it begins.
    """

    def __init__(self, tell: Callable[[str], None] | None = None) -> None:
        self.seconds: dict[str, float] = {}
        self._tell = tell
        self._running: tuple[str, float] | None = None

    def begin(self, name: str) -> None:
        """End the running stage and begin another."""
        self.end()
        if self._tell is not None:
            self._tell(name)
        self._running = (name, time.perf_counter())

    def end(self) -> None:
        """End the running stage."""
        if self._running is not None:
            name, began = self._running
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - began
            self._running = None


def parse_moment(text: str, *, end_of_day: bool) -> int:
    """Return an ISO date or date-time as microseconds since 1970 in UTC.

    A date alone is the beginning of that day, or with ``end_of_day`` its last microsecond. A date-time without an
    offset is in UTC.

    Raises
    ------
    UsageError
        The text is no ISO date.

    Examples
    --------
    >>> parse_moment("1970-01-02", end_of_day=False)
    86400000000
    """
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no ISO date; write it as 2006-01-01 or 2006-01-01T12:00:00") from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    if end_of_day and _DAY.fullmatch(text):
        moment += dt.timedelta(days=1) - dt.timedelta(microseconds=1)
    return (moment - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1)


def demo_tables() -> Tables:
    """Return the tables of the demo: real purchases of CDNOW, joined to a synthetic community."""
    from influence.datasets import demo
    from influence.io import tables_from_frames

    data = demo()
    tables = tables_from_frames(
        follows=data.follows,
        interactions=data.interactions,
        actions=data.actions,
        transactions=data.transactions,
        customers=data.customers,
        identities=data.identities,
    )
    return dataclasses.replace(tables, notes=(data.label, *tables.notes))


def _tables(
    sources: tuple[Any, ...],
    frames: dict[str, Any],
    settings: Settings,
    time_unit: str | None,
    stages: Stages,
    options: ReadOptions | None = None,
) -> Tables:
    stages.begin("read")
    from influence.io import Tables, tables_from_frames
    from influence.store import read_sources

    given = {role: frame for role, frame in frames.items() if frame is not None}
    unknown = set(given) - set(ROLES)
    if unknown:
        raise UsageError(f"unknown argument {min(unknown)!r}; frames are {', '.join(ROLES)}")
    if sources and given:
        raise UsageError("give either files or frames, not both")
    if len(sources) == 1 and isinstance(sources[0], Tables):
        return sources[0]
    networkx = sys.modules.get("networkx")  # without it nobody has a graph of it
    if len(sources) == 1 and networkx is not None and isinstance(sources[0], networkx.Graph):
        from influence.interop.tables import frames_from_networkx

        given = dict(frames_from_networkx(sources[0]))
    if given:
        return tables_from_frames(**given, options=options, time_unit=time_unit, settings=settings)
    if sources:
        named = [str(source) for source in sources]
        return read_sources(named, options=options, time_unit=time_unit, settings=settings)
    raise UsageError("nothing to read: give files as ROLE=path, for example follows=follows.csv")


def _people(
    sources: tuple[Any, ...],
    frames: dict[str, Any],
    settings: Settings,
    time_unit: str | None,
    stages: Stages,
    options: ReadOptions | None = None,
) -> Tables:
    """Return the tables with one id for each person, and without those who must not be processed."""
    tables = _tables(sources, frames, settings, time_unit, stages, options)
    stages.begin("load")
    from influence.io import merge_identities, suppress

    return suppress(merge_identities(tables))


def _history(
    sources: tuple[Any, ...],
    frames: dict[str, Any],
    settings: Settings,
    time_unit: str | None,
    stages: Stages,
    options: ReadOptions | None = None,
) -> History:
    tables = _people(sources, frames, settings, time_unit, stages, options)
    from influence.ties import History

    return History.from_tables(tables, settings)


def read_graph(
    *sources: Any,
    settings: Settings | None = None,
    options: ReadOptions | None = None,
    as_of: str | None = None,
    time_unit: str | None = None,
    stages: Stages | None = None,
    **frames: Any,
) -> Graph:
    """Read follows and interactions into a graph with the ids inside.

    An edge leads from who follows, reacts or was referred to whom she follows, reacts to or was referred by; its
    weight counts how often. Everybody in any table is a node, in id order.

    Parameters
    ----------
    *sources, settings, options, time_unit, stages, **frames
        As for :func:`rank`.
    as_of : str, optional
        ISO date or date-time; later follows and interactions are left out. Follows without a date stay.

    Examples
    --------
    >>> import polars as pl
    >>> g = read_graph(follows=pl.DataFrame({"source": ["bob", "cy"], "target": ["ann", "ann"]}))
    >>> g.n_nodes, g.n_edges, g.ids.ids().to_list()
    (3, 2, ['ann', 'bob', 'cy'])
    """
    from influence.graph import tie_graph
    from influence.io.schema import PEOPLE

    settings, stages = settings or Settings(), stages or Stages()
    cut = None if as_of is None else parse_moment(as_of, end_of_day=True) + 1
    tables = _people(sources, frames, settings, time_unit, stages, options)
    graph = tie_graph(tables.frames(PEOPLE), cut=cut)
    stages.end()
    return graph


def measure(
    *sources: Any,
    measures: Sequence[str],
    undirected: bool = False,
    settings: Settings | None = None,
    options: ReadOptions | None = None,
    as_of: str | None = None,
    time_unit: str | None = None,
    stages: Stages | None = None,
    common: Mapping[str, Any] | None = None,
    **frames: Any,
) -> Measures:
    """Measure the graph of follows and interactions: centralities of everybody, or of every tie, in one table.

    Parameters
    ----------
    *sources, settings, options, as_of, time_unit, stages, **frames
        As for :func:`read_graph`; or one :class:`Graph`.
    measures : sequence of str
        Names of measures, each alone or with options: ``pagerank:alpha=0.9``.
    undirected : bool
        Forget who listens to whom; the weights of both ways add up.
    common : Mapping, optional
        Options for every measure that has them, such as ``weighted`` or ``distance``.

    Raises
    ------
    UsageError
        There is no such measure or option, or the graph does not allow it.

    Examples
    --------
    >>> import polars as pl
    >>> follows = pl.DataFrame({"source": ["bob", "cy", "dee"], "target": ["ann", "ann", "cy"]})
    >>> measure(measures=["pagerank"], follows=follows).frame["id"].to_list()
    ['ann', 'cy', 'bob', 'dee']
    """
    settings, stages = settings or Settings(), stages or Stages()
    from influence.centrality.table import measure_graph
    from influence.graph import Graph

    if len(sources) == 1 and isinstance(sources[0], Graph):
        graph = sources[0]
    else:
        graph = read_graph(
            *sources, settings=settings, options=options, as_of=as_of, time_unit=time_unit, stages=stages, **frames
        )
    stages.begin("measure")
    result = measure_graph(
        graph.undirected() if undirected else graph, measures, seed=settings.seed, **dict(common or {})
    )
    stages.end()
    return result


def load(
    *sources: Any,
    into: str | Path,
    settings: Settings | None = None,
    options: ReadOptions | None = None,
    time_unit: str | None = None,
    lock_timeout: float = 10.0,
    stages: Stages | None = None,
    **frames: Any,
) -> Appended:
    """Add files or frames to a store, which is made if it is not there.

    What was loaded before is skipped: files by their content, interactions by their id. A customer who was loaded
    before is replaced.

    Parameters
    ----------
    *sources, settings, time_unit, stages, **frames
        As for :func:`rank`.
    options : ReadOptions, optional
        How files are read.
    into : str or Path
        The folder of the store; or the address of a Neo4j server; or ``neo4j-import:FOLDER`` for files that
        ``neo4j-admin database import`` takes; or a file of a graph (.graphml, .gexf, .gml, .json). The last two are
        written once.
    lock_timeout : float
        Seconds to wait for another writer.

    Raises
    ------
    DataError
        A source cannot be used, or the folder is something else or is damaged.
    LockedError
        Another writer did not end in time.
    InfluenceError
        The folder cannot be written, or its disk is full; the store is as it was before.
    """
    from pathlib import Path

    from influence.io import Tables
    from influence.io.roles import split_source
    from influence.store import DirectoryStore
    from influence.store.graph_files import is_graph_file, save_tables
    from influence.store.neo4j import Connection, Neo4jStore, import_folder, is_uri, save_import_files

    settings, stages = settings or Settings(), stages or Stages()
    folder = import_folder(into)
    if folder is not None or is_uri(str(into)) or is_graph_file(into):
        tables = _tables(sources, frames, settings, time_unit, stages, options)
        stages.begin("store")
        if folder is not None:
            saved = save_import_files(tables, folder)
        elif is_graph_file(into):
            saved = save_tables(tables, into)
        else:
            with Connection(str(into)) as connection:
                saved = Neo4jStore(connection).append(tables)
        stages.end()
        return saved
    store = DirectoryStore(into, lock_timeout=lock_timeout)
    left: tuple[Any, ...] = sources
    known: tuple[Any, ...] = ()
    if sources and not isinstance(sources[0], Tables):
        stages.begin("read")
        if any(Path(str(source)).expanduser().resolve() == store.path.resolve() for source in sources):
            raise UsageError(f"{into}: a store cannot be loaded into itself")
        places, known = store.without_known([split_source(str(source)) for source in sources])
        left = tuple(sources[place] for place in places)
    tables = Tables() if known and not left else _tables(left, frames, settings, time_unit, stages, options)
    stages.begin("store")
    appended = store.append(tables, known)
    stages.end()
    return appended


def check(
    *sources: Any,
    settings: Settings | None = None,
    options: ReadOptions | None = None,
    time_unit: str | None = None,
    stages: Stages | None = None,
    **frames: Any,
) -> Check:
    """Say what would be loaded, and what a score could use of it, without computing one.

    Parameters
    ----------
    *sources, settings, time_unit, stages, **frames
        As for :func:`rank`.
    options : ReadOptions, optional
        How the sources are read. Where bad rows are to stop a run, they are left out here all the same, so that those
        of every source are found; the result then says that it is not loadable.

    Raises
    ------
    DataError
        A source cannot be read at all.
    UsageError
        An argument cannot be used.

    Examples
    --------
    >>> import polars as pl
    >>> check(follows=pl.DataFrame({"source": ["bob", "cy"], "target": ["ann", "ann"]})).outlook[0]
    'Ranked: 3 customers (everybody: there is no customers table)'
    """
    from influence.evaluate.outlook import check_tables
    from influence.io import ReadOptions

    settings, stages, options = settings or Settings(), stages or Stages(), options or ReadOptions()
    lenient = options.replace(on_bad_rows="skip") if options.strict else options
    tables = _tables(sources, frames, settings, time_unit, stages, lenient)
    stages.begin("check")
    result = check_tables(tables, settings, strict=options.strict)
    stages.end()
    return result


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
    history = _history(sources, frames, settings, time_unit, stages, options)
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


def write_back(ranking: Ranking, uri: str, *, run: str | None = None, options: ReadOptions | None = None) -> str:
    """Write the scores of a ranking to the people of a Neo4j database, and clear those of an older run.

    Parameters
    ----------
    uri : str
        Where it is; the login comes from ``NEO4J_USERNAME``, ``NEO4J_PASSWORD`` and ``NEO4J_DATABASE``.
    run : str, optional
        The stamp of the run, the time by default.
    options : ReadOptions, optional
        How the ranking was read: the names of the database, if they are not ours.

    Returns
    -------
    str
        The stamp, which is the property ``influence_run`` of all who were ranked.
    """
    from influence.store.neo4j import Connection, Names, Neo4jStore

    names = Names(options.neo4j if options is not None else {})
    stamp = run or dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    with Connection(uri) as connection:
        Neo4jStore(connection, names).write_scores(ranking.frame, stamp)
    return stamp


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
    history = _history(sources, frames, settings, time_unit, stages, options)
    stages.begin("backtest")
    from influence.evaluate import backtest as run

    result = run(history, settings, cut=moment, placebos=placebos)
    stages.end()
    return result


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
    history = _history(sources, dict(frames or {}), settings, time_unit, stages, options)
    stages.begin("learn how influence spreads")
    from influence.score.spread import Spreading

    spreading = Spreading.of(history, settings, cut=cut, **dict(model or {}))
    stages.begin("sample")
    return spreading


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
    history = _history(sources, frames, settings, time_unit, stages, options)
    stages.begin("score")
    from influence.score.topics import rank_topics

    result = rank_topics(history, settings, cut=cut, period_days=period_days, min_people=min_people)
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
    tables = _people(sources, frames, settings, time_unit, stages, options)
    history = History.from_tables(tables, settings)
    stages.begin("score")
    name = str(person).casefold() if tables.options.fold_case else person
    result = explain_person(history, settings, name, cut=cut, show_counterparts=show_counterparts, fit=learned)
    stages.end()
    return result
