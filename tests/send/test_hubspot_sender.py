"""HubSpot has what it should have, whatever goes wrong on the way, by its own client."""

import json
import time

import polars as pl
import pytest
from crm_server import Fault
from hubspot_server import TOKEN, HubSpot
from send_runs import (
    EMPTY_HUBSPOT,
    QUICK,
    all_bytes,
    held_hubspot,
    hubspot_target,
    people,
    records_of,
    run,
    wanted_hubspot,
    worth,
)

from influence.errors import InfluenceError, UsageError
from influence.export.delivery import deliver
from influence.send import Pace
from influence.send.hubspot_answers import read_answer

TARGET = hubspot_target()


@pytest.fixture
def send(hubspot_environ, tmp_path):
    def send_now(values, **options):
        target = options.pop("target", TARGET)
        return run(values, target, options.pop("out", tmp_path / "out"), hubspot_environ, **options)

    return send_now


def test_first_send_to_a_crm_that_has_data(hubspot_crm, send):
    for person in people(120):
        hubspot_crm.add(person, firstname="Ann", lifecyclestage="customer")
    hubspot_crm.add("stranger@example.org", firstname="Bob")
    values = worth(people(250))
    done = send(values)
    assert (done.accepted, done.failed, done.counts["new"]) == (250, 0, 250)
    assert hubspot_crm.sizes == [100, 100, 50]
    assert held_hubspot(hubspot_crm) == wanted_hubspot(values)
    assert (len(hubspot_crm.contacts), hubspot_crm.created) == (251, 130)
    by_email = hubspot_crm.by_email()
    assert by_email["stranger@example.org"] == {"email": "stranger@example.org", "firstname": "Bob"}
    assert {by_email[person]["firstname"] for person in people(120)} == {"Ann"}
    assert {by_email[person]["lifecyclestage"] for person in people(120)} == {"customer"}


def test_properties_are_made_once(hubspot_crm, send):
    done = send(worth(people(3)))
    made = hubspot_crm.properties["influence_network_value"]
    assert (made["type"], made["fieldType"], made["groupName"]) == ("number", "number", "influence")
    assert [option["value"] for option in hubspot_crm.properties["influence_hidden_gem"]["options"]] == [
        "true",
        "false",
    ]
    assert "influence" in hubspot_crm.groups
    assert done.notes == ("made in HubSpot: 6 properties of contacts, in the group 'influence'",)
    again = send(worth(people(4)))
    assert again.notes == ()
    assert hubspot_crm.made("POST /crm/v3/properties") == 2


def test_somebody_else_makes_group_and_properties_in_the_same_moment(hubspot_crm, send):
    asked = hubspot_crm._schema

    def race(method, rest, body):
        answer = asked(method, rest, body)
        if (method, rest) == ("GET", "/groups"):
            hubspot_crm.groups.add("influence")
        if method == "GET" and not rest and hubspot_crm.made("GET /crm/v3/properties") == 1:
            names = ("network_value", "quadrant", "hidden_gem", "suggested_reward", "reasons", "as_of")
            hubspot_crm.properties |= {f"influence_{name}": {"name": f"influence_{name}"} for name in names}
            for name in names:
                hubspot_crm.properties[f"influence_{name}"]["type"] = "number" if name == "network_value" else "string"
        return answer

    hubspot_crm._schema = race
    assert send(worth(people(2))).accepted == 2
    assert hubspot_crm.made("POST /crm/v3/properties") == 2  # both were refused with 409


def test_properties_of_another_type(hubspot_crm, send):
    hubspot_crm.properties["influence_quadrant"] = {"name": "influence_quadrant", "type": "enumeration"}
    assert "influence_quadrant is enumeration in HubSpot, and string here" in send(worth(people(1))).notes[0]
    hubspot_crm.properties["influence_quadrant"]["type"] = "number"
    hubspot_crm.properties["influence_reasons"] = {"name": "influence_reasons", "type": "date"}
    with pytest.raises(UsageError, match=r"influence_quadrant \(there number, here string\), influence_reasons"):
        send(worth(people(2)))
    assert len(hubspot_crm.writes) == 1
    target = hubspot_target(fields={"network_value": "hs_score"})
    with pytest.raises(UsageError, match=r"hs_score \(cannot be written\)"):
        send(worth(people(2)), target=target)


