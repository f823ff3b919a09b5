"""Deliveries to the CRMs of these tests, in this process or in one that can be killed."""

import polars as pl

from influence.export.delivery import deliver
from influence.export.records import make_records
from influence.export.targets import Target
from influence.send import Pace, sender_for

FACTS = {"as_of": "2026-01-31T12:00:00Z", "unit": "money"}
COLUMNS = ("network_value", "quadrant", "hidden_gem", "suggested_reward", "reasons", "as_of")
QUICK = Pace(connect=2.0, read=0.5, tries=3, backoff=0.01, longest=2.0, poll=0.005, slowest_poll=0.02, patience=5.0)


def people(count, start=0):
    return [f"P{number:04d}@example.org" for number in range(start, start + count)]


def worth(persons, change=None):
    """Return a network value for each, other ones for those named."""
    values = {person: 100.0 + 7 * int(person[1:5]) for person in persons}
    return values | dict(change or {})


def records_of(values, target):
    ids = sorted(values)
    ranking = pl.DataFrame(
        {
            "id": ids,
            "network_value": [values[person] for person in ids],
            "quadrant": ["Champion" if values[person] > 200 else "Miser" for person in ids],
            "hidden_gem": [values[person] > 300 for person in ids],
            "suggested_reward": [None if values[person] < 250 else "access" for person in ids],
            "reasons": [f'reached 3, "as" she {person[:5]}\nsays, Zoë' for person in ids],
        },
        schema_overrides={"id": pl.String, "network_value": pl.Float64, "suggested_reward": pl.String},
    )
    return make_records(ranking, target, facts=FACTS)


def hubspot_target(**options):
    return Target.of("hubspot", {"hubspot": {"fields": {name: f"influence_{name}" for name in COLUMNS}, **options}})


SALESFORCE_NAMES = {name: "Influence_" + name.title() + "__c" for name in (*COLUMNS, "idempotency_key")}


def salesforce_target(**options):
    return Target.of("salesforce", {"salesforce": {"fields": SALESFORCE_NAMES, **options}})


def run(values, target, out, environ, *, pace=QUICK, **options):
    """Rank, write and send."""
    return deliver(records_of(values, target), target, out, sender=sender_for(target, environ, pace=pace), **options)


def wanted_hubspot(values, target=None):
    """Return what HubSpot should hold of each person, by another way than the files are made."""
    return {
        person: {
            "influence_network_value": float(value),
            "influence_quadrant": "Champion" if value > 200 else "Miser",
            "influence_hidden_gem": "true" if value > 300 else "false",
            "influence_suggested_reward": "" if value < 250 else "access",
            "influence_reasons": f'reached 3, "as" she {person[:5]}\nsays, Zoë',
            "influence_as_of": "2026-01-31T12:00:00.000Z",
        }
        for person, value in values.items()
    }


def held_hubspot(crm):
    found = {}
    for email, contact in crm.by_email().items():
        own = {name: value for name, value in contact.items() if name.startswith("influence_")}
        if own:
            text = own["influence_network_value"]
            found[email] = {**own, "influence_network_value": float(text) if text else None}
    return found


EMPTY_HUBSPOT = {f"influence_{name}": "" for name in COLUMNS} | {"influence_network_value": None}


def wanted_salesforce(values):
    return {
        person: {
            "Influence_Network_Value__c": float(value),
            "Influence_Quadrant__c": "Champion" if value > 200 else "Miser",
            "Influence_Hidden_Gem__c": "true" if value > 300 else "false",
            "Influence_Suggested_Reward__c": None if value < 250 else "access",
            "Influence_Reasons__c": f'reached 3, "as" she {person[:5]}\nsays, Zoë',
            "Influence_As_Of__c": "2026-01-31T12:00:00.000Z",
        }
        for person, value in values.items()
    }


def held_salesforce(crm):
    found = {}
    for key, contact in crm.by_key().items():
        own = {name: contact[name] for name in contact if name.startswith("Influence_") and name != "Influence_Id__c"}
        own.pop("Influence_Idempotency_Key__c", None)
        if own:
            text = own["Influence_Network_Value__c"]
            found[key] = {**own, "Influence_Network_Value__c": None if text is None else float(text)}
    return found


EMPTY_SALESFORCE = {SALESFORCE_NAMES[name]: None for name in COLUMNS} | {"Influence_Hidden_Gem__c": "false"}


def define_salesforce(crm):
    kinds = {"network_value": "double", "hidden_gem": "boolean"}
    crm.define({SALESFORCE_NAMES[name]: kinds.get(name, "textarea") for name in SALESFORCE_NAMES})


def all_bytes(folder):
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
