"""What the tests of the backtest share."""

import numba
import pytest


@pytest.fixture(autouse=True)
def one_thread():
    """Run small problems on one thread: waking a second costs more than they do, most of all on a busy machine."""
    before = numba.get_num_threads()
    numba.set_num_threads(1)
    yield
    numba.set_num_threads(before)
