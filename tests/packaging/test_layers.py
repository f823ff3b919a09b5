"""What the machine can judge about the source: layers, lint, format and types."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# a script of the running environment: import-linter cannot be run as a module
LINT_IMPORTS = shutil.which("lint-imports", path=sysconfig.get_path("scripts")) or "lint-imports"

CHECKS = {
    "layers": [LINT_IMPORTS, "--no-cache"],
    "lint": [sys.executable, "-m", "ruff", "check", "--no-cache", "."],
    "format": [sys.executable, "-m", "ruff", "format", "--check", "--no-cache", "."],
    "types": [sys.executable, "-m", "mypy"],
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CHECKS)
def test_source_passes(name: str) -> None:
    done = subprocess.run(CHECKS[name], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
