"""An alias table against the distribution that it stands for."""

import numpy as np
import pytest

from influence.kernels.alias import fill_alias


@pytest.mark.parametrize("seed", range(6))
def test_table_adds_up_to_the_masses(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 400))
    mass = rng.pareto(0.6, n) * (rng.random(n) < 0.6)
    mass[rng.integers(n)] += 1.0
    table = np.empty((n, 2))
    fill_alias(mass, table)
    keep = np.minimum(table[:, 0], 1.0)
    chance = keep + np.bincount(table[:, 1].astype(int), 1.0 - keep, minlength=n)
    assert chance == pytest.approx(mass / mass.sum() * n, abs=1e-9 * n)
    assert (chance[mass == 0.0] == 0.0).all()


def test_equal_masses_need_no_other():
    table = np.empty((7, 2))
    fill_alias(np.full(7, 0.3), table)
    assert (table[:, 0] >= 1.0 - 1e-12).all() or (table[:, 1] == np.arange(7)).all()


def test_what_has_no_mass_is_never_left_over():
    mass = np.full(1001, 0.1)
    mass[::2] = 0.0
    table = np.empty((1001, 2))
    fill_alias(mass, table)
    none = mass == 0.0
    assert (table[none, 0] == 0.0).all()
    assert (mass[table[none, 1].astype(int)] > 0.0).all()
