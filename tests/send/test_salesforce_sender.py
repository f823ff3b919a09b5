"""Salesforce has what it should have, whatever goes wrong on the way, by its own client."""

import json

import polars as pl
import pytest
import urllib3.util.connection
from crm_server import Fault
from salesforce_server import APP, LOGIN, TOKEN
from send_runs import (
    EMPTY_SALESFORCE,
    all_bytes,
    held_salesforce,
    people,
    run,
    salesforce_target,
    wanted_salesforce,
    worth,
)

from influence.errors import InfluenceError, UsageError
from influence.export import salesforce as salesforce_files
from influence.send import Pace, sender_for
from influence.send.salesforce_jobs import _nothing_to_clear

TARGET = salesforce_target()


@pytest.fixture
def send(salesforce_environ, tmp_path):
    def send_now(values, **options):
        target = options.pop("target", TARGET)
        environ = options.pop("environ", salesforce_environ)
        return run(values, target, tmp_path / "out", environ, **options)

    return send_now


@pytest.fixture
def crm(salesforce_crm):
    for person in people(150):
        salesforce_crm.add(person, Email=person, Phone="123")
    salesforce_crm.add("stranger@example.org")
    return salesforce_crm


def test_first_send_to_a_crm_that_has_data(crm, send):
    values = worth(people(150))
    done = send(values)
    assert (done.accepted, done.failed, done.counts["new"]) == (150, 0, 150)
    assert held_salesforce(crm) == wanted_salesforce(values)
    assert len(crm.contacts) == 151
    assert {contact["LastName"] for contact in crm.contacts.values()} == {"Smith"}
    assert crm.by_key()["stranger@example.org"] == {"LastName": "Smith", "Influence_Id__c": "stranger@example.org"}
    assert [job["state"] for job in crm.jobs.values()] == ["JobComplete"]


def test_second_send_sends_nothing_and_one_changed_sends_one(crm, send):
    values = worth(people(30))
    send(values)
    before = len(crm.requests)
    assert send(values).folder is None
    assert [method for method, _ in crm.requests[before:]] == ["GET"]  # whose it is
    values = worth(people(30), {people(30)[7]: 5.0})
    done = send(values)
    assert (done.accepted, done.counts["changed"], len(crm.jobs)) == (1, 1, 2)
    assert len(crm.writes) == 31
    assert held_salesforce(crm) == wanted_salesforce(values)


def test_what_has_no_value_is_emptied(crm, send):
    person = people(1)[0]
    send({person: 900.0})
    assert crm.by_key()[person]["Influence_Suggested_Reward__c"] == "access"
    send({person: 20.0})
    assert crm.by_key()[person]["Influence_Suggested_Reward__c"] is None


def test_who_left_is_cleared_and_neither_deleted_nor_made(crm, send):
    persons = people(8)
    send(worth(persons))
    crm.contacts = {number: one for number, one in crm.contacts.items() if one["Influence_Id__c"] != persons[0]}
    done = send(worth(persons[3:]))
    assert (done.counts["cleared"], done.accepted, done.failed) == (3, 3, 0)
    held = held_salesforce(crm)
    assert held == wanted_salesforce(worth(persons[3:])) | dict.fromkeys(persons[1:3], EMPTY_SALESFORCE)
    assert len(crm.contacts) == 150
    assert {contact["Phone"] for contact in crm.contacts.values() if "Phone" in contact} == {"123"}
    assert send(worth(persons[3:])).folder is None