def test_nobody_is_known_by_a_property_that_is_not_there(hubspot_crm, send):
    with pytest.raises(UsageError, match=r"no property 'customer_id'.*unique values"):
        send(worth(people(2)), target=hubspot_target(id_property="customer_id"))
    assert hubspot_crm.made("/batch/up") == 0


def test_second_send_sends_nothing_and_one_changed_sends_one(hubspot_crm, send):
    values = worth(people(130))
    send(values)
    before = len(hubspot_crm.requests)
    done = send(values)
    assert (done.folder, done.accepted, done.counts["unchanged"]) == (None, 0, 130)
    assert hubspot_crm.requests[before:] == [("GET", "/account-info/v3/details")]
    values = worth(people(130), {people(130)[77]: 5.0})
    done = send(values)
    assert (done.accepted, done.counts["changed"]) == (1, 1)
    assert hubspot_crm.sizes[-1] == 1
    assert held_hubspot(hubspot_crm) == wanted_hubspot(values)


def test_who_left_is_cleared_and_neither_deleted_nor_made(hubspot_crm, send):
    persons = people(8)
    send(worth(persons))
    gone = next(number for number, contact in hubspot_crm.contacts.items() if contact["email"] == persons[0])
    del hubspot_crm.contacts[gone]  # deleted there by hand
    done = send(worth(persons[3:]))
    assert (done.counts["cleared"], done.accepted, done.failed) == (3, 3, 0)
    held = held_hubspot(hubspot_crm)
    assert held == wanted_hubspot(worth(persons[3:])) | dict.fromkeys(persons[1:3], EMPTY_HUBSPOT)
    assert hubspot_crm.created == 8
    assert hubspot_crm.made("DELETE") == 0
    assert send(worth(persons[3:])).folder is None


def test_a_clear_that_finds_nobody_is_told_by_404(hubspot_crm, send):
    hubspot_crm.lenient = False
    send(worth(people(6)))
    hubspot_crm.contacts = {number: one for number, one in hubspot_crm.contacts.items() if "P0002" not in one["email"]}
    done = send(worth(people(1)))
    assert (done.counts["cleared"], done.accepted, done.failed, hubspot_crm.created) == (5, 5, 0, 6)


@pytest.mark.parametrize("echo", [True, False])
def test_some_are_refused_kept_and_sent_again(hubspot_crm, send, tmp_path, echo):
    hubspot_crm.echo = echo
    persons = people(150)
    bad = {persons[3]: "Email address is invalid", persons[140]: "=cmd|' /C calc'!A0"}
    hubspot_crm.bad = dict(bad)
    values = worth(persons)
    if echo:
        done = send(values)
        assert (done.accepted, done.failed) == (148, 2)
        failed = pl.read_csv(done.folder / "failed.csv")
        assert failed["key"].to_list() == sorted(bad)
        assert failed["error"][0] == "Email address is invalid"
        assert failed["error"][1].startswith("'=")  # opened in a spreadsheet
        assert set(held_hubspot(hubspot_crm)) == set(persons) - set(bad)
        done = send(values)
        assert (done.counts["again"], done.accepted, done.failed, hubspot_crm.sizes[-1]) == (2, 0, 2, 2)
    else:
        done = send(values)
        assert done.accepted == 148  # results without names, one for each who was not refused
    hubspot_crm.bad = {}
    done = send(values)
    assert (done.accepted, done.failed) == (2, 0)
    assert send(values).folder is None
    assert held_hubspot(hubspot_crm) == wanted_hubspot(values)
    keys = {}
    for email, properties, trace in hubspot_crm.writes:
        assert keys.setdefault((email, properties), trace) == trace


