"""Load what is new, rank, export what changed, and send it if told: one run that may be killed and run again."""

from __future__ import annotations

import dataclasses
import datetime as dt
import glob
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from influence import __version__
from influence.api.exporting import People, export_changes
from influence.api.ranking import rank
from influence.api.stages import Stages
from influence.api.storing import load, write_back
from influence.config import Settings, read_settings
from influence.errors import InfluenceError, UsageError
from influence.export.files import format_of, write_table
from influence.export.manifest import manifest, manifest_path, write_manifest
from influence.export.targets import FORMATS, read_target, table_of, unknown
from influence.io import Tables, read_options
from influence.io.roles import split_source
from influence.send import SENDABLE
from influence.store import is_store, read_sources
from influence.store.lock import writing
from influence.store.neo4j import is_uri
from influence.store.sources import SNAPSHOTS

if TYPE_CHECKING:
    from influence.score import Ranking

__all__ = ["LAST_NAME", "SyncSettings", "last_sync", "sync"]

#: The summary of the last run, beside what it exported.
LAST_NAME = "last_sync.json"

_NAMES = ("store", "sources", "snapshots", "run", "out", "export", "send", "centrality", "reach", "write_back")


@dataclasses.dataclass(frozen=True)
class SyncSettings:
    """What a sync does: the table ``[sync]`` of a settings file, whose folder relative paths start from.

    Attributes
    ----------
    path : Path
        The settings file.
    out : str
        The folder of exports, of the lock and of the last summary.
    store : str, optional
        A folder or ``neo4j://…`` that keeps what was loaded; without one, everything is read anew each time.
    sources : tuple of str
        What is loaded: ``ROLE=path``, where a path may be a pattern that matches no file today.
    snapshots : tuple of str
        Tables that come whole each time, and stand for the store's own: customers, suppress, topics.
    run : str
        Where the ranking goes.
    export : tuple of str
        Formats.
    send : bool
        Whether exports for CRMs are sent.
    centrality : tuple of str
        Measures to add to the ranking.
    reach : str, optional
        A model of spread, to add expected reach.
    write_back : bool
        Whether scores are written to the people of the store, which is a Neo4j database then.
    """

    path: Path
    out: str
    store: str | None = None
    sources: tuple[str, ...] = ()
    snapshots: tuple[str, ...] = ()
    run: str = "scores.parquet"
    export: tuple[str, ...] = ()
    send: bool = False
    centrality: tuple[str, ...] = ()
    reach: str | None = None
    write_back: bool = False

    @classmethod
    def read(cls, path: str | Path) -> SyncSettings:
        """Read them.

        Raises
        ------
        UsageError
            There is no ``[sync]``, a name is unknown (with a suggestion) or a value cannot be used.
        """
        path = Path(path).expanduser().absolute()
        values = table_of(path, "sync")
        try:
            return cls._of(path, values)
        except UsageError as error:
            raise UsageError(f"{path}: {error}") from error

    @classmethod
    def _of(cls, path: Path, values: Mapping[str, Any]) -> SyncSettings:
        if not values:
            raise UsageError("there is no table [sync]; it needs out, and sources or a store (see the README)")
        unknown(values, _NAMES, "sync")
        home = path.parent
        found: dict[str, Any] = {}
        for name in ("out", "store", "run", "reach"):
            if name in values:
                found[name] = _text(values[name], name)
        for name in ("sources", "snapshots", "export", "centrality"):
            if name in values:
                found[name] = _texts(values[name], name)
        for name in ("send", "write_back"):
            found[name] = values.get(name, False)
            if not isinstance(found[name], bool):
                raise UsageError(f"[sync]: {name} must be true or false, not {found[name]!r}")
        if found["write_back"] and not is_uri(found.get("store", "")):
            raise UsageError(
                "[sync]: write_back needs a store that is a Neo4j database, such as neo4j://localhost:7687"
            )
        if "out" not in found:
            raise UsageError("[sync]: out is missing: the folder that exports go to")
        if not found.get("store") and not found.get("sources"):
            raise UsageError("[sync]: give sources to read, or a store that holds what was loaded, or both")
        for form in found.get("export", ()):
            if form not in FORMATS:
                raise UsageError(f"[sync]: export names {form!r}; formats are {', '.join(FORMATS)}")
        for source in (*found.get("sources", ()), *found.get("snapshots", ())):
            if split_source(source)[0] is None:
                raise UsageError(f"[sync]: {source!r} must be written ROLE=path, as in customers=crm.csv")
        for source in found.get("snapshots", ()):
            if split_source(source)[0] not in SNAPSHOTS:
                raise UsageError(f"[sync]: {source!r} is no snapshot; these are {', '.join(SNAPSHOTS)}")
        for name in ("sources", "snapshots"):
            found[name] = tuple(_placed(home, source) for source in found.get(name, ()))
        for name in ("out", "store", "run"):
            if name in found and not is_uri(found[name]):
                found[name] = str(home / Path(found[name]).expanduser())
        found.setdefault("run", str(Path(found["out"]) / "scores.parquet"))
        format_of(Path(found["run"]), None)
        return cls(path=path, **found)


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise UsageError(f"[sync]: {name} must be text, not {value!r}")
    return value


def _texts(value: Any, name: str) -> tuple[str, ...]:
    if isinstance(value, str) or not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise UsageError(f"[sync]: {name} must be a list of texts, not {value!r}")
    return tuple(value)


def _placed(home: Path, source: str) -> str:
    role, path = split_source(source)
    return f"{role}={path if '://' in path else home / Path(path).expanduser()}"