def test_some_are_refused_kept_and_sent_again(crm, send):
    persons = people(20)
    crm.bad = {persons[3]: 'INVALID_CROSS_REFERENCE_KEY:bad "id",\nsays it:--', persons[5]: "=1+1"}
    values = worth([*persons, "P9999@example.org"])
    done = send(values)
    assert (done.accepted, done.failed) == (18, 3)
    failed = pl.read_csv(done.folder / "failed.csv")
    assert failed["key"].to_list() == [persons[3], persons[5], "P9999@example.org"]
    assert failed["error"][0] == 'INVALID_CROSS_REFERENCE_KEY:bad "id", says it:--'
    assert failed["error"][1] == "'=1+1"
    assert "REQUIRED_FIELD_MISSING" in failed["error"][2]  # she is not there, and has no name to be made with
    done = send(values)
    assert (done.counts["again"], done.accepted, done.failed) == (3, 0, 3)
    crm.bad = {}
    crm.add("P9999@example.org")
    assert send(values).accepted == 3
    assert send(values).folder is None
    assert held_salesforce(crm) == wanted_salesforce(values)


def test_results_come_in_pages(crm, send):
    crm.page = 7
    crm.bad = dict.fromkeys(people(150)[::5], "no")
    done = send(worth(people(150)))
    assert (done.accepted, done.failed) == (120, 30)
    assert crm.made("/successfulResults") == 18


def test_several_files_are_several_jobs(crm, send, monkeypatch):
    monkeypatch.setattr(salesforce_files, "MOST_BYTES", 8_000)
    monkeypatch.setattr(salesforce_files, "rows_of", lambda frame: frame.iter_slices(10))
    values = worth(people(150))
    done = send(values)
    assert done.accepted == 150
    assert len(crm.jobs) == len(done.files) > 2
    assert max(len(job["contents"][0]) for job in crm.jobs.values()) <= 8_000
    assert held_salesforce(crm) == wanted_salesforce(values)


@pytest.mark.slow
def test_many(salesforce_crm, send):
    values = worth(people(9_000))
    for person in values:
        salesforce_crm.add(person)
    salesforce_crm.page = 2_500
    salesforce_crm.bad = dict.fromkeys(people(9_000)[::100], "no")
    done = send(values)
    assert (done.accepted, done.failed) == (8_910, 90)
    salesforce_crm.bad = {}
    assert send(values).accepted == 90
    assert held_salesforce(salesforce_crm) == wanted_salesforce(values)


def test_left_out_people_are_not_sent(crm, send):
    values = worth(people(3)) | {"p0001@EXAMPLE.org": 3.0}  # somebody else with the same key, but for its case
    done = send(values)
    assert (done.left_out, done.accepted, len(crm.jobs)) == (2, 2, 1)


PLACES = ("POST", "PUT", "PATCH", "GET /services/data/v61.0/jobs/", "Results", "describe", "query")
FAULTS = (Fault(503), Fault(429, headers={"Retry-After": "0"}), Fault(drop="before"), Fault(drop="after"))
ONCE = [
    ("POST", Fault(429, headers={"Retry-After": "0"})),
    ("PUT", Fault(drop="after")),
    ("PUT", Fault(503)),
    ("PATCH", Fault(drop="after")),
    ("PATCH", Fault(wait=0.8)),
    ("Results", Fault(drop="within")),
    ("query", Fault(500)),
]
ALSO = [(where, fault) for where in PLACES for fault in FAULTS] + [("PUT", Fault(wait=0.8))]


@pytest.mark.parametrize(
    ("where", "fault"),
    [*ONCE, *(pytest.param(*pair, marks=pytest.mark.slow) for pair in ALSO)],
    ids=lambda value: value if isinstance(value, str) else str(value.status or value.drop or "slow"),
)
def test_what_goes_wrong_once_is_done_again(crm, send, where, fault):
    crm.fail(where, fault)
    values = worth(people(30))
    done = send(values)
    assert not crm.faults
    assert (done.accepted, done.failed) == (30, 0)
    assert held_salesforce(crm) == wanted_salesforce(values)
    assert len(crm.writes) == 30  # no job ran twice
    assert crm.made("PUT") == 1 + (where == "PUT")  # and none got its data twice
    assert {job["state"] for job in crm.jobs.values()} <= {"JobComplete", "Aborted", "Open"}
    assert send(values).folder is None


