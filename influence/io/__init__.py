"""Files and frames to validated tables: what other people recorded, in one shape and with its faults named."""

from influence.io.identities import merge_identities
from influence.io.ids import IdIndex
from influence.io.options import ReadOptions, read_options
from influence.io.suppression import suppress
from influence.io.tables import SourceFile, Tables, read_tables, tables_from_frames

__all__ = [
    "IdIndex",
    "ReadOptions",
    "SourceFile",
    "Tables",
    "merge_identities",
    "read_options",
    "read_tables",
    "suppress",
    "tables_from_frames",
]
