"""A Neo4j database as a store: loaded in batches, read in pages, scores written back."""

from influence.store.neo4j.connection import Connection, StoreError, is_uri
from influence.store.neo4j.store import Neo4jStore

__all__ = ["Connection", "Neo4jStore", "StoreError", "is_uri"]
