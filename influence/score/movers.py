"""Two dated rankings compared: who rose, fell, entered and left, and by how much."""

from __future__ import annotations

import dataclasses
import difflib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from influence.errors import DataError
from influence.io.spreadsheet import restored

__all__ = ["MOVEMENTS", "Run", "comparison", "movement_columns", "movers", "read_run", "summary"]

#: What can have become of a person since an earlier run.
MOVEMENTS = ("rose", "fell", "unchanged", "entered", "left")

_NEEDED = ("id", "rank", "network_value")
_ENDINGS = (".csv", ".json", ".jsonl", ".parquet")


@dataclasses.dataclass(frozen=True, eq=False)
class Run:
    """A saved ranking.

    Attributes
    ----------
    name : str
        The file, as the user wrote it.
    frame : polars.DataFrame
        ``id`` (text), ``rank`` and ``network_value``, as they stood; and all other columns if they were asked for.
    manifest : Mapping
        The manifest beside it; empty where there is none.
    """

    name: str
    frame: pl.DataFrame
    manifest: Mapping[str, Any]

    @property
    def facts(self) -> Mapping[str, Any]:
        """The facts of the manifest: unit, currency, as of, how many were listed."""
        facts = self.manifest.get("facts")
        return facts if isinstance(facts, Mapping) else {}


def read_run(path: str | Path, *, whole: bool = False) -> Run:
    """Read a ranking that ``influence rank --out`` wrote, and the manifest beside it where there is one.

    Ids are text, whatever they look like. Other columns than ``id``, ``rank`` and ``network_value`` are read only
    where the ``whole`` of it is asked for.

    Raises
    ------
    DataError
        The file or its manifest cannot be read, a column is missing, or a rank, value or id is not one.
    """
    name, path = str(path), Path(path).expanduser()
    if path.suffix.lower() not in _ENDINGS:
        raise DataError(
            f"{name}: no saved ranking ends like this; name the file that influence rank --out wrote, "
            f"which ends in {', '.join(_ENDINGS)}"
        )
    try:
        frame = _read(path, whole)
    except FileNotFoundError as error:
        raise DataError(f"{name}: no such file; write one with influence rank --out {name}") from error
    except (OSError, UnicodeDecodeError, pl.exceptions.PolarsError) as error:
        raise DataError(f"{name}: cannot be read as {path.suffix.lower()[1:]}: {_first_line(error)}") from error
    for column in _NEEDED:
        if column not in frame.columns:
            close = difflib.get_close_matches(column, frame.columns, n=1)
            hint = f"there is {close[0]!r}" if close else f"there are {', '.join(frame.columns[:12]) or 'none'}"
            raise DataError(
                f"{name}: a saved ranking has the columns {', '.join(_NEEDED)}, and {column!r} is missing; {hint}"
            )
    checked = _checked(name, frame.select(_NEEDED))
    return Run(name, frame.with_columns(checked) if whole else checked, _manifest(path))


def _read(path: Path, whole: bool) -> pl.DataFrame:
    ending = path.suffix.lower()
    if ending == ".csv":
        # as text, so that the id 007 stays what it is
        text = dict.fromkeys(_NEEDED, pl.String)
        frame = pl.read_csv(path, infer_schema=whole, infer_schema_length=None, schema_overrides=text)
        return frame.with_columns(pl.col(pl.String).map_batches(restored, pl.String))
    if ending == ".parquet":
        there = pl.read_parquet_schema(path)
        return pl.read_parquet(path, columns=None if whole else [name for name in _NEEDED if name in there] or None)
    if ending == ".jsonl":
        return pl.read_ndjson(path, infer_schema_length=None)
    frame = pl.read_json(path, infer_schema_length=None)
    rows = frame.schema.get("rows")
    if isinstance(rows, pl.List) and isinstance(rows.inner, pl.Struct):  # a document with facts and notes
        return frame.select("rows").explode("rows").unnest("rows")
    return frame


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__


