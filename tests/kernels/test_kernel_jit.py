"""One decorator for every kernel."""

import numba
import pytest

from influence.kernels import _jit


def double(x):
    return 2 * x


def test_with_and_without_arguments():
    assert _jit.jit(double)(4) == 8
    assert _jit.jit(parallel=True)(double)(4) == 8


def test_compiles_where_no_cache_can_be_written(monkeypatch):
    njit, asked = numba.njit, []

    def no_place_for_a_cache(**options):
        asked.append(options)
        if options.get("cache"):
            raise RuntimeError("cannot cache function 'double': no locator available")
        return njit(**options)

    monkeypatch.setattr(numba, "njit", no_place_for_a_cache)
    assert _jit.jit(double)(4) == 8
    assert asked == [{"cache": True, "parallel": False}, {"parallel": False}]


def test_other_errors_are_not_hidden(monkeypatch):
    def broken(**options):
        raise ValueError("no such option")

    monkeypatch.setattr(numba, "njit", broken)
    with pytest.raises(ValueError, match="no such option"):
        _jit.jit(double)
