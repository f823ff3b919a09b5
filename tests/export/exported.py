"""Rankings to export, and what a CRM makes of what it is given."""

import csv
import json

import polars as pl

FACTS = {"as_of": "2026-01-31T12:00:00Z", "unit": "money", "currency": "EUR"}


def ranking(values, **columns):
    """Return a ranking of people and network values, the highest first."""
    people = sorted(values, key=lambda person: (-values[person], person))
    n = len(people)
    frame = pl.DataFrame(
        {
            "rank": range(1, n + 1),
            "id": pl.Series(people, dtype=pl.String),
            "network_value": pl.Series([values[person] for person in people], dtype=pl.Float64),
            "low": [values[person] / 2 for person in people],
            "high": [values[person] * 2 for person in people],
            "own_value": [10.0] * n,
            "percentile": [100 * (n - place) / n for place in range(1, n + 1)],
            "quadrant": ["Champion" if values[person] > 100 else "Miser" for person in people],
            "hidden_gem": [values[person] > 500 for person in people],
            "suggested_reward": [None] * n,
            "reasons": [f'reaches 2 people, "as" she, {person}, says' for person in people],
        },
        schema_overrides={"suggested_reward": pl.String},
    )
    return frame.with_columns(pl.Series(name, cells) for name, cells in columns.items())


def facts(frame):
    return FACTS | {"listed": frame.height}


class Crm:
    """What Salesforce or HubSpot holds after the files of deliveries: an empty cell changes nothing there."""

    def __init__(self):
        self.people = {}
        self.keys = {}  # idempotency keys by what they stood for

    def take(self, folder):
        for path in sorted(folder.iterdir()):
            if path.suffix == ".csv" and path.name.startswith("Contact-"):
                with path.open(newline="", encoding="utf-8") as file:
                    for row in csv.DictReader(file):
                        self._upsert(row.pop("Influence_Id__c"), row, nothing="", null="#N/A")
            if path.suffix == ".jsonl" and path.name.startswith(("upsert-", "update-")):
                for line in path.read_text(encoding="utf-8").splitlines():
                    body = json.loads(line)
                    assert 1 <= len(body["inputs"]) <= 100
                    for record in body["inputs"]:
                        said = (record["id"], json.dumps(record["properties"], sort_keys=True))
                        assert self.keys.setdefault(said, record["objectWriteTraceId"]) == record["objectWriteTraceId"]
                        if path.name.startswith("update-") and record["id"] not in self.people:
                            continue
                        self._upsert(record["id"], record["properties"], nothing=None, null="")

    def _upsert(self, key, fields, *, nothing, null):
        person = self.people.setdefault(key, {})
        for name, value in fields.items():
            if value == null:
                person.pop(name, None)
            elif value != nothing:
                person[name] = value