def _checked(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    columns = []
    for column, kind, words in (
        ("id", pl.String, "an id"),
        ("rank", pl.Int64, "a whole number"),
        ("network_value", pl.Float64, "a number"),
    ):
        cells = frame[column]
        if cells.dtype.is_nested():
            raise DataError(f"{name}, column {column!r}: holds {cells.dtype}, not {words} in each row")
        if column == "rank" and cells.dtype.is_float():  # as other programs write whole numbers
            whole = cells.cast(pl.Int64, strict=False)
            read = pl.select(pl.when(whole.cast(pl.Float64) == cells).then(whole)).to_series().alias(column)
        else:
            read = cells.cast(kind, strict=False)
        bad = read.is_null() if column != "id" else read.is_null() | (read == "")
        if bad.any():
            row = int(bad.arg_max() or 0)
            raise DataError(
                f"{name}, row {row + 1}, column {column!r}: {cells[row]!r} is not {words}; was it edited after "
                "influence rank wrote it?"
            )
        columns.append(read)
    twice = columns[0].is_duplicated()
    if twice.any():
        person = columns[0].filter(twice)[0]
        raise DataError(f"{name}: the id {person!r} stands there twice, and a ranking lists everybody once")
    return pl.DataFrame(columns)


def _manifest(path: Path) -> Mapping[str, Any]:
    beside = path.with_name(path.name + ".manifest.json")
    try:
        content = json.loads(beside.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(
            f"{beside}: cannot be read as the manifest of {path.name}: {_first_line(error)}; remove it to compare "
            "without it"
        ) from error
    return content if isinstance(content, dict) else {}


def comparison(run: Run, facts: Mapping[str, Any]) -> tuple[bool, tuple[str, ...]]:
    """Return whether values can be compared with a saved run, and what a reader should know of it.

    Ranks can be compared in any case; values in another unit or currency cannot.

    Parameters
    ----------
    facts : Mapping
        Those of the ranking of now.
    """
    notes = []
    comparable = True
    if not run.manifest:
        notes.append(f"{run.name}: no manifest beside it: taken to be in the same unit and currency as now")
    for name in ("unit", "currency"):
        before, now = run.facts.get(name), facts.get(name)
        if name in run.facts and name in facts and before != now:
            comparable = False
            notes.append(
                f"{run.name}: {name} was {before or 'not said'} and is {now or 'not said'}: ranks are compared, "
                "values are not"
            )
    then, today = run.facts.get("as_of"), facts.get("as_of")
    if isinstance(then, str) and isinstance(today, str) and then > today:
        notes.append(f"{run.name}: is as of {then}, later than this ranking ({today}): changes run backwards")
    listed = run.facts.get("listed")
    if isinstance(listed, int) and listed > run.frame.height:
        notes.append(
            f"{run.name}: holds {run.frame.height:,} of the {listed:,} people who were ranked: whoever it leaves out "
            "counts as entered; save the next one without --top or --where"
        )
    return comparable, tuple(notes)


def movement_columns(now: pl.DataFrame, before: pl.DataFrame, *, values: bool = True) -> pl.DataFrame:
    """Return a ranking with what changed since an earlier one; rows and order stay.

    Added: ``previous_rank``, ``rank_change`` (positive: rose), ``value_change`` and ``movement`` (``rose``, ``fell``,
    ``unchanged`` by rank; ``entered`` with nulls in the others). Give the whole ranking, before anybody is filtered
    out of it.

    Parameters
    ----------
    now, before : polars.DataFrame
        With ``id``, ``rank`` and ``network_value``; ids compare as text.
    values : bool
        Whether values can be compared; their change is null if not.

    Examples
    --------
    >>> now = pl.DataFrame({"rank": [1, 2], "id": ["7", "8"], "network_value": [5.0, 4.0]})
    >>> before = pl.DataFrame({"rank": [2, 1], "id": [7, 9], "network_value": [3.0, 4.0]})
    >>> movement_columns(now, before).select("id", "previous_rank", "rank_change", "value_change", "movement").rows()
    [('7', 2, 1, 2.0, 'rose'), ('8', None, None, None, 'entered')]
    """
    earlier = before.select(
        pl.col("id").cast(pl.String).alias("_id"),
        pl.col("rank").cast(pl.Int64).alias("previous_rank"),
        pl.col("network_value").cast(pl.Float64).alias("_value"),
    )
    joined = now.with_columns(pl.col("id").cast(pl.String).alias("_id")).join(
        earlier, on="_id", how="left", maintain_order="left"
    )
    change = pl.col("previous_rank") - pl.col("rank").cast(pl.Int64)
    return joined.with_columns(
        rank_change=change,
        value_change=pl.col("network_value") - pl.col("_value") if values else pl.lit(None, pl.Float64),
        movement=pl.when(pl.col("previous_rank").is_null())
        .then(pl.lit("entered"))
        .when(change > 0)
        .then(pl.lit("rose"))
        .when(change < 0)
        .then(pl.lit("fell"))
        .otherwise(pl.lit("unchanged")),
    ).drop("_id", "_value")


def movers(now: pl.DataFrame, before: pl.DataFrame, *, values: bool = True) -> pl.DataFrame:
    """Return everybody of two rankings with what became of her: those of now by rank, then who left by hers then.

    Parameters
    ----------
    now, before, values
        As for :func:`movement_columns`.

    Returns
    -------
    polars.DataFrame
        ``id``, ``movement`` (one of ``MOVEMENTS``), ``rank``, ``previous_rank``, ``rank_change``, ``network_value``,
        ``previous_network_value``, ``value_change``.
    """
    earlier = before.select(
        pl.col("id").cast(pl.String),
        pl.col("rank").cast(pl.Int64).alias("previous_rank"),
        pl.col("network_value").cast(pl.Float64).alias("previous_network_value"),
    )
    stayed = movement_columns(now.select("id", "rank", "network_value"), before, values=values).with_columns(
        pl.col("id").cast(pl.String), pl.col("rank").cast(pl.Int64)
    )
    both = stayed.sort("rank", maintain_order=True).join(
        earlier.drop("previous_rank"), on="id", how="left", maintain_order="left"
    )
    left = (
        earlier.join(both.select("id"), on="id", how="anti")
        .sort("previous_rank", "id")
        .with_columns(movement=pl.lit("left"))
    )
    columns = ["rank", "previous_rank", "rank_change", "network_value", "previous_network_value", "value_change"]
    return pl.concat([both, left], how="diagonal").select("id", "movement", *columns)


def summary(moved: pl.DataFrame, name: str, kinds: Sequence[str] = MOVEMENTS) -> str:
    """Return how many rose, fell, stayed, entered and left since the run ``name``, in words.

    Parameters
    ----------
    moved : polars.DataFrame
        What :func:`movers` gave.
    """
    counts = dict(moved["movement"].value_counts().iter_rows())
    counted = ", ".join(f"{counts.get(kind, 0):,} {kind}" for kind in kinds)
    strangers = moved.height and not set(counts) - {"entered", "left"}
    hint = "; nobody is in both: are the ids written alike?" if strangers else ""
    return f"since {name}: {counted}{hint}"