def test_data_that_get_lost_every_time(crm, send):
    crm.fail("PUT", *[Fault(drop="before")] * 9)
    with pytest.raises(InfluenceError, match=r"cannot be reached .*; run it again to go on from there"):
        send(worth(people(3)), pace=Pace(read=1, tries=2, backoff=0.01, poll=0.01))
    assert [job["state"] for job in crm.jobs.values()] == ["Aborted"] * 3
    crm.faults.clear()
    assert send(worth(people(3))).accepted == 3


def test_a_file_that_is_too_large(crm, send):
    crm.most = 100
    with pytest.raises(InfluenceError, match="413: LIMIT: Request entity too large"):
        send(worth(people(3)))


def test_a_job_that_fails(crm, send):
    work = crm._run

    def fail(job):
        work(job)
        rows = job["results"]["successfulResults"]
        job["results"]["unprocessedRecords"] = [row[2:] for row in rows[2:]]
        job["results"]["successfulResults"] = rows[:2]
        job["state"], job["errorMessage"] = "Failed", f"InternalServerError : at {TOKEN}"

    crm._run = fail
    with pytest.raises(InfluenceError, match=r"job 750\d+ as Failed: InternalServerError : at \*\*\*; 2 records"):
        send(worth(people(5)))
    crm._run = work
    done = send(worth(people(5)))
    assert (done.accepted, done.counts["again"]) == (3, 3)


def test_a_job_that_takes_too_long_is_read_next_time(crm, send):
    crm.stuck = True
    values = worth(people(5))
    with pytest.raises(InfluenceError, match=r"still works on the job 750\d+ after 0 minutes; run it again later"):
        send(values, pace=Pace(read=2, poll=0.01, slowest_poll=0.02, patience=0.1))
    with pytest.raises(InfluenceError, match="still works"):  # nothing new is begun before that
        send(values, pace=Pace(read=2, poll=0.01, slowest_poll=0.02, patience=0.1))
    assert len(crm.jobs) == 1
    crm.stuck = False
    done = send(values)
    assert (done.folder, len(crm.jobs)) == (None, 1)
    assert held_salesforce(crm) == wanted_salesforce(values)


def test_jobs_of_a_run_that_was_killed(crm, salesforce_environ, tmp_path):
    sender = sender_for(TARGET, salesforce_environ, pace=Pace(poll=0.01))
    jobs = sender._jobs

    def begin(people):
        job = jobs.create()
        path = tmp_path / "Contact-0001.csv"
        path.write_text("Influence_Id__c,Influence_Reasons__c\n" + "".join(f"{one},x\n" for one in people))
        jobs.upload(job, path)
        return job

    done = begin(["P0001@example.org", "nobody@example.org"])
    jobs.wait(done)
    running = begin(["P0002@example.org"])
    opened = jobs.create()
    aborted = jobs.create()
    jobs.abort(aborted)
    old = "750000000000000999"
    answers = {answer.job: answer for answer in sender.resume([done, running, opened, aborted, old])}
    assert answers[done].accepted == ["P0001@example.org"]
    assert list(answers[done].failed) == ["nobody@example.org"]
    assert answers[running].accepted == ["P0002@example.org"]
    for job in (opened, aborted, old):
        assert (list(answers[job].accepted), answers[job].failed) == ([], {})
    assert crm.jobs[opened]["state"] == "Aborted"
    crm.fail("GET", *[Fault(503)] * 20)
    with pytest.raises(InfluenceError, match="503"):
        list(sender_for(TARGET, salesforce_environ, pace=Pace(tries=1, backoff=0.01)).resume([done]))


