"""Bodies for HubSpot's batch endpoints, and definitions of the properties that they fill."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from influence.export.parts import Part, Parts, as_text, rows_of, split, write_parts
from influence.export.records import Records
from influence.export.targets import Target

__all__ = ["BATCH", "definitions", "write"]

#: Records in one request.
BATCH = 100

_MOST_BYTES = 100_000_000
_PIECE = 500 * BATCH
_TYPES = {
    "number": ("number", "number"),
    "whole": ("number", "number"),
    "flag": ("bool", "booleancheckbox"),
    "label": ("string", "text"),
    "text": ("string", "textarea"),
    "time": ("datetime", "date"),
}


def write(folder: Path, parts: Parts, records: Records, target: Target) -> list[Part]:
    """Write JSON lines, each the body of one request: ``update-….jsonl`` to clear, ``upsert-….jsonl`` to write.

    To clear is an update, since an upsert would make anew a contact that was deleted there. Every value is text; the
    empty text clears. ``objectWriteTraceId`` is the idempotency key, by which answers tell records apart.

    References
    ----------
    .. [1] HubSpot, CRM API, "Create or update a batch of contacts by unique property values".
    """
    (folder / "properties.json").write_text(
        json.dumps({"inputs": definitions(records, target)}, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    written = []
    for stem, frame in (("update", parts.clear), ("upsert", parts.write)):
        bodies = split(_bodies(frame, records, target), most=_MOST_BYTES)
        written += write_parts(folder, stem, "jsonl", bodies)
    return written


def _bodies(frame: pl.DataFrame, records: Records, target: Target) -> Iterator[tuple[int, bytes]]:
    names = [field.name for field in records.fields]
    for piece in rows_of(frame, _PIECE):
        inputs = piece.select(
            "_key", "_hash", properties=pl.struct(as_text(piece.select(names), "").get_columns())
        ).select(
            text=pl.struct(
                idProperty=pl.lit(target.options["id_property"]),
                id="_key",
                objectWriteTraceId="_hash",
                properties="properties",
            ).struct.json_encode(),
            batch=pl.int_range(pl.len()) // BATCH,
        )
        lines = inputs.group_by("batch", maintain_order=True).agg(pl.col("text").str.join(","))["text"]
        yield piece.height, "".join(f'{{"inputs":[{line}]}}\n' for line in lines).encode()


def definitions(records: Records, target: Target) -> list[dict[str, Any]]:
    """Return the properties as HubSpot makes them: name, label, group, type and field type."""
    found = []
    for field in records.fields:
        kind, shown = _TYPES[field.kind]
        definition: dict[str, Any] = {
            "name": field.name,
            "label": field.label,
            "description": field.meaning,
            "groupName": target.options["group"],
            "type": kind,
            "fieldType": shown,
        }
        if field.kind == "flag":
            definition["options"] = [
                {"label": label, "value": value, "displayOrder": place, "hidden": False}
                for place, (label, value) in enumerate((("Yes", "true"), ("No", "false")))
            ]
        found.append(definition)
    return found