def test_one_bad_record_does_not_keep_99_others_out(hubspot_crm, send):
    hubspot_crm.lenient = False
    persons = people(200)
    hubspot_crm.bad = {persons[37]: "INVALID_EMAIL"}
    done = send(worth(persons))
    assert (done.accepted, done.failed) == (199, 1)
    assert "Property values were not valid: INVALID_EMAIL" in pl.read_csv(done.folder / "failed.csv")["error"][0]
    assert hubspot_crm.made("/batch/upsert") <= 2 + 2 * 7
    assert set(held_hubspot(hubspot_crm)) == set(persons) - {persons[37]}


@pytest.mark.slow
def test_where_all_are_refused_batches_are_not_taken_apart_for_ever(hubspot_crm, send):
    hubspot_crm.lenient = False
    persons = people(320)
    hubspot_crm.bad = dict.fromkeys(persons[:250], "no")
    done = send(worth(persons))
    # two batches of 199 requests each, a mixed one that is refused whole, and one that is good
    assert hubspot_crm.made("/batch/upsert") == 199 + 199 + 1 + 1
    assert (done.accepted, done.failed) == (20, 300)
    hubspot_crm.bad = {}
    assert send(worth(persons)).accepted == 300


ONCE = [
    Fault(429, {"message": "ten secondly limit", "policyName": "TEN_SECONDLY_ROLLING"}),
    Fault(drop="after"),
    Fault(drop="within"),
    Fault(wait=0.8),
]
ALSO = [
    Fault(500),
    Fault(502, b"<html>\xff bad gateway</html>"),
    Fault(503),
    Fault(504),
    Fault(423),
    Fault(drop="before"),
]


@pytest.mark.parametrize(
    "fault",
    [*ONCE, *(pytest.param(fault, marks=pytest.mark.slow) for fault in ALSO)],
    ids=lambda fault: str(fault.status or fault.drop or "slow"),
)
def test_what_goes_wrong_once_is_done_again(hubspot_crm, send, fault):
    hubspot_crm.fail("/batch/upsert", fault)
    hubspot_crm.fail("GET /crm/v3/properties/contacts", Fault(503))
    values = worth(people(120))
    done = send(values)
    assert (done.accepted, done.failed) == (120, 0)
    assert hubspot_crm.made("/batch/upsert") == 3
    assert held_hubspot(hubspot_crm) == wanted_hubspot(values)
    assert len(hubspot_crm.contacts) == hubspot_crm.created == 120


def test_waits_as_long_as_hubspot_asks_for(hubspot_crm, send):
    hubspot_crm.fail("/batch/upsert", Fault(429, headers={"Retry-After": "1"}))
    began = time.monotonic()
    assert send(worth(people(2))).accepted == 2
    assert time.monotonic() - began > 1.0


def test_does_not_wait_for_tomorrow(hubspot_crm, send):
    said = {"message": "You have reached your daily limit.", "policyName": "DAILY"}
    hubspot_crm.fail("/batch/upsert", Fault(429, said, {"Retry-After": "40000"}))
    with pytest.raises(InfluenceError, match=r"429: You have reached your daily limit\.; DAILY.*run it again to go on"):
        send(worth(people(2)))
    assert hubspot_crm.made("/batch/upsert") == 1
    hubspot_crm.fail("/batch/upsert", Fault(429, said, {"Retry-After": "when I say so"}))
    assert send(worth(people(2))).accepted == 2


@pytest.mark.parametrize(
    "fault",
    [
        Fault(503, {"message": "down"}),
        pytest.param(Fault(drop="before"), marks=pytest.mark.slow),
        pytest.param(Fault(wait=0.4), marks=pytest.mark.slow),
    ],
)
def test_gives_up_after_some_tries_and_goes_on_next_time(hubspot_crm, send, fault):
    values = worth(people(250))
    hubspot_crm.fail("/batch/upsert", Fault(500))
    pace = Pace(connect=1, read=0.2, tries=2, backoff=0.01, longest=1.0)
    seen = 0

    def after_the_first(when, number):
        nonlocal seen
        if when == "after" and not seen and hubspot_crm.writes:
            seen = 1
            hubspot_crm.fail("/batch/upsert", *[fault] * 3)

    hubspot_crm.hook = after_the_first
    with pytest.raises(InfluenceError) as caught:
        send(values, pace=pace)
    assert "100 records of this run arrived and are remembered; run it again to go on from there" in str(caught.value)
    hubspot_crm.hook = None
    hubspot_crm.faults.clear()
    done = send(values, pace=pace)
    assert (done.accepted, done.counts["again"]) == (150, 150)
    assert held_hubspot(hubspot_crm) == wanted_hubspot(values)
    assert hubspot_crm.created == 250


