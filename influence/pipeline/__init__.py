"""Scores where people work: exports of a ranking, and one run that loads, ranks and exports."""

from influence.pipeline.exporting import export_changes, export_table
from influence.pipeline.syncing import SyncSettings, sync

__all__ = ["SyncSettings", "export_changes", "export_table", "sync"]
