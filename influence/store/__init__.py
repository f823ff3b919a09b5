"""Stores: what was loaded once, to be added to and read again."""

from influence.store.directory import DirectoryStore
from influence.store.facts import Appended, StoreInfo
from influence.store.lock import LockedError
from influence.store.pointer import LoadedFile, is_store
from influence.store.sources import read_sources

__all__ = ["Appended", "DirectoryStore", "LoadedFile", "LockedError", "StoreInfo", "is_store", "read_sources"]