@pytest.mark.parametrize(
    "answer",
    [
        {"status": "COMPLETE", "results": []},
        {"status": "CANCELED", "results": []},
        {"status": "PROCESSING"},
        [],
        b"<html>maintenance</html>",
        b"",
        {"status": "COMPLETE", "results": [{"id": "1"}]},
    ],
)
def test_what_is_not_confirmed_is_not_taken_for_accepted(hubspot_crm, send, answer):
    hubspot_crm.fail("/batch/upsert", Fault(200, answer or b" "))
    done = send(worth(people(3)))
    assert (done.accepted, done.failed) == (0, 3)
    assert "did not confirm" in pl.read_csv(done.folder / "failed.csv")["error"][0]
    assert send(worth(people(3))).accepted == 3


def test_errors_that_name_nobody(hubspot_crm, send):
    persons = people(3)
    results = [{"id": "9", "properties": {"email": persons[1].upper()}}]
    errors = [{"message": "odd", "errors": [{"message": "inner"}]}, "text"]
    hubspot_crm.fail("/batch/upsert", Fault(207, {"status": "COMPLETE", "results": results, "errors": errors}))
    done = send(worth(persons))
    assert (done.accepted, done.failed) == (1, 2)
    assert pl.read_csv(done.folder / "failed.csv")["error"].to_list() == ["odd; inner"] * 2


def test_an_id_of_hubspot_is_nobodys_key():
    inputs = [{"id": key, "idProperty": "number", "objectWriteTraceId": "t" + key} for key in ("7", "8")]
    content = {"status": "COMPLETE", "results": [{"id": "8", "properties": {"number": "7"}}], "numErrors": 1}
    answer = read_answer(inputs, content, clear=False, hide=str)
    assert answer.accepted == ["7"]
    assert answer.failed == {"8": "HubSpot did not confirm it"}
    assert not read_answer(inputs, {"results": [{"id": "8"}]}, clear=False, hide=str).accepted
    missing = {"category": "OBJECT_NOT_FOUND", "message": "gone", "context": {"ids": ["7"]}}
    gone = {"results": [{"objectWriteTraceId": "t8"}], "errors": [missing]}
    assert read_answer(inputs, gone, clear=False, hide=str).failed == {"7": "gone"}
    assert read_answer(inputs, gone, clear=True, hide=str).accepted == ["7", "8"]
    for status in ("PENDING", "CANCELED"):
        undone = {"status": status, "results": [{"objectWriteTraceId": "t7"}, {"objectWriteTraceId": "t8"}]}
        assert not read_answer(inputs, undone, clear=False, hide=str).accepted
    both = {"results": [{"objectWriteTraceId": "t7"}, {"objectWriteTraceId": "t8"}]}
    refused = {**both, "errors": [{"message": "no", "context": {"objectWriteTraceId": "t8"}}]}
    assert read_answer(inputs, refused, clear=False, hide=str).accepted == ["7"]


def test_the_dated_path(hubspot_crm, send):
    target = hubspot_target(path="/crm/objects/2026-03/{object}/batch/upsert")
    assert send(worth(people(3)), target=target).accepted == 3
    assert hubspot_crm.made("POST /crm/objects/2026-03/contacts/batch/upsert") == 1
    wrong = hubspot_target(path="/crm/v9/{object}/upsert")
    with pytest.raises(InfluenceError, match=r"knows no address '/crm/v9/\{object\}/upsert'.*\[export.hubspot\]"):
        send(worth(people(4)), target=wrong)


