"""Files that CRMs take: what changed, in order, and once."""

import csv
import json

import polars as pl
import pytest
from exported import Crm, facts, ranking

from influence.errors import DataError, InfluenceError, UsageError
from influence.export import delivery, salesforce
from influence.export.delivery import Answer, deliver
from influence.export.records import make_records
from influence.export.state import State
from influence.export.targets import FORMATS, Target, read_target

PEOPLE = {f"p{number:04d}": 10.0 + number for number in range(250)}


def records_of(values, form, settings=None, **columns):
    frame = ranking(values, **columns)
    target = Target.of(form, settings)
    return make_records(frame, target, facts=facts(frame)), target


def export(out, values, form="hubspot", settings=None, **how):
    records, target = records_of(values, form, settings)
    return deliver(records, target, out, **how)


def wanted(values, form):
    """Return what a CRM should hold, by an own account of what is written."""
    found = {}
    for row in ranking(values).iter_rows(named=True):
        cell = "Influence_{}__c".format if form == "salesforce" else "influence_{}".format
        name = (
            (lambda column: "_".join(part.capitalize() for part in column.split("_"))) if form == "salesforce" else str
        )
        fields = {
            "network_value": str(round(row["network_value"], 2)),
            "low": str(round(row["low"], 2)),
            "high": str(round(row["high"], 2)),
            "own_value": "10.0",
            "rank": str(row["rank"]),
            "percentile": str(round(row["percentile"], 4)),
            "quadrant": row["quadrant"],
            "hidden_gem": "true" if row["hidden_gem"] else "false",
            "reasons": row["reasons"],
            "as_of": "2026-01-31T12:00:00.000Z",
        }
        found[row["id"]] = {cell(name(column)): value for column, value in fields.items()}
    return found


@pytest.mark.parametrize("form", ["salesforce", "hubspot"])
def test_a_crm_holds_what_it_should(tmp_path, form):
    done = export(tmp_path, PEOPLE, form)
    crm = Crm()
    crm.take(done.folder)
    assert crm.people == wanted(PEOPLE, form)


@pytest.mark.parametrize("form", FORMATS)
def test_the_second_of_two_equal_exports_writes_nothing(tmp_path, form):
    first = export(tmp_path, PEOPLE, form)
    assert first.counts["new"] == 250
    before = sorted(tmp_path.rglob("*"))
    second = export(tmp_path, PEOPLE, form)
    assert (second.folder, second.files) == (None, ())
    assert sorted(tmp_path.rglob("*")) == before


def test_what_changed_is_written_and_no_more(tmp_path):
    export(tmp_path, PEOPLE)
    changed = {**PEOPLE, "p0007": 50.0, "p0100": 111.0}  # the second by less than 1 %
    done = export(tmp_path, changed)
    assert done.folder.name == "hubspot-000002"
    bodies = [json.loads(line) for line in (done.folder / "upsert-0001.jsonl").read_text("utf-8").splitlines()]
    assert [record["id"] for body in bodies for record in body["inputs"]] == ["p0007"]
    full = export(tmp_path, changed, everything=True)
    assert sum(part.rows for part in full.files) == 250


@pytest.mark.parametrize("form", ["salesforce", "hubspot"])
def test_who_left_is_emptied_and_stays_in_the_crm(tmp_path, form):
    crm = Crm()
    crm.take(export(tmp_path, PEOPLE, form).folder)
    crm.people["p0003"]["Phone"] = "1"
    remaining = {person: value for person, value in PEOPLE.items() if person != "p0003"}
    done = export(tmp_path, remaining, form)
    assert done.counts["cleared"] == 1
    crm.take(done.folder)
    left = {"Phone": "1"} | ({"Influence_Hidden_Gem__c": "false"} if form == "salesforce" else {})
    assert crm.people["p0003"] == left
    # and whoever was deleted there is not made anew by an update
    if form == "hubspot":
        assert (done.folder / "update-0001.jsonl").exists()


def test_an_identify_record_is_typed_and_null_empties(tmp_path):
    done = export(tmp_path, {"a": 5.0, "b": 6.0}, "identify")
    first = json.loads((done.folder / "identify-0001.jsonl").read_text("utf-8").splitlines()[0])
    assert (first["type"], first["userId"], len(first["messageId"])) == ("identify", "a", 32)
    assert first["traits"]["influence_network_value"] == 5.0
    assert first["traits"]["influence_rank"] == 2
    assert first["traits"]["influence_hidden_gem"] is False
    gone = export(tmp_path, {"b": 6.0}, "identify")
    cleared = json.loads((gone.folder / "identify-0001.jsonl").read_text("utf-8").splitlines()[0])
    assert (cleared["userId"], set(cleared["traits"].values())) == ("a", {None})


