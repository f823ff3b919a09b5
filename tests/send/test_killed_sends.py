"""A run that is killed anywhere is made good by the next one, and nothing is sent twice with another key."""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import send_runs
from hubspot_server import TOKEN, HubSpot
from salesforce_server import TOKEN as SESSION
from salesforce_server import Salesforce
from send_runs import hubspot_target, people, run, salesforce_target

HERE = Path(__file__).parent
COUNT = 250
QUICK_KILLS, KILLS = 3, 15


@pytest.fixture(scope="module")
def runner():
    """Start runs in children that can be killed, without importing everything anew for each."""
    process = subprocess.Popen(
        [sys.executable, str(HERE / "kill_sender.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"POLARS_MAX_THREADS": "1", "NO_PROXY": "*"},
    )
    yield process
    process.stdin.close()
    words = process.stderr.read()
    process.wait()
    process.stdout.close()
    process.stderr.close()
    for secret in (TOKEN, SESSION):
        assert secret not in words


class Killed:
    """Runs for one CRM, the state of which is kept."""

    def __init__(self, runner, form, crm, out, environ):
        self.runner, self.form, self.crm, self.out, self.environ = runner, form, crm, out, environ
        self.seconds = 1.0

    def start(self, values, when):
        """Run and kill: at a request, before or after it is done, or after some seconds; return how it ended."""
        known = threading.Event()
        pid = 0

        def kill(*moment):
            if not moment or moment == when:
                known.wait()
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                return True  # what it was about to say is lost with it
            return False

        timer = threading.Timer(when, kill) if isinstance(when, float) else None
        self.crm.hook = kill if isinstance(when, tuple) else None
        task = {"form": self.form, "values": values, "out": str(self.out), "environ": self.environ}
        self.runner.stdin.write(json.dumps(task) + "\n")
        self.runner.stdin.flush()
        pid = int(self.runner.stdout.readline())
        known.set()
        if timer:
            timer.start()
        began = time.monotonic()
        status = int(self.runner.stdout.readline())
        self.crm.hook = None
        if timer:
            timer.cancel()
            timer.join()
        if status == 0:
            self.seconds = time.monotonic() - began
        return status

    def moment(self, draw, turn, requests):
        """Return when to kill: before a request gets there, after it is done, or at any time."""
        if turn % 3 == 2:
            return draw.uniform(0.0, self.seconds)
        return ("before", "after")[turn % 3], self.crm._number + draw.choice(requests)


def check_keys(writes):
    """Each content of a record has one key, and each key one content."""
    keys, contents = {}, {}
    for person, content, key in writes:
        assert keys.setdefault((person, content), key) == key
        assert contents.setdefault(key, (person, content)) == (person, content)


def hubspot_writes(crm):
    return crm.writes


def salesforce_writes(crm):
    field = send_runs.SALESFORCE_NAMES["idempotency_key"]
    for person, values in crm.writes:
        cells = dict(values)
        key = cells.pop(field)
        if key != "#N/A":  # of what was emptied
            yield person, tuple(sorted(cells.items())), key


def kill_often(killed, kills, seed, requests, held, wanted, empty, writes):
    draw = random.Random(seed)
    target = hubspot_target(threshold=0) if killed.form == "hubspot" else salesforce_target(threshold=0)
    persons, sent, ended = people(COUNT), set(), []
    assert killed.start(dict.fromkeys(persons, 150.0), None) == 0  # also shows how long one takes
    sent |= set(persons)
    for turn in range(kills):
        here = draw.sample(persons, COUNT - 20)
        values = {person: round(draw.uniform(1, 900), 2) for person in here}
        ended.append(killed.start(values, killed.moment(draw, turn, requests)))
        if turn % 2:  # the world goes on
            values = {person: round(draw.uniform(1, 900), 2) for person in draw.sample(persons, COUNT - 20)}
        done = run(values, target, killed.out, killed.environ)
        assert done.failed == 0
        assert held(killed.crm) == dict.fromkeys(sent, empty) | wanted(values)
        assert run(values, target, killed.out, killed.environ).folder is None
        check_keys(writes(killed.crm))
    assert set(ended) <= {0, -signal.SIGKILL}
    assert ended.count(-signal.SIGKILL) >= kills / 2, ended
    for path in killed.out.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert TOKEN.encode() not in data and SESSION.encode() not in data
    assert not [path for path in killed.out.iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize("kills", [QUICK_KILLS, pytest.param(KILLS, marks=pytest.mark.slow)])
def test_sends_to_hubspot_are_killed(runner, tmp_path, kills):
    with HubSpot() as crm:
        environ = {"HUBSPOT_ACCESS_TOKEN": TOKEN, "HUBSPOT_BASE_URL": crm.url}
        killed = Killed(runner, "hubspot", crm, tmp_path / "out", environ)
        kill_often(
            killed,
            kills,
            kills,
            (1, 2, 3),
            send_runs.held_hubspot,
            send_runs.wanted_hubspot,
            send_runs.EMPTY_HUBSPOT,
            hubspot_writes,
        )
        assert (len(crm.contacts), crm.created) == (COUNT, COUNT)


@pytest.mark.parametrize("kills", [QUICK_KILLS, pytest.param(KILLS, marks=pytest.mark.slow)])
def test_sends_to_salesforce_are_killed(runner, tmp_path, tls, monkeypatch, kills):
    context, authority = tls
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority))
    with Salesforce(context=context, delay=0.05) as crm:
        send_runs.define_salesforce(crm)
        for person in people(COUNT):
            crm.add(person)
        environ = {
            "SALESFORCE_ACCESS_TOKEN": SESSION,
            "SALESFORCE_INSTANCE_URL": crm.url,
            "REQUESTS_CA_BUNDLE": str(authority),
        }
        killed = Killed(runner, "salesforce", crm, tmp_path / "out", environ)
        kill_often(
            killed,
            kills,
            kills,
            (1, 2, 3, 3, 4, 5, 8, 10),  # to make, fill and close a job, to wait, to read results
            send_runs.held_salesforce,
            send_runs.wanted_salesforce,
            send_runs.EMPTY_SALESFORCE,
            salesforce_writes,
        )
        assert len(crm.contacts) == COUNT
