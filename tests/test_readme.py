"""The README says only what runs."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from influence.config import Settings

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("block", re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL))
def test_python_blocks_run(block):
    done = subprocess.run([sys.executable, "-c", block], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout


@pytest.mark.slow
def test_commands_and_options_exist():
    every = ("rank", "evaluate", "check", "load", "explain", "topics", "centrality", "reach", "seeds", "export", "sync")
    commands = set(re.findall(rf"influence ({'|'.join(every)})\b", README))
    text = " ".join(re.findall(r"(?:\$ |`)(?:\.venv/bin/)?influence [^\n`]*", README))
    options = set(re.findall(r"(--[a-z-]+)", text))
    shown = ""
    for command in every:
        done = subprocess.run(
            [sys.executable, "-m", "influence", command, "--help"],
            capture_output=True,
            text=True,
            env={"COLUMNS": "200", "NO_COLOR": "1", "PATH": ""},
        )
        assert done.returncode == 0
        shown += done.stdout
    assert set(every) == commands
    assert options, "the README shows no option"
    assert {option for option in options if option not in shown} == set()


def test_columns_of_a_ranking_are_documented():
    import influence

    ranking = influence.rank(influence.demo_tables())
    table = README.split("## What comes out")[1].split("How it is computed")[0]
    documented = set(re.findall(r"`([a-z_]+)`", table))
    assert set(ranking.frame.columns) <= documented


def test_defaults_named_in_the_text_are_the_defaults():
    settings = Settings()
    assert f"within {settings.window_days:.0f} days" in README
    assert f"halves evidence every {settings.half_life_days:.0f} days" in README


def test_settings_shown_can_be_read(tmp_path):
    from influence.api import SyncSettings
    from influence.config import read_settings
    from influence.export.targets import FORMATS, read_target

    for number, block in enumerate(re.findall(r"```toml\n(.*?)```", README, flags=re.DOTALL)):
        path = tmp_path / f"{number}.toml"
        path.write_text(block, encoding="utf-8")
        read_settings(path)
        targets = {form: read_target(form, path) for form in FORMATS}
        if "[sync]" in block:
            assert SyncSettings.read(path).export == ("salesforce", "csv")
            assert targets["salesforce"].key == "email"
            assert len(targets["salesforce"].names) == 2


def test_fields_of_crms_are_documented():
    from influence.export.fields import DEFAULT_FIELDS, field_name

    table = README.split("### Fields, for the administrator")[1].split("\n## ")[0]
    documented = set(re.findall(r"`([A-Za-z_]+)`", table))
    for form in ("salesforce", "hubspot", "csv"):
        assert {field_name(form, column) for column in DEFAULT_FIELDS} <= documented
