"""What all tests share: the oracles on the path, the settings of hypothesis, and where the real data lie."""

import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

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
