"""A Neo4j database as a store: loaded in batches, read in pages, scores written back."""

from influence.store.neo4j.connection import Connection, StoreError, is_uri
from influence.store.neo4j.import_files import import_folder, save_import_files
from influence.store.neo4j.names import Names
from influence.store.neo4j.store import Neo4jStore

__all__ = ["Connection", "Names", "Neo4jStore", "StoreError", "import_folder", "is_uri", "save_import_files"]
