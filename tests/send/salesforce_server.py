"""A Salesforce with contacts and the Bulk API 2.0, for tests."""

import base64
import collections
import csv
import html
import io
import json
import re
import ssl
import time
import urllib.parse

from crm_server import Crm

TOKEN = "00D5e00000Abc42!AQ.SECRET-session-0042"
LOGIN = {"username": "ops@acme.example", "password": "pa&ss<w0rd", "security_token": "tokTOK42"}
APP = ("3MVG9key-of-app", "secret+of/app=42")
ROOT = "/services/data/v61.0"
FIELDS = {
    "Id": {"type": "id", "updateable": False, "createable": False, "idLookup": True},
    "LastName": {"type": "string"},
    "Email": {"type": "email"},
    "Influence_Id__c": {"type": "string", "externalId": True},
    "Frozen__c": {"type": "double", "updateable": False},
}


class Salesforce(Crm):
    """Contacts known by ``Influence_Id__c``; jobs take ``delay`` seconds."""

    work = "/jobs/ingest"

    def __init__(self, *, delay=0.0, context=None):
        super().__init__()
        self.delay = delay
        self.context = context
        self.fields = {name: dict(field) for name, field in FIELDS.items()}
        self.contacts = {}
        self.jobs = {}
        self.bad = {}  # external id: sf__Error
        self.writes = []  # (external id, values)
        self.created = 0
        self.stuck = False  # jobs never end
        self.page = 0  # rows in a page of results
        self.most = 100_000_000
        self.token = TOKEN
        self.sees_organization = True

    def dress(self, server):
        server.socket = self.context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)

    @property
    def url(self):
        return f"https://localhost:{self.port}"

    def define(self, names_and_types):
        self.fields |= {name: {"type": kind} for name, kind in names_and_types.items()}

    def add(self, external_id, **values):
        number = f"003{len(self.contacts):015d}"
        self.contacts[number] = {"LastName": "Smith", "Influence_Id__c": external_id, **values}

    def by_key(self):
        return {contact["Influence_Id__c"]: contact for contact in self.contacts.values()}

    def answer(self, method, path, headers, body):
        self._work()
        path, _, query = path.partition("?")
        if path == "/services/Soap/u/61.0":
            return self._soap(body.decode())
        if path == "/services/oauth2/token":
            return self._oauth(headers, body.decode())
        if headers.get("Authorization") != f"Bearer {self.token}":
            given = headers.get("Authorization", "").removeprefix("Bearer ")
            return 401, [{"errorCode": "INVALID_SESSION_ID", "message": f"Session expired or invalid: {given}"}], {}
        if path == f"{ROOT}/query/":
            if not self.sees_organization:
                return (
                    400,
                    [{"errorCode": "INVALID_TYPE", "message": "sObject type 'Organization' is not supported"}],
                    {},
                )
            assert urllib.parse.parse_qs(query)["q"] == ["SELECT Id FROM Organization"]
            return 200, {"totalSize": 1, "done": True, "records": [{"Id": "00D5e00000Abc42EAA"}]}, {}
        if path == f"{ROOT}/sobjects/Contact/describe":
            standard = {"updateable": True, "createable": True, "externalId": False, "idLookup": False}
            return 200, {"fields": [{"name": name, **standard, **field} for name, field in self.fields.items()]}, {}
        if path == f"{ROOT}/jobs/ingest" and method == "POST":
            return self._create(json.loads(body))
        found = re.fullmatch(rf"{ROOT}/jobs/ingest/(\w+)(?:/(\w+))?", path)
        if not found or found[1] not in self.jobs:
            return 404, [{"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}], {}
        job, part = self.jobs[found[1]], found[2]
        if part is None:
            return (200, self._shown(job), {}) if method == "GET" else self._change(job, json.loads(body))
        if part == "batches":
            assert method == "PUT" and headers["Content-Type"].startswith("text/csv")
            if len(body) > self.most:
                return 413, [{"errorCode": "LIMIT", "message": "Request entity too large"}], {}
            job["contents"].append(body)
            return 201, b"", {}
        assert headers["Accept"] == "text/csv"
        return self._results(job, part, urllib.parse.parse_qs(query).get("locator", ["0"])[0])

    def _soap(self, body):
        wanted = (LOGIN["username"], LOGIN["password"] + LOGIN["security_token"])
        if not all(f">{html.escape(value)}<" in body for value in wanted):
            said = (
                "Invalid username, password, security token: " + re.search("password>(.*)</", body)[1]
            )  # they echo it
            fault = f"<sf:exceptionCode>INVALID_LOGIN</sf:exceptionCode><sf:exceptionMessage>{said}"
            text = f'<a xmlns:sf="urn:fault">{fault}</sf:exceptionMessage></a>'
            return 500, text.encode(), {"Content-Type": "text/xml"}
        server = "https://acme.my.salesforce.com/services/Soap/u/61.0/00D"
        found = f"<r><serverUrl>{server}</serverUrl><sessionId>{self.token}</sessionId></r>"
        return 200, found.encode(), {"Content-Type": "text/xml"}

    def _oauth(self, headers, body):
        pair = base64.b64encode(":".join(APP).encode()).decode()
        if headers.get("Authorization") != f"Basic {pair}" or "client_credentials" not in body:
            said = f"invalid client credentials {headers.get('Authorization')}"
            return 400, {"error": "invalid_client", "error_description": said}, {}
        return 200, {"access_token": self.token, "instance_url": "https://acme.my.salesforce.com"}, {}

    def _create(self, asked):
        assert asked["operation"] == "upsert" and asked["contentType"] == "CSV" and asked["lineEnding"] == "LF"
        job = {
            "id": f"750{len(self.jobs):015d}",
            "state": "Open",
            "object": asked["object"],
            "externalIdFieldName": asked["externalIdFieldName"],
            "contents": [],
            "results": {"successfulResults": [], "failedResults": [], "unprocessedRecords": []},
            "header": [],
        }
        self.jobs[job["id"]] = job
        return 200, self._shown(job), {}

    def _shown(self, job):
        return {name: job[name] for name in job if name not in ("contents", "results", "header", "due")}

    def _change(self, job, asked):
        if asked["state"] == "Aborted" and job["state"] in ("Open", "UploadComplete", "InProgress"):
            job["state"] = "Aborted"
        elif asked["state"] == "UploadComplete" and job["state"] == "Open":
            if len(job["contents"]) != 1:
                said = f"Found multipe contents for job: <{job['id']}>, please 'Close' / 'Abort' / 'Delete'"
                return 400, [{"errorCode": "INVALIDJOB", "message": said}], {}
            job["state"] = "UploadComplete"
            job["due"] = time.monotonic() + self.delay
        else:
            return 400, [{"errorCode": "INVALIDJOBSTATE", "message": f"Job is {job['state']}"}], {}
        return 200, self._shown(job), {}

    def _work(self):
        """Do the jobs that are due, whether or not anybody waits for them."""
        for job in self.jobs.values():
            if job["state"] == "UploadComplete":
                job["state"] = "InProgress"
            elif job["state"] == "InProgress" and not self.stuck and time.monotonic() >= job["due"]:
                self._run(job)

    def _run(self, job):
        text = job["contents"][0].decode("utf-8")
        assert "\r" not in text
        header, *rows = list(csv.reader(io.StringIO(text), strict=True))
        job["header"] = header
        for name in header:
            if name not in self.fields:
                job["state"] = "Failed"
                job["errorMessage"] = f"InvalidBatch : Field name not found : {name}"
                job["results"]["unprocessedRecords"] = rows
                return
        known = {contact["Influence_Id__c"].lower(): number for number, contact in self.contacts.items()}
        keys = collections.Counter(row[0].lower() for row in rows)
        for row in rows:
            key, values = row[0], dict(zip(header[1:], row[1:], strict=True))
            number = known.get(key.lower())
            wrong = self._wrong(key, values)
            if not wrong and keys[key.lower()] > 1:
                wrong = "DUPLICATE_VALUE:Duplicate external id specified:--"
            if not wrong and number is None and not values.get("LastName"):
                wrong = "REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --"
            if wrong:
                job["results"]["failedResults"].append(["", wrong, *row])
                continue
            contact = self.contacts[number]
            for name, value in values.items():
                if value == "#N/A":
                    contact[name] = None
                elif value != "":
                    contact[name] = value
            self.writes.append((key, tuple(sorted(values.items()))))
            job["results"]["successfulResults"].append([number, "false", *row])
        job["state"] = "JobComplete"

    def _wrong(self, key, values):
        if key in self.bad:
            return self.bad[key]
        for name, value in values.items():
            if self.fields[name]["type"] == "double" and value not in ("", "#N/A"):
                try:
                    float(value)
                except ValueError:
                    return f"INVALID_TYPE_ON_FIELD_IN_RECORD:{name}: value not of required type: {value}:{name} --"
            if self.fields[name]["type"] == "boolean" and value not in ("true", "false", ""):
                return f"INVALID_TYPE_ON_FIELD_IN_RECORD:{name}: {value}:{name} --"
        return None

    def _results(self, job, part, locator):
        rows = job["results"][part]
        more = {"successfulResults": ["sf__Id", "sf__Created"], "failedResults": ["sf__Id", "sf__Error"]}.get(part, [])
        first = int(locator)
        last = first + self.page if self.page else len(rows)
        buffer = io.StringIO()
        writer = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\n")
        if job["header"]:
            writer.writerow([*more, *job["header"]])
            writer.writerows(rows[first:last])
        headers = {"Content-Type": "text/csv", "Sforce-Locator": str(last) if last < len(rows) else "null"}
        return 200, buffer.getvalue().encode(), headers


def contexts(folder):
    """Return the TLS context of a server, and write the certificate of who vouches for it."""
    import trustme

    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "login.salesforce.com", "acme.my.salesforce.com").configure_cert(context)
    path = folder / "authority.pem"
    authority.cert_pem.write_to_path(path)
    return context, path