def test_an_identify_record_that_nobody_takes_is_refused_before_anything_is_written(tmp_path):
    records, target = records_of({"a": 1.0, "b": 2.0}, "identify", None, reasons=["x" * 33_000, "y"])
    with pytest.raises(DataError, match=r"'b' has 33,\d+ bytes"):
        deliver(records, target, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["state.sqlite"]


def test_api_files_keep_formulas_and_tables_for_people_do_not(tmp_path):
    values = {"=1+2": 5.0, '@a,"b"\nc': 6.0}
    sales = export(tmp_path, {"=1+2": 5.0, "@a": 6.0}, "salesforce")
    with (sales.folder / "Contact-0001.csv").open(newline="", encoding="utf-8") as file:
        assert [row["Influence_Id__c"] for row in csv.DictReader(file)] == ["=1+2", "@a"]
    people = export(tmp_path, {"=1+2": 5.0, "@a": 6.0}, "csv")
    with (people.folder / "scores.csv").open(newline="", encoding="utf-8") as file:
        assert [row["id"] for row in csv.DictReader(file)] == ["'=1+2", "'@a"]
    left = export(tmp_path / "odd", values, "csv")
    assert left.left_out == 1  # a line break in a key
    assert "'@a" in (left.folder / "left_out.csv").read_text("utf-8")


def test_files_of_salesforce_stay_below_the_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(salesforce, "MOST_BYTES", 20_000)
    monkeypatch.setattr(salesforce, "rows_of", lambda frame: frame.iter_slices(50))
    done = export(tmp_path, PEOPLE, "salesforce")
    assert len(done.files) > 1
    assert all(part.bytes <= 20_000 for part in done.files)
    assert sum(part.rows for part in done.files) == 250
    crm = Crm()
    crm.take(done.folder)
    assert crm.people == wanted(PEOPLE, "salesforce")
    heads = {(done.folder / part.name).read_text("utf-8").split("\n")[0] for part in done.files}
    assert len(heads) == 1
    assert b"\r" not in (done.folder / done.files[0].name).read_bytes()


def test_properties_are_defined_as_hubspot_takes_them(tmp_path):
    done = export(tmp_path, {"a": 1.0})
    made = {one["name"]: one for one in json.loads((done.folder / "properties.json").read_text("utf-8"))["inputs"]}
    assert made["influence_network_value"] | {"description": "", "label": ""} == {
        "name": "influence_network_value",
        "label": "",
        "description": "",
        "groupName": "influence",
        "type": "number",
        "fieldType": "number",
    }
    assert made["influence_hidden_gem"]["type"] == "bool"
    assert [one["value"] for one in made["influence_hidden_gem"]["options"]] == ["true", "false"]
    assert made["influence_reasons"]["fieldType"] == "textarea"
    assert made["influence_as_of"]["type"] == "datetime"


def test_most_of_the_people_do_not_leave_at_once(tmp_path):
    many = {f"p{number:04d}": 10.0 + number for number in range(1000)}
    export(tmp_path, many)
    few = dict(list(many.items())[:500])
    with pytest.raises(DataError, match=r"500 of the 1,000 people.*most_cleared = 0\.2"):
        export(tmp_path, few)
    assert export(tmp_path, few, settings={"most_cleared": 1}).counts["cleared"] == 500


def test_a_delivery_that_was_not_remembered_is_written_again_the_same(tmp_path, monkeypatch):
    real = State.deliver

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(State, "deliver", killed)
    with pytest.raises(KeyboardInterrupt):
        export(tmp_path, PEOPLE)
    folder = tmp_path / "hubspot-000001"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    (folder / "stray").write_text("x")
    monkeypatch.setattr(State, "deliver", real)
    done = export(tmp_path, PEOPLE)
    assert done.folder == folder
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_disk_that_is_full_leaves_nothing(tmp_path, monkeypatch):
    export(tmp_path, PEOPLE)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(delivery, "_flush", full)
    with pytest.raises(InfluenceError, match="No space left"):
        export(tmp_path, {**PEOPLE, "p0001": 99.0})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["hubspot-000001", "state.sqlite"]
    monkeypatch.undo()
    assert export(tmp_path, {**PEOPLE, "p0001": 99.0}).counts["changed"] == 1


class Sender:
    """A CRM in memory that refuses, or dies, as it is told."""

    def __init__(self, *, refuse=(), die_after=None, account="7"):
        self.crm, self.refuse, self.die_after, self._account = Crm(), set(refuse), die_after, account
        self.resumed = []

    def account(self):
        return self._account

    def prepare(self, folder):
        return ["prepared"]

    def resume(self, jobs):
        self.resumed += jobs
        for job in jobs:
            yield Answer([], job=job)

    def send(self, folder, started):
        started("job 1")
        keys = []
        for path in sorted([*folder.glob("update-*"), *folder.glob("upsert-*")]):
            for line in path.read_text("utf-8").splitlines():
                keys.append([record["id"] for record in json.loads(line)["inputs"]])
        self.crm.take(folder)
        for number, batch in enumerate(keys):
            if number == self.die_after:
                raise KeyboardInterrupt
            refused = {key: "bad, =value" for key in batch if key in self.refuse}
            yield Answer([key for key in batch if key not in refused], refused)
        yield Answer([], job="job 1")


def test_what_is_sent_is_remembered_apart_from_what_is_written(tmp_path):
    export(tmp_path, PEOPLE)
    done = export(tmp_path, PEOPLE, sender=Sender())
    assert (done.accepted, done.failed, done.folder.name) == (250, 0, "hubspot-sent-000001")
    assert export(tmp_path, PEOPLE, sender=Sender()).folder is None
    assert export(tmp_path, PEOPLE).folder is None


def test_what_was_refused_is_told_and_sent_again(tmp_path):
    done = export(tmp_path, PEOPLE, sender=Sender(refuse=["p0002", "p0200"]))
    assert (done.accepted, done.failed) == (248, 2)
    assert pl.read_csv(done.folder / "failed.csv").rows() == [("p0002", "bad, =value"), ("p0200", "bad, =value")]
    again = export(tmp_path, PEOPLE, sender=Sender())
    assert (again.counts["again"], again.accepted) == (2, 2)
    assert export(tmp_path, PEOPLE, sender=Sender()).folder is None


def test_a_run_that_died_while_sending_is_mended_by_the_next(tmp_path):
    first = Sender(die_after=1)
    with pytest.raises(KeyboardInterrupt):
        export(tmp_path, PEOPLE, sender=first)
    changed = {**PEOPLE, "p0240": 77.0}
    del changed["p0230"]
    second = Sender()
    second.crm = first.crm
    done = export(tmp_path, changed, sender=second)
    assert second.resumed == ["job 1"]
    assert done.folder.name == "hubspot-sent-000001"  # the first was never finished
    assert (done.counts["again"], done.counts["cleared"]) == (149, 1)
    assert second.crm.people.pop("p0230") == {}
    kept = {person: fields["influence_network_value"] for person, fields in second.crm.people.items()}
    assert kept == {person: str(round(value, 2)) for person, value in changed.items()}
    assert export(tmp_path, changed, sender=Sender()).folder is None


def test_another_account_is_not_mistaken(tmp_path):
    export(tmp_path, PEOPLE, sender=Sender(account="sandbox"))
    with pytest.raises(UsageError, match="sandbox"):
        export(tmp_path, PEOPLE, sender=Sender(account="production"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[export]\nthreshhold = 1", "did you mean 'threshold'"),
        ("[export.hubspot]\nexternal_id = 'x'", "unknown name 'external_id'"),
        ("[export]\nthreshold = -1", "threshold must be 0 or more"),
        ("[export]\nthreshold = true", "threshold must be 0 or more"),
        ("[export.hubspot]\nobject = ''", "object must be text"),
        ("[export.hubspot.fields]\nrank = 'r'\nlow = 'R'", "two columns are to be 'R'"),
        ("[export.hubspot.fields]\nrank = '=r'", "begins with a letter"),
        ("[export]\nwatch = 'rank'", "watch must be a list"),
        ("export = 3", "must be a table"),
        ("[export", "cannot be read as TOML"),
    ],
)
def test_settings_that_cannot_be_are_named(tmp_path, text, message):
    path = tmp_path / "influence.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(UsageError, match=message) as caught:
        read_target("hubspot", path)
    assert str(path) in str(caught.value)


def test_settings_of_a_format_go_before_shared_ones(tmp_path):
    path = tmp_path / "influence.toml"
    path.write_text("[export]\nkey = 'a'\nthreshold = 0.5\n[export.hubspot]\nkey = 'b'\n", "utf-8")
    assert (read_target("hubspot", path).key, read_target("csv", path).key) == ("b", "a")
    assert read_target("hubspot", path).threshold == 0.5
    with pytest.raises(UsageError, match="did you mean 'hubspot'"):
        read_target("hubsbot", path)