def sync(
    settings: SyncSettings | str | Path,
    *,
    send: bool | None = None,
    everything: bool = False,
    lock_timeout: float = 0.0,
    environ: Mapping[str, str] | None = None,
    stages: Stages | None = None,
) -> dict[str, Any]:
    """Load, rank and export in one run, and return its summary as plain values.

    Every step can be done twice: what was loaded is skipped, the ranking is the same for the same data, and an export
    writes only what changed. A run that is killed is mended by the next one.

    Parameters
    ----------
    settings : SyncSettings or path
        Or the file that holds them.
    send : bool, optional
        Send or not, whatever the settings say.
    everything : bool
        Export all, changed or not.
    lock_timeout : float
        Seconds to wait for another run that is under way. Its lock ends with its process.
    environ : Mapping, optional
        Where logins are found; the process's own by default.

    Returns
    -------
    dict
        ``status`` (``done``, ``incomplete`` if a CRM refused records), ``started``, ``seconds``, ``load``, ``rank``,
        ``exports``, ``previous`` (what the run before did). The same is in ``last_sync.json`` of the folder ``out``.

    Raises
    ------
    LockedError
        Another run is under way.
    InfluenceError
        A step failed; ``last_sync.json`` then says which. What the steps before did stays, and is not done again.
    """
    plan = settings if isinstance(settings, SyncSettings) else SyncSettings.read(settings)
    out = Path(plan.out)
    _make(out)
    stages = stages or Stages()
    with writing(out, lock_timeout):
        summary: dict[str, Any] = {
            "status": "running",
            "influence": __version__,
            "config": str(plan.path),
            "started": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            "previous": _outline(last_sync(out)),
        }
        began = time.perf_counter()
        try:
            _steps(plan, summary, plan.send if send is None else send, everything, environ, stages)
        except BaseException as error:
            summary |= {"status": "failed", "error": str(error) if isinstance(error, InfluenceError) else repr(error)}
            raise
        finally:
            stages.end()
            summary["seconds"] = round(time.perf_counter() - began, 3)
            write_manifest(summary, out / LAST_NAME)
    return summary


def _steps(
    plan: SyncSettings,
    summary: dict[str, Any],
    send: bool,
    everything: bool,
    environ: Mapping[str, str] | None,
    stages: Stages,
) -> None:
    settings, options = read_settings(plan.path), read_options(plan.path)
    sources, absent = _present(plan.sources)
    summary["load"] = {"no_files": absent}
    if plan.store is not None:
        if sources:
            done = load(*sources, into=plan.store, settings=settings, options=options, stages=stages)
            summary["load"] |= {
                "added": dict(done.added),
                "new_people": done.new_people,
                "new_ties": done.new_ties,
                "files_loaded_before": len(done.skipped_files),
                "events_loaded_before": done.skipped_events,
            }
        elif not is_uri(plan.store) and not is_store(plan.store):
            raise UsageError(
                f"{plan.store}: there is no store yet, and no file matches {', '.join(absent) or 'sources'}"
            )
        sources = [plan.store]
    stages.begin("read")
    tables = read_sources([*sources, *plan.snapshots], options=options, settings=settings)
    ranking = _rank(plan, tables, settings, stages)
    summary["rank"] = {
        "run": plan.run,
        **{name: ranking.facts.get(name) for name in ("as_of", "unit", "currency", "people", "listed", "rate")},
        "network_value": round(float(ranking.frame["network_value"].sum()), 2),
    }
    if plan.write_back and plan.store is not None:
        stages.begin("write back")
        summary["rank"]["influence_run"] = write_back(ranking, plan.store)
    summary["exports"] = []
    refused = 0
    people = People.of(tables) if plan.export else ()
    for form in plan.export:
        target = read_target(form, plan.path)
        delivered = export_changes(
            ranking,
            target,
            plan.out,
            people=people,
            everything=everything,
            send=send and form in SENDABLE,
            environ=environ,
            stages=stages,
        )
        # notes may name people, and summaries end up in logs
        summary["exports"].append({name: value for name, value in delivered.as_dict().items() if name != "notes"})
        refused += delivered.failed
    summary["status"] = "incomplete" if refused else "done"


def _present(sources: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Return the sources that are there, and the patterns that match nothing today."""
    there, absent = [], []
    for source in sources:
        path = split_source(source)[1]
        if "://" not in path and glob.has_magic(path) and not Path(path).exists() and not glob.glob(path):  # noqa: PTH207
            absent.append(path)
        else:
            there.append(source)
    return there, absent


def _rank(plan: SyncSettings, tables: Tables, settings: Settings, stages: Stages) -> Ranking:
    ranking = rank(tables, settings=settings, measures=plan.centrality, reach_model=plan.reach, stages=stages)
    stages.begin("write")
    run = Path(plan.run)
    _make(run.parent)
    write_table(ranking.frame, run, format_of(run, None))
    write_manifest(manifest("sync", ranking, tables, settings, stages.seconds), manifest_path(run))
    return ranking


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InfluenceError(f"{folder}: cannot be made: {error.strerror or error}") from error


def last_sync(out: str | Path) -> dict[str, Any] | None:
    """Return the summary of the last run that exported to a folder; None if there was none or it is unreadable."""
    try:
        content = json.loads((Path(out) / LAST_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None


def _outline(summary: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if summary is None:
        return None
    counts = ("new", "changed", "again", "cleared", "accepted", "failed")
    return {
        **{name: summary.get(name) for name in ("status", "started", "seconds")},
        "exports": [
            {"target": done.get("target"), **{name: done.get(name, 0) for name in counts}}
            for done in summary.get("exports", [])
        ],
    }
