"""NetworkX's own tests on the backend: a plugin of pytest that notes what each test reached, and the report by module.

The report is asked for by ``python benchmarks/networkx_backend.py --suite``.
"""

from __future__ import annotations

import collections
import dataclasses
import functools
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from common import markdown

__all__ = ["by_module", "whole"]

HERE = Path(__file__).parent
#: Folders and files of NetworkX's tests; the functions of the same modules are what is covered there.
MODULES = (
    "centrality",
    "link_analysis",
    "components",
    "community",
    "core",
    "cluster",
    "structuralholes",
    "reciprocity",
    "shortest_paths",
    "distance_measures",
)
_NOTES = "INFLUENCE_SUITE_NOTES"


def pytest_configure(config: Any) -> None:
    """Note every call of a covered function, and every refusal, from here on."""
    if os.environ.get(_NOTES):
        config.pluginmanager.register(_Notes(Path(os.environ[_NOTES])))


class _Notes:
    def __init__(self, path: Path) -> None:
        from influence.nx_backend import interface

        self.path = path
        self.tests: dict[str, dict[str, Any]] = {}
        self.now: dict[str, Any] = {"ran": [], "refused": []}
        for name, covered in list(interface.COVERED.items()):
            interface.COVERED[name] = dataclasses.replace(
                covered, function=self._noted(name, covered.function), refuses=self._asked(name, covered.refuses)
            )

    def _noted(self, name: str, function: Any) -> Any:
        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            try:
                found = function(*args, **kwargs)
            except NotImplementedError as error:
                self.now["refused"].append([name, str(error)])
                raise
            except Exception:
                self.now["ran"].append(name)
                raise
            self.now["ran"].append(name)
            return found

        return call

    def _asked(self, name: str, refuses: Any) -> Any:
        def ask(*args: Any, **kwargs: Any) -> str | None:
            reason = refuses(*args, **kwargs) if refuses is not None else None
            if reason is not None:
                self.now["refused"].append([name, reason])
            return reason

        return ask

    def pytest_runtest_setup(self, item: Any) -> None:
        self.now = self.tests[item.nodeid] = {"ran": [], "refused": [], "outcome": "", "why": ""}

    def pytest_runtest_logreport(self, report: Any) -> None:
        noted = self.tests.setdefault(report.nodeid, {"ran": [], "refused": [], "outcome": "", "why": ""})
        if hasattr(report, "wasxfail"):
            noted["outcome"], noted["why"] = "stopped", report.wasxfail.removeprefix("reason: ")
        elif report.failed or ((report.when == "call" or report.skipped) and not noted["outcome"]):
            noted["outcome"] = report.outcome

    def pytest_sessionfinish(self) -> None:
        self.path.write_text(json.dumps(self.tests), encoding="utf-8")


def _pytest(arguments: list[str], *, fallback: bool, notes: Path | None = None) -> str:
    env = {name: value for name, value in os.environ.items() if not name.startswith(("NETWORKX_", "PYTEST_"))}
    env["NETWORKX_TEST_BACKEND"] = "influence"
    env["PYTHONPATH"] = str(HERE)
    if fallback:  # any value switches it on
        env["NETWORKX_FALLBACK_TO_NX"] = "True"
    if notes is not None:
        env[_NOTES] = str(notes)
        arguments = ["-p", "networkx_suite", *arguments]
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
        done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    return done.stdout


def by_module(modules: tuple[str, ...] = MODULES) -> tuple[str, dict[str, Any]]:
    """Run the tests of each module; return a table and what it was made of.

    What is not covered is left to NetworkX, else few tests came to their point: many make their graphs with functions
    of NetworkX. A test counts as ours where every call of a covered function ran on the backend.
    """
    import networkx as nx
    from networkx.utils.backends import _registered_algorithms

    from influence.nx_backend.interface import COVERED

    folder = Path(nx.__file__).parent / "algorithms"
    homes = {name: _registered_algorithms[name].orig_func.__module__ + "." for name in COVERED}
    rows, found = [], {}
    for module in modules:
        inner = module if (folder / module).is_dir() else f"tests.test_{module}"
        with tempfile.TemporaryDirectory() as temporary:
            notes = Path(temporary) / "notes.json"
            shown = _pytest(["--pyargs", f"networkx.algorithms.{inner}"], fallback=True, notes=notes)
            if not notes.exists():
                sys.exit(shown)
            noted = list(json.loads(notes.read_text(encoding="utf-8")).values())
        wholly = [test for test in noted if test["ran"] and not test["refused"]]
        partly = [test for test in noted if test["refused"]]
        refused = collections.Counter(
            f"{name}: {_short(reason)}" for test in noted for name, reason in {tuple(pair) for pair in test["refused"]}
        )
        found[module] = {
            "functions": sorted(
                name for name, home in homes.items() if home.startswith(f"networkx.algorithms.{module}.")
            ),
            "tests": len(noted),
            "ours": len(wholly),
            "ours passed": sum(test["outcome"] == "passed" for test in wholly),
            "refused": len(partly),
            "refused passed": sum(test["outcome"] == "passed" for test in partly),
            "failed": sum(test["outcome"] == "failed" for test in noted),
            "calls": sum(len(test["ran"]) for test in noted),
            "why": dict(refused.most_common()),
        }
        told = found[module]
        counts = (len(told["functions"]), *(told[key] for key in list(told)[1:-1]))
        why = "; ".join(f"{reason} ({count})" for reason, count in refused.most_common())
        rows.append([module, *map(str, counts), why or "–"])
        print(f"{module}: {len(wholly)} of {len(noted)} tests", file=sys.stderr, flush=True)
    header = ["module", "functions covered", "tests", "on our code", "passed", "with a refusal", "passed", "failed"]
    return markdown([*header, "calls on our code", "refused, and why (tests)"], rows), found


def _short(reason: str) -> str:
    """Return a reason without the values of one test."""
    return re.sub(r"the edge .* has (\S+)=.*?: ", r"\1: ", reason.splitlines()[0])[:110]


def whole(workers: int) -> str:
    """Run all of NetworkX's tests with fallback; return the last line."""
    shown = _pytest(["-n", str(workers), "--pyargs", "networkx"], fallback=True)
    failures = [line for line in shown.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return "\n".join([*failures, shown.strip().splitlines()[-1]])
