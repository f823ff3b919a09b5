"""One server for all tests of this folder; they skip where it cannot be had."""

import os

import pytest
from server import PASSWORD, Missing, Server
from typer.testing import CliRunner

from influence import api
from influence.cli.app import app


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


@pytest.fixture
def invoke():
    def invoke_app(*args):
        result = CliRunner().invoke(app, [str(arg) for arg in args])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return invoke_app
