"""``import influence`` costs next to nothing: what is heavy is loaded when it is used."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("neo4j", "networkx", "numba", "polars")


def test_import_loads_nothing_heavy() -> None:
    code = f"import sys, influence; print(influence.__file__, *(m for m in {HEAVY} if m in sys.modules), sep='\\n')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    origin, *loaded = done.stdout.splitlines()
    assert origin.endswith("__init__.py"), "influence is no regular package"
    assert loaded == []
