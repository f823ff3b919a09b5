"""Credentials come from the environment alone, and what is missing is told by its name."""

import base64
import subprocess
import sys

import pytest
from send_runs import hubspot_target, salesforce_target

from influence.errors import UsageError
from influence.export.targets import FORMATS, Target
from influence.send import SENDABLE, sender_for
from influence.send.credentials import Credentials, host_of

HUBSPOT, SALESFORCE = hubspot_target(), salesforce_target()


@pytest.mark.parametrize("form", sorted(set(FORMATS) - set(SENDABLE)))
def test_what_cannot_be_sent(form):
    with pytest.raises(UsageError, match=f"{form} cannot be sent, only written; can be sent: hubspot, salesforce"):
        sender_for(Target.of(form), {})


@pytest.mark.parametrize(
    ("target", "environ", "words"),
    [
        (HUBSPOT, {}, ["set in the environment: HUBSPOT_ACCESS_TOKEN"]),
        (HUBSPOT, {"HUBSPOT_ACCESS_TOKEN": "  \n"}, ["HUBSPOT_ACCESS_TOKEN"]),
        (HUBSPOT, {"HUBSPOT_ACCESS_TOKEN": "sec ret"}, ["HUBSPOT_ACCESS_TOKEN holds characters"]),
        (HUBSPOT, {"HUBSPOT_ACCESS_TOKEN": "secret\nx: y"}, ["HUBSPOT_ACCESS_TOKEN holds characters"]),
        (SALESFORCE, {}, ["SALESFORCE_ACCESS_TOKEN and SALESFORCE_INSTANCE_URL, or SALESFORCE_USERNAME and"]),
        (
            SALESFORCE,
            {"SALESFORCE_ACCESS_TOKEN": "secret"},
            ["SALESFORCE_ACCESS_TOKEN is set, and SALESFORCE_INSTANCE_URL is not"],
        ),
        (
            SALESFORCE,
            {"SALESFORCE_USERNAME": "ann"},
            ["SALESFORCE_PASSWORD and SALESFORCE_SECURITY_TOKEN are not; set all"],
        ),
        (
            SALESFORCE,
            {"SALESFORCE_CONSUMER_KEY": "secret", "SALESFORCE_CONSUMER_SECRET": "secret", "SALESFORCE_DOMAIN": "test"},
            ["SALESFORCE_DOMAIN must be the organisation's own"],
        ),
        (
            SALESFORCE,
            {
                "SALESFORCE_USERNAME": "ann",
                "SALESFORCE_PASSWORD": "secret",
                "SALESFORCE_SECURITY_TOKEN": "",
                "SALESFORCE_DOMAIN": "evil.example/x",
            },
            ["SALESFORCE_DOMAIN must be login, test"],
        ),
        (
            SALESFORCE,
            {"SALESFORCE_ACCESS_TOKEN": "secret", "SALESFORCE_INSTANCE_URL": "http://acme.example"},
            ["SALESFORCE_INSTANCE_URL must begin with https://"],
        ),
    ],
)
def test_what_is_missing_or_wrong_is_told_by_name(target, environ, words):
    with pytest.raises(UsageError) as caught:
        sender_for(target, environ)
    for part in words:
        assert part in str(caught.value)
    assert "secret" not in str(caught.value)
    assert caught.value.exit_status == 2


def test_a_security_token_may_be_empty():
    environ = {"SALESFORCE_USERNAME": "ann", "SALESFORCE_PASSWORD": " pass word ", "SALESFORCE_SECURITY_TOKEN": ""}
    assert sender_for(SALESFORCE, environ)._login["security_token"] == ""
    assert sender_for(SALESFORCE, environ)._login["domain"] == "login"


@pytest.mark.parametrize(
    "url", ["", "https://", "ftp://a", "https://user:secret@a.example", "http://a.example", "https://a:x"]
)
def test_addresses_that_are_none(url):
    with pytest.raises(UsageError, match="URL must be") as caught:
        host_of(url, "URL")
    assert "secret" not in str(caught.value)


def test_addresses():
    assert host_of("acme.my.salesforce.com", "URL") == "https://acme.my.salesforce.com"
    assert host_of("https://api.hubapi.com/", "URL") == "https://api.hubapi.com"
    assert host_of("http://127.0.0.1:80", "URL") == "http://127.0.0.1:80"


def test_hides_secrets_however_they_come_back():
    secret = 'a&b<c>"d é/+\\'
    key = Credentials({"SALESFORCE_PASSWORD": secret, "SALESFORCE_DOMAIN": "test", "SALESFORCE_CONSUMER_KEY": ""})
    for form in (
        secret,
        "a&amp;b&lt;c&gt;&quot;d é/+\\",
        "a%26b%3Cc%3E%22d%20%C3%A9%2F%2B%5C",
        "a%26b%3Cc%3E%22d+%C3%A9%2F%2B%5C",
        'a&b<c>\\"d \\u00e9/+\\\\',
        'a&b<c>\\"d é/+\\\\',
    ):
        assert key.hide(f"test: <{form}>\n  is wrong") == "test: <***> is wrong"
    assert secret not in repr(key)
    pair = Credentials({"SALESFORCE_CONSUMER_KEY": "kkk", "SALESFORCE_CONSUMER_SECRET": "sss"})
    assert pair.hide(f"Basic {base64.b64encode(b'kkk:sss').decode()}") == "Basic ***"
    assert len(pair.hide("x" * 9_000)) == 500
    assert "kk" not in pair.hide("x" * 497 + "kkk")  # nor half of one


@pytest.mark.parametrize(("form", "module"), [("hubspot", "hubspot"), ("salesforce", "simple_salesforce")])
def test_a_client_that_is_not_installed(monkeypatch, form, module):
    for name in [name for name in sys.modules if name.split(".")[0] == module or name == f"influence.send.{form}"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(UsageError, match=rf'pip install "influence-engine\[{form}\]"'):
        sender_for(Target.of(form), {})


def test_clients_are_imported_when_they_are_needed():
    code = (
        "import sys, influence.send, influence.export.delivery\n"
        "assert not {'hubspot', 'simple_salesforce', 'requests', 'urllib3'} & set(sys.modules)\n"
        "from influence.export.targets import Target\n"
        "influence.send.sender_for(Target.of('hubspot'), {'HUBSPOT_ACCESS_TOKEN': 'x'})\n"
        "assert 'hubspot' in sys.modules and 'simple_salesforce' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)
