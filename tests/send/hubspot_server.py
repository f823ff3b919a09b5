"""A HubSpot with contacts, for tests."""

import json
import re

from crm_server import Crm

TOKEN = "pat-eu1-5e1f-hub-SECRET-0042"
STANDARD = {
    "email": {"name": "email", "type": "string", "fieldType": "text"},
    "firstname": {"name": "firstname", "type": "string", "fieldType": "text"},
    "lifecyclestage": {"name": "lifecyclestage", "type": "enumeration", "fieldType": "radio"},
    "hs_score": {"name": "hs_score", "type": "number", "modificationMetadata": {"readOnlyValue": True}},
}


class HubSpot(Crm):
    """Contacts known by their email; ``lenient`` says whether one bad record spoils its batch."""

    work = "/batch/up"

    def __init__(self, *, lenient=True, echo=True):
        super().__init__()
        self.lenient = lenient
        self.echo = echo
        self.properties = dict(STANDARD)
        self.groups = {"contactinformation"}
        self.contacts = {}
        self.bad = {}  # email: why it is refused
        self.writes = []  # (email, properties, trace)
        self.created = 0
        self.sizes = []
        self.token = TOKEN
        self.portal = 4242
        self.scopes = {"crm.objects.contacts.write", "crm.schemas.contacts.read", "crm.schemas.contacts.write"}

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def add(self, email, **properties):
        number = str(1000 + len(self.contacts))
        self.contacts[number] = {"email": email, **properties}
        return number

    def by_email(self):
        return {contact["email"]: contact for contact in self.contacts.values()}

    def answer(self, method, path, headers, body):
        if headers.get("Authorization") != f"Bearer {self.token}":
            given = headers.get("Authorization")
            return 401, {"message": f"Authentication credentials not found: {given}", "category": "X"}, {}
        if path == "/account-info/v3/details":
            return 200, {"portalId": self.portal, "accountType": "STANDARD"}, {}
        if path.startswith("/crm/v3/properties/contacts"):
            scope = "crm.schemas.contacts." + ("read" if method == "GET" else "write")
            rest = path.removeprefix("/crm/v3/properties/contacts")
            return self._allow(scope) or self._schema(method, rest, json.loads(body or b"{}"))
        found = re.fullmatch(r"/crm/(?:v3/objects|objects/2026-03)/contacts/batch/(upsert|update)", path)
        if not found or method != "POST":
            return 404, b"<html>no such page</html>", {"Content-Type": "text/html"}
        return self._allow("crm.objects.contacts.write") or self._batch(found[1], json.loads(body)["inputs"])

    def _allow(self, scope):
        if scope in self.scopes:
            return None
        context = {"requiredGranularScopes": [scope]}
        error = {"message": "one or more scopes are required", "context": context}
        return 403, {"category": "MISSING_SCOPES", "message": "This app lacks scopes", "errors": [error]}, {}

    def _schema(self, method, rest, body):
        if method == "GET":
            found = [{"name": name} for name in self.groups] if rest == "/groups" else list(self.properties.values())
            return 200, {"results": found}, {}
        if rest == "/groups":
            if body["name"] in self.groups:
                return 409, {"category": "CONFLICT", "message": "exists"}, {}
            self.groups.add(body["name"])
            return 201, body, {}
        assert rest == "/batch/create"
        names = [one["name"] for one in body["inputs"]]
        if set(names) & set(self.properties) or len(names) > 100:
            return 409, {"category": "CONFLICT", "message": "exists"}, {}
        assert all(one["groupName"] in self.groups for one in body["inputs"])
        assert all(one["label"] and one["fieldType"] for one in body["inputs"])
        assert all(re.fullmatch("[a-z][a-z0-9_]*", name) for name in names)
        self.properties |= {one["name"]: one for one in body["inputs"]}
        return 201, {"status": "COMPLETE", "results": body["inputs"]}, {}

    def _batch(self, what, inputs):
        self.sizes.append(len(inputs))
        if not 0 < len(inputs) <= 100:
            return 400, {"category": "VALIDATION_ERROR", "message": "The maximum batch size is 100"}, {}
        ids = [one["id"].lower() for one in inputs]
        if len(set(ids)) < len(ids):
            return 400, {"category": "VALIDATION_ERROR", "message": "Duplicate IDs found in batch input"}, {}
        for one in inputs:
            assert one["idProperty"] == "email"
            assert set(one) == {"idProperty", "id", "objectWriteTraceId", "properties"}
            for name, value in one["properties"].items():
                assert isinstance(value, str)
                if name not in self.properties:
                    return 400, {"category": "VALIDATION_ERROR", "message": f'Property "{name}" does not exist'}, {}
        wrong = [(one, said) for one in inputs if (said := self._wrong(one))]
        if wrong and not self.lenient:
            message = f"Property values were not valid: {wrong[0][1]}"
            return 400, {"status": "error", "category": "VALIDATION_ERROR", "message": message}, {}
        errors = [
            {
                "status": "error",
                "category": "VALIDATION_ERROR",
                "message": said,
                "context": {"objectWriteTraceId": [one["objectWriteTraceId"]]},
            }
            for one, said in wrong
        ]
        known = {contact["email"].lower(): number for number, contact in self.contacts.items()}
        if what == "update":
            missing = [one["id"] for one in inputs if one["id"].lower() not in known]
            if missing:
                error = {"status": "error", "category": "OBJECT_NOT_FOUND", "message": "Could not get some objects"}
                errors.append({**error, "context": {"ids": missing}})
                if not self.lenient:
                    return 404, errors[-1], {}
        else:
            missing = []
        refused = {one["id"] for one, _ in wrong} | set(missing)
        results = []
        for one in inputs:
            if one["id"] in refused:
                continue
            number = known.get(one["id"].lower())
            if number is None:
                number = self.add(one["id"])
                self.created += 1
            self.contacts[number].update(one["properties"])
            self.writes.append((one["id"], tuple(sorted(one["properties"].items())), one["objectWriteTraceId"]))
            result = {"id": number, "properties": dict(one["properties"])}
            if self.echo:
                result["objectWriteTraceId"] = one["objectWriteTraceId"]
            results.append(result)
        answer = {"status": "COMPLETE", "results": results}
        if errors:
            return 207, {**answer, "numErrors": len(errors), "errors": errors}, {}
        return 200, answer, {}

    def _wrong(self, one):
        if one["id"] in self.bad:
            return self.bad[one["id"]]
        for name, value in one["properties"].items():
            if self.properties[name]["type"] == "number" and value:
                try:
                    float(value)
                except ValueError:
                    return f"{value} was not a valid number"
        return None
