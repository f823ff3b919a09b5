"""What the administrator of a CRM has to set up before scores can come."""

from __future__ import annotations

import json

import polars as pl

from influence.export import hubspot, salesforce
from influence.export.fields import describe
from influence.export.records import Records
from influence.export.targets import Target

__all__ = ["definitions_text"]


def definitions_text(target: Target, *, people: bool = False) -> str:
    """Return the fields of a target: for HubSpot the body of a request, else a table as CSV or, for people, as text.

    Columns that no kind is known of are taken for text.
    """
    fields = tuple(describe(column, name) for column, name in target.names.items())
    none = pl.DataFrame()
    records = Records(none, fields, none, ())
    if target.form == "hubspot":
        return json.dumps({"inputs": hubspot.definitions(records, target)}, indent=2, ensure_ascii=False) + "\n"
    if target.form == "salesforce":
        frame = salesforce.definitions(records, target)
    else:
        rows = [(field.name, field.label, field.kind, field.meaning) for field in fields]
        frame = pl.DataFrame(rows, schema=["name", "label", "type", "description"], orient="row")
    if not people:
        return frame.write_csv()
    lines = [frame.columns, *frame.iter_rows()]
    widths = [max(len(line[place]) for line in lines) for place in range(frame.width)]
    padded = ("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)
    return "".join(f"{line.rstrip()}\n" for line in padded)
