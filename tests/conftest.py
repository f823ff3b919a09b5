"""What all tests share: the oracles on the path, the settings of hypothesis, and where the real data lie."""

import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from typer.testing import CliRunner

from influence.cli.app import app

HERE = Path(__file__).resolve().parent
if str(HERE) not in sys.path:
    sys.path.insert(0, str(HERE))  # for `import oracles`, whatever the import mode

settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
settings.load_profile("suite")


@pytest.fixture(scope="session")
def data_folder():
    """Return the folder of the real data sets, or skip."""
    folder = Path(os.environ.get("INFLUENCE_DATA") or HERE.parents[1] / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"no data sets at {folder}; set INFLUENCE_DATA to their folder")
    return folder


@pytest.fixture
def invoke():
    """Run the command line in this process; its output is not a terminal."""

    def invoke_app(*args):
        result = CliRunner().invoke(app, [str(arg) for arg in args])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return invoke_app
