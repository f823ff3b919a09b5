"""The score must beat what is free, on the real data sets."""

import numpy as np
import pytest

import influence
from influence.config import Settings

pytestmark = [pytest.mark.data, pytest.mark.slow]

SETTINGS = Settings(bootstrap=200)


def run(*sources, cut, placebos):
    result = influence.backtest(*sources, settings=SETTINGS, cut=cut, placebos=placebos)
    return result.frame.row(0, named=True), result.frame.row(-1, named=True), result


def ciao(folder, cut, placebos):
    sources = f"follows={folder / 'ciao/trust.parquet'}", f"actions={folder / 'ciao/reviews.parquet'}"
    return run(*sources, cut=cut, placebos=placebos)


def test_ciao_2006(data_folder):
    ours, difference, result = ciao(data_folder, "2006-01-01", 5)
    assert ours["ndcg"] >= 0.62
    assert ours["excess"] >= 0.58
    assert difference["ndcg_low"] > 0
    assert difference["excess_low"] > 0
    assert np.mean(result.facts["placebo_excess"]) <= 0.1
    assert result.facts["rate"] == "learned"
    assert sum(line.startswith("It beats the best baseline") for line in result.verdict) == 2


def test_ciao_2004(data_folder):
    _, difference, result = ciao(data_folder, "2004-01-01", 0)
    assert difference["ndcg_low"] > 0
    assert difference["excess_low"] > 0
    assert result.facts["rate"] == "learned"


def test_higgs(data_folder):
    folder = data_folder / "higgs-twitter"
    sources = f"follows={folder / 'follows_prefix.parquet'}", f"interactions={folder / 'activity.parquet'}"
    _, difference, result = run(*sources, cut="2012-07-04T06:00", placebos=0)
    assert result.facts["rate"] == "rule"
    assert result.facts["contest"]["known_share"] < 0.5
    assert difference["ndcg_low"] > -0.01
    assert result.facts["best_baseline"]["ndcg"] == "prior reactions received"