def test_the_token_is_not_accepted(hubspot_crm, send, tmp_path):
    hubspot_crm.token = "another"
    with pytest.raises(InfluenceError, match="HUBSPOT_ACCESS_TOKEN") as caught:
        send(worth(people(3)))
    assert "not found: Bearer ***" in str(caught.value)  # they echo it
    assert TOKEN not in repr(caught.value)
    assert TOKEN.encode() not in all_bytes(tmp_path)
    assert len(hubspot_crm.requests) == 1


@pytest.mark.parametrize(
    "scope", ["crm.objects.contacts.write", "crm.schemas.contacts.read", "crm.schemas.contacts.write"]
)
def test_a_scope_is_missing(hubspot_crm, send, scope):
    hubspot_crm.scopes.remove(scope)
    with pytest.raises(InfluenceError, match=f"403: This app lacks scopes.*needs the scope {scope}"):
        send(worth(people(3)))
    assert not hubspot_crm.writes
    hubspot_crm.scopes.add(scope)
    assert send(worth(people(3))).accepted == 3


def test_another_account(hubspot_crm, send):
    send(worth(people(2)))
    hubspot_crm.portal = 4243
    with pytest.raises(UsageError, match="the account 4242, and this is 4243"):
        send(worth(people(3)))
    assert len(hubspot_crm.writes) == 2


def test_a_proxy_that_the_environment_names(hubspot_crm, tmp_path, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", f"http://ann:pass@127.0.0.1:{hubspot_crm.port}")
    environ = {"HUBSPOT_ACCESS_TOKEN": TOKEN, "HUBSPOT_BASE_URL": "http://localhost:1"}
    assert run(worth(people(2)), TARGET, tmp_path / "out", environ).accepted == 2
    assert set(hubspot_crm.proxied) == {"Basic YW5uOnBhc3M="}
    assert len(hubspot_crm.proxied) == len(hubspot_crm.requests)
    monkeypatch.setenv("NO_PROXY", "localhost")
    with pytest.raises(InfluenceError, match="cannot be reached"):
        run(worth(people(2)), TARGET, tmp_path / "out", environ)


def test_no_server(tmp_path):
    environ = {"HUBSPOT_ACCESS_TOKEN": TOKEN, "HUBSPOT_BASE_URL": "http://127.0.0.1:9"}
    with pytest.raises(InfluenceError, match="HubSpot cannot be reached") as caught:
        run(worth(people(2)), TARGET, tmp_path / "out", environ, pace=QUICK)
    assert TOKEN not in str(caught.value)


def test_no_word_and_no_secret_gets_out(hubspot_crm, send, tmp_path, capfd, caplog):
    caplog.set_level("DEBUG", "hubspot")
    hubspot_crm.bad = {people(5)[1]: f"the token {TOKEN} is lovely"}
    hubspot_crm.fail("/batch/upsert", Fault(429), Fault(drop="before"))
    done = send(worth(people(5)))
    assert (done.accepted, done.failed) == (4, 1)
    assert pl.read_csv(done.folder / "failed.csv")["error"].to_list() == ["the token *** is lovely"]
    assert capfd.readouterr() == ("", "")
    for place in (all_bytes(tmp_path), json.dumps(done.as_dict()).encode()):
        assert TOKEN.encode() not in place


def test_files_only_and_sent_are_remembered_apart(hubspot_crm, send, tmp_path, hubspot_environ):

    deliver(records_of(worth(people(3)), TARGET), TARGET, tmp_path / "out")
    assert not hubspot_crm.requests
    assert send(worth(people(3))).accepted == 3


@pytest.mark.slow
def test_many(tmp_path):
    values = worth(people(9_000))
    with HubSpot() as crm:
        environ = {"HUBSPOT_ACCESS_TOKEN": TOKEN, "HUBSPOT_BASE_URL": crm.url}
        crm.hook = lambda when, number: (
            crm.fail("/batch/upsert", Fault(429) if number % 2 else Fault(drop="after"))
            if when == "after" and number and number % 7 == 0
            else None
        )
        done = run(values, TARGET, tmp_path / "out", environ)
        assert (done.accepted, len(crm.contacts)) == (9_000, 9_000)
        assert held_hubspot(crm) == wanted_hubspot(values)