def test_a_job_without_results(crm, salesforce_environ):
    sender = sender_for(TARGET, salesforce_environ)
    job = sender._jobs.create()
    crm.jobs[job]["state"] = "Failed"
    crm.fail("Results", *[Fault(404, [{"errorCode": "NOT_FOUND", "message": "gone"}])] * 2)
    answer = next(sender.resume([job]))
    assert (answer.job, list(answer.accepted), answer.failed) == (job, [], {})


def test_a_job_that_ended_midway(crm, salesforce_environ):
    sender = sender_for(TARGET, salesforce_environ)
    job = sender._jobs.create()
    crm.jobs[job] |= {"state": "Failed", "header": ["Influence_Id__c", "X"], "errorMessage": f"at {TOKEN}"}
    crm.jobs[job]["results"] = {
        "successfulResults": [["003", "false", "ann", "x"], ["003", "false", "b"]],  # the last one is cut off
        "failedResults": [],
        "unprocessedRecords": [["cecil", "x"]],
    }
    answer = next(sender.resume([job]))
    assert answer.accepted == ["ann"]
    assert answer.failed == {"cecil": "Salesforce did not process it: at ***"}


def test_what_is_to_be_emptied_and_is_not_there():
    row = {"sf__Id": "", "influence_id__c": "ann", "A__c": "#N/A", "B__c": "false"}
    lacks = "REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --"
    assert _nothing_to_clear({**row, "sf__Error": lacks}, "Influence_Id__c")
    assert not _nothing_to_clear(
        {**row, "sf__Error": lacks.replace("[LastName]", "[LastName, a__c]")}, "Influence_Id__c"
    )
    assert not _nothing_to_clear({**row, "sf__Error": lacks, "A__c": "1"}, "Influence_Id__c")
    assert not _nothing_to_clear({**row, "sf__Error": "UNABLE_TO_LOCK_ROW:busy:--"}, "Influence_Id__c")


def test_a_job_of_another_mapping(crm, salesforce_environ):
    """The settings may have changed since: the job itself tells by what its people are known."""
    crm.fields["Other_Id__c"] = {"type": "string", "externalId": True}
    sender = sender_for(salesforce_target(external_id="Other_Id__c"), salesforce_environ, pace=Pace(poll=0.01))
    job = sender_for(TARGET, salesforce_environ)._jobs.create()
    crm.jobs[job] |= {"state": "JobComplete", "header": ["Influence_Id__c"]}
    crm.jobs[job]["results"]["successfulResults"] = [["003", "false", "ann"]]
    assert next(sender.resume([job])).accepted == ["ann"]


def test_fields_that_are_missing(crm, send):
    del crm.fields["Influence_Quadrant__c"]
    crm.fields["Influence_Reasons__c"]["updateable"] = False
    crm.fields["Influence_Id__c"]["externalId"] = False
    with pytest.raises(UsageError) as caught:
        send(worth(people(3)))
    for part in (
        "Influence_Id__c (not an External ID)",
        "Influence_Quadrant__c (missing)",
        "Influence_Reasons__c (cannot be written)",
        "Setup, Object Manager, Contact",
    ):
        assert part in str(caught.value)
    assert not crm.jobs


def test_limits_permissions_and_sessions(crm, send):
    said = [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}]
    for where in ("query", "describe", "POST"):
        crm.fail(where, Fault(403, said))
        with pytest.raises(InfluenceError, match=r"takes no more today .*REQUEST_LIMIT_EXCEEDED.*run it again tomor"):
            send(worth(people(3)))
    crm.fail("POST", Fault(403, [{"errorCode": "API_DISABLED_FOR_ORG", "message": "no"}]))
    with pytest.raises(InfluenceError, match=r"forbids it .*API_DISABLED_FOR_ORG.*permission"):
        send(worth(people(3)))
    crm.token = "another"
    with pytest.raises(InfluenceError, match=r"does not accept the session .*SALESFORCE_ACCESS_TOKEN") as caught:
        send(worth(people(3)))
    assert "Session expired or invalid: ***" in str(caught.value)
    assert not crm.writes


