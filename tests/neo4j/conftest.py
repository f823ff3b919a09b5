"""One server for all tests of this folder; they skip where it cannot be had."""

import os

import pytest
from server import PASSWORD, Missing, Server

from influence import api


@pytest.fixture(scope="session")
def running(tmp_path_factory):
    try:
        found = Server(tmp_path_factory.mktemp("neo4j") / "home")
    except Missing as missing:
        if os.environ.get("INFLUENCE_NEEDS_NEO4J"):
            raise
        pytest.skip(f"no Neo4j server: {missing}")
    found.start()
    yield found
    found.stop()


@pytest.fixture
def server(running, monkeypatch):
    """An empty server, and its login in the environment."""
    for name, value in (("USERNAME", "neo4j"), ("PASSWORD", PASSWORD)):
        monkeypatch.setenv(f"NEO4J_{name}", value)
    monkeypatch.delenv("NEO4J_DATABASE", raising=False)
    running.empty()
    return running


@pytest.fixture(scope="session")
def demo():
    return api.demo_tables()
