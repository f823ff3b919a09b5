"""CRMs that tests can send to."""

import os

import pytest
import salesforce_server
from hubspot_server import TOKEN, HubSpot
from salesforce_server import Salesforce, contexts
from send_runs import define_salesforce


@pytest.fixture(autouse=True)
def _this_machine(monkeypatch):
    """Leave proxies out, and do not wait for the disk: nobody pulls the plug here."""
    monkeypatch.setattr(os, "fsync", lambda handle: None)
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def hubspot_crm():
    with HubSpot() as crm:
        yield crm


@pytest.fixture
def hubspot_environ(hubspot_crm):
    return {"HUBSPOT_ACCESS_TOKEN": TOKEN, "HUBSPOT_BASE_URL": hubspot_crm.url}


@pytest.fixture(scope="session")
def tls(tmp_path_factory):
    return contexts(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def salesforce_crm(tls, monkeypatch):
    context, authority = tls
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority))  # simple-salesforce speaks https alone
    with Salesforce(context=context) as crm:
        define_salesforce(crm)
        yield crm


@pytest.fixture
def salesforce_environ(salesforce_crm):
    return {"SALESFORCE_ACCESS_TOKEN": salesforce_server.TOKEN, "SALESFORCE_INSTANCE_URL": salesforce_crm.url}