def test_whose_it_is(crm, send, salesforce_environ):
    assert sender_for(TARGET, salesforce_environ).account() == "00D5e00000Abc42EAA"
    crm.sees_organization = False
    assert sender_for(TARGET, salesforce_environ).account() == f"localhost:{crm.port}"
    crm.fail("query", *[Fault(503)] * 5)
    with pytest.raises(InfluenceError, match="503"):
        sender_for(TARGET, salesforce_environ, pace=Pace(tries=1, backoff=0.01)).account()


@pytest.fixture
def everywhere(crm, monkeypatch):
    """Let all of Salesforce's hosts be the local server."""
    connect = urllib3.util.connection.create_connection

    def local(address, *args, **kwargs):
        assert address[0].endswith(("salesforce.com", "localhost"))
        return connect(("127.0.0.1", crm.port), *args, **kwargs)

    monkeypatch.setattr(urllib3.util.connection, "create_connection", local)


PASSWORD = {f"SALESFORCE_{name.upper()}": value for name, value in LOGIN.items()}
CONSUMER = {
    "SALESFORCE_CONSUMER_KEY": APP[0],
    "SALESFORCE_CONSUMER_SECRET": APP[1],
    "SALESFORCE_DOMAIN": "https://acme.my.salesforce.com/",
}


@pytest.mark.parametrize("environ", [PASSWORD, CONSUMER], ids=["password", "app"])
def test_other_ways_to_log_in(crm, send, everywhere, environ, tmp_path, capfd):
    crm.bad = {people(1)[0]: f"ODD:session {TOKEN}:--"}
    assert send(worth(people(9)), environ=environ).accepted == 8
    crm.bad = {}
    crm.fail("PATCH", Fault(500, [{"errorCode": "UNKNOWN_EXCEPTION", "message": "oh"}]))
    assert send(worth(people(10)), environ=environ).accepted == 2  # a mishap after the login is tried again
    written = all_bytes(tmp_path / "out")
    for secret in (TOKEN, *LOGIN.values(), *APP):
        assert secret.encode() not in written
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("wrong", ["SALESFORCE_PASSWORD", "SALESFORCE_CONSUMER_SECRET"])
def test_a_wrong_password_is_tried_once(crm, send, everywhere, wrong):
    environ = PASSWORD if wrong in PASSWORD else CONSUMER
    environ = environ | {wrong: "wr<o>ng&pass word/42" if wrong in PASSWORD else "wr+o/ng&42"}
    with pytest.raises(InfluenceError, match="does not accept the login") as caught:
        send(worth(people(2)), environ=environ)
    assert len(crm.requests) == 1  # else the user would be locked out
    text = str(caught.value)
    assert "***" in text
    for name, value in environ.items():
        if not name.endswith(("DOMAIN", "USERNAME")):
            assert value not in text
    assert "ng&amp;pass" not in text


def test_no_secret_gets_out(crm, send, tmp_path, capfd):
    crm.bad = {people(3)[1]: f"ODD:{TOKEN}:--"}
    crm.fail("PUT", Fault(drop="before"))
    done = send(worth(people(3)))
    assert pl.read_csv(done.folder / "failed.csv")["error"].to_list() == ["ODD:***:--"]
    assert capfd.readouterr() == ("", "")
    assert TOKEN.encode() not in all_bytes(tmp_path)
    assert TOKEN not in json.dumps(done.as_dict())


def test_other_passwords_for_this_host_are_left_alone(crm, send, tmp_path, monkeypatch):
    (tmp_path / "netrc").write_text("machine localhost\nlogin ann\npassword other\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    assert send(worth(people(2))).accepted == 2


def test_a_stranger_with_another_certificate(crm, send, monkeypatch):
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    with pytest.raises(InfluenceError, match=r"cannot be reached .*certificate verify failed"):
        send(worth(people(2)))
    assert not crm.requests
