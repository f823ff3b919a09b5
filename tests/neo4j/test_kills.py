"""Clients and servers that die in the middle of a load; INFLUENCE_KILLS sets how often, a half of them each."""

import os
import subprocess
import sys
import time

import numpy as np
import pytest
from server import PASSWORD, Server, graph_of

from influence import api
from influence.store.neo4j import StoreError

pytestmark = [pytest.mark.slow, pytest.mark.neo4j]
KILLS = int(os.environ.get("INFLUENCE_KILLS", "3"))
CHILD = """
import sys
from influence import api
api.load(api.demo_tables(), into=sys.argv[1])
"""


@pytest.fixture(scope="module")
def own(running, tmp_path_factory):
    """A server that may be killed, which speaks TLS with a certificate of its own."""
    found = Server(tmp_path_factory.mktemp("killed") / "home")
    found.encrypt()
    found.start()
    yield found
    found.stop()


@pytest.fixture(scope="module")
def clean(own, demo):
    """The graph of a load that is left in peace, and its seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEO4J_USERNAME", "neo4j")
        patch.setenv("NEO4J_PASSWORD", PASSWORD)
        began = time.monotonic()
        api.load(demo, into=own.uri)
        seconds = time.monotonic() - began
    return graph_of(own), seconds


@pytest.fixture(autouse=True)
def login(monkeypatch):
    monkeypatch.setenv("NEO4J_USERNAME", "neo4j")
    monkeypatch.setenv("NEO4J_PASSWORD", PASSWORD)


def test_a_certificate_of_their_own(own, clean, demo):
    """Encrypted without asking who vouches for it; else an error that says how."""
    assert api.rank(own.uri).frame.equals(api.rank(demo).frame)
    assert api.rank(own.uri.replace("bolt+ssc", "neo4j+ssc")).frame.height
    for scheme in ("bolt+s", "neo4j+s"):
        with pytest.raises(StoreError, match=r"certificate that is not trusted.*use \+ssc in place of \+s"):
            api.rank(own.uri.replace("bolt+ssc", scheme))
    with pytest.raises(StoreError) as refused:
        api.rank(own.uri.replace("bolt+ssc", "bolt"))
    assert "+s" in str(refused.value) and PASSWORD not in str(refused.value)


@pytest.mark.parametrize("kill", range(KILLS))
def test_whoever_is_killed(own, clean, demo, kill):
    """At any moment; then run again: the graph of a load that was left in peace."""
    graph, seconds = clean
    own.empty()
    child = subprocess.Popen([sys.executable, "-c", CHILD, own.uri], stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and child.poll() is None:
        if own.query("MATCH (p:Person) RETURN count(p) AS n")[0]["n"]:
            break
        time.sleep(0.05)
    wait = float(np.random.default_rng(kill).uniform(0.0, 0.5 * seconds))
    time.sleep(wait)
    victim = "server" if kill % 2 else "client"
    running = child.poll() is None
    if victim == "client":
        child.kill()
        child.communicate()
        half = graph_of(own)
    else:
        own.kill()
        own.start()
        half = graph_of(own)
        _, said = child.communicate(timeout=150)
        assert child.returncode == 0 or "StoreError" in said, said
    there = f"{len(half[0])} of {len(graph[0])} nodes, {len(half[1])} of {len(graph[1])} ties"
    print(f"{kill}: {victim} killed {wait:.1f} s after the first people (running: {running}), then {there}")
    api.load(demo, into=own.uri)
    assert graph_of(own) == graph


def test_a_database_that_can_only_be_read(own, clean, demo):
    own.stop()
    own.configure(**{"server.databases.read_only": "neo4j"})
    own.start()
    assert api.rank(own.uri).frame.equals(api.rank(demo).frame)
    with pytest.raises(StoreError, match="can only be read"):
        api.load(demo, into=own.uri)
