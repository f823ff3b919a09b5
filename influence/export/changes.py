"""What has changed enough since it was last written to be worth writing again."""

from __future__ import annotations

import dataclasses
import hashlib
import json

import polars as pl

from influence.export.records import Records

__all__ = ["Plan", "plan_changes"]


@dataclasses.dataclass(frozen=True, eq=False)
class Plan:
    """What to write.

    Attributes
    ----------
    write : polars.DataFrame
        Records to create or update, as in :class:`Records`; by key.
    clear : polars.DataFrame
        ``_key`` and ``_id`` of people whose fields are to be emptied; by key.
    new, changed, again, held, unchanged : int
        Of the people in the ranking: not written before; changed; written before without an answer, or refused; changed
        by less than the threshold; and all others.
    """

    write: pl.DataFrame
    clear: pl.DataFrame
    new: int
    changed: int
    again: int
    held: int
    unchanged: int

    def __len__(self) -> int:
        return self.write.height + self.clear.height

    @property
    def counts(self) -> dict[str, int]:
        """How many of each."""
        return {
            "new": self.new,
            "changed": self.changed,
            "again": self.again,
            "cleared": self.clear.height,
            "below_threshold": self.held,
            "unchanged": self.unchanged,
        }


def watched_values(frame: pl.DataFrame, records: Records) -> pl.Series:
    """Return what the state keeps of each row: which fields are watched, and their values as JSON."""
    if not records.watched:
        return pl.Series("watched", [_layout(records)] * frame.height, dtype=pl.String)
    # by number, since names would be most of the state
    values = pl.struct(pl.col(field.name).alias(str(place)) for place, field in enumerate(records.watched))
    return frame.select(watched=pl.lit(_layout(records)) + values.struct.json_encode())["watched"]


def _layout(records: Records) -> str:
    """Return a mark of what is watched; values under another mark cannot be compared."""
    watched = json.dumps([(field.name, field.kind) for field in records.watched])
    return hashlib.blake2b(watched.encode(), digest_size=4).hexdigest()


def plan_changes(
    records: Records,
    last: pl.DataFrame,
    unanswered: pl.DataFrame,
    *,
    threshold: float,
    whole: bool = True,
    everything: bool = False,
) -> Plan:
    """Compare what a CRM should hold with what was last written to it.

    A number is compared with its *last written* value, so that small steps add up until they are written.

    Parameters
    ----------
    records : Records
    last : polars.DataFrame
        ``key``, ``id``, ``hash`` and ``watched`` as last written.
    unanswered : polars.DataFrame
        ``key`` and ``id`` of what was sent and may or may not have arrived, or was refused: written again in any case.
    threshold : float
        Share by which a watched number must change.
    whole : bool
        Whether the ranking lists everybody; if not, nobody is taken to have left.
    everything : bool
        Write all, changed or not.
    """
    now = records.frame
    before = last.select(_key="key", _last="hash", _watched="watched")
    open_keys = unanswered.select(_key="key", _open=pl.lit(value=True))
    joined = now.join(before, on="_key", how="left", maintain_order="left").join(
        open_keys, on="_key", how="left", maintain_order="left"
    )
    other = joined["_hash"].ne_missing(joined["_last"])
    new = joined["_last"].is_null()
    again = joined["_open"].is_not_null()
    differ = other & ~new
    moved = differ.clone()
    if differ.any() and not everything:
        at = differ.arg_true()
        worth = _worth_writing(joined[at], records, threshold)
        moved = moved.scatter(at, worth)
    write = moved | new | again
    if everything:
        write = pl.Series([True] * now.height, dtype=pl.Boolean)
    gone = pl.DataFrame(schema={"_key": pl.String, "_id": pl.String})
    if whole:
        known = pl.concat([last.select("key", "id"), unanswered.select("key", "id")]).unique("key", keep="last")
        gone = known.select(_key="key", _id="id").join(now, on="_key", how="anti").sort("_key")
        # who is in the ranking and has no clear key has not left: what is there stays until somebody says who is meant
        doubtful = records.left_out
        gone = gone.join(doubtful.select(_key="key"), on="_key", how="anti").join(
            doubtful.select(_id="id"), on="_id", how="anti"
        )
    return Plan(
        write=now.filter(write),
        clear=gone,
        new=int((new & ~again).sum()),
        changed=int((moved & ~again).sum()),
        again=int(again.sum()),
        held=int((differ & ~moved & ~again).sum()),
        unchanged=int((~other & ~again).sum()),
    )


def _worth_writing(rows: pl.DataFrame, records: Records, threshold: float) -> pl.Series:
    """Return for each row whether a watched field changed enough."""
    fields = records.watched
    if not fields:
        return pl.Series([False] * rows.height, dtype=pl.Boolean)
    mark = _layout(records)
    shape = pl.Struct({str(place): rows.schema[field.name] for place, field in enumerate(fields)})
    # what another mapping wrote is not known to be the same
    comparable = rows["_watched"].str.starts_with(mark)
    text = pl.select(pl.when(comparable).then(rows["_watched"].str.slice(len(mark)))).to_series()
    then = text.str.json_decode(shape).struct.unnest()
    changed = ~comparable
    for place, field in enumerate(fields):
        a, b = then[str(place)], rows[field.name]
        other = a.ne_missing(b)
        if field.kind == "number":
            near = (b - a).abs() <= threshold * a.abs()
            other = other & ~near.fill_null(value=False)
        changed = changed | other
    return changed
