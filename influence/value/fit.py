"""Everything that a score learns from data, in one place that can be kept and used again."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import numpy as np

from influence.config import Settings
from influence.errors import DataError, UsageError
from influence.ties import Ledger, PersonFeatures, TieFeatures
from influence.ties.features import CHANNELS
from influence.value.attribution import Kappa
from influence.value.contest import Contest, Level, Rates, choose_rates, learned_rates, ruled_rates
from influence.value.intervals import Residuals
from influence.value.learned import LearnedRate, PoissonFit
from influence.value.lifetime import Lifetime

__all__ = ["Fit"]

_FORMAT = "influence fit"
_VERSION = 1
#: Settings that what is learned depends on; others may change from run to run.
_SETTINGS = (
    "horizon_days",
    "window_days",
    "half_life_days",
    "recent_days",
    "fresh_days",
    "follow_weight",
    "weekly_cap",
    "influence_share",
    "reaction_weights",
)


@dataclasses.dataclass(frozen=True, eq=False)
class Fit:
    """What was learned until a moment.

    Attributes
    ----------
    cut : int or None
        Everything before it was used, in microseconds; None where nothing carries a date.
    horizon : int
        Microseconds that the rates look ahead.
    contest : Contest
        Which rate won, and how.
    level : Level
    learned : LearnedRate or None
        Where it won.
    kappa : Kappa
    residuals : Residuals or None
        Errors of earlier predictions.
    lifetime : dict or None
        Parameters of the models of purchases.
    settings : dict
        Those that the fit depends on.
    """

    cut: int | None
    horizon: int
    contest: Contest
    level: Level
    learned: LearnedRate | None
    kappa: Kappa
    residuals: Residuals | None
    lifetime: dict[str, Any] | None
    settings: dict[str, Any]

    @classmethod
    def of(
        cls,
        settings: Settings,
        cut: int | None,
        rates: Rates,
        kappa: Kappa,
        residuals: Residuals | None,
        lifetime: Lifetime | None,
    ) -> Fit:
        """Return what was learned on the way to a score."""
        parameters = None if lifetime is None else lifetime.as_dict()
        return cls(
            cut,
            rates.horizon,
            rates.contest,
            rates.level,
            rates.learned,
            kappa,
            residuals,
            parameters,
            _settings(settings),
        )

    def rates(self, ledger: Ledger, cut: int | None) -> Rates:
        """Return the rates at a later moment, with nothing learned anew."""
        if cut is None:
            return choose_rates(ledger, None, None)
        ledger.assert_before(cut)
        if self.learned is not None:
            return learned_rates(ledger, cut, self.learned, self.contest, self.level)
        return ruled_rates(ledger, cut, self.horizon, self.contest, self.level)

    def check(self, settings: Settings) -> None:
        """Check that the fit was made with these settings.

        Raises
        ------
        UsageError
            One that it depends on differs.
        """
        now = _settings(settings)
        for name in _SETTINGS:
            if now[name] != self.settings.get(name):
                raise UsageError(
                    f"the saved fit was made with {name} = {self.settings.get(name)!r}, and it is {now[name]!r} now; "
                    "make the fit anew, or set it back"
                )

    def to_json(self) -> str:
        """Return the fit as JSON text that :meth:`from_json` reads."""
        content = {"format": _FORMAT, "version": _VERSION, **dataclasses.asdict(self)}
        if self.residuals is not None:
            content["residuals"] = self.residuals.as_dict()
        return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str, name: str) -> Fit:
        """Read a fit; ``name`` is that of its file, for errors.

        Raises
        ------
        DataError
            The text is no fit, or one of a newer version.
        """
        try:
            content = json.loads(text)
            if not isinstance(content, dict) or content.pop("format", None) != _FORMAT:
                raise DataError(f"{name}: not a saved fit; make one with --save-model")
            version = content.pop("version", None)
            if version != _VERSION:
                raise DataError(f"{name}: a fit of version {version}, and this program reads {_VERSION}; make it anew")
            content["contest"] = Contest(**content["contest"])
            content["level"] = Level(**content["level"])
            content["kappa"] = Kappa(**content["kappa"])
            content["learned"] = _learned(content["learned"])
            content["residuals"] = _residuals(content["residuals"])
            fit = cls(**content)
            if type(fit.horizon) is not int or fit.horizon <= 0:
                raise ValueError(f"horizon is {fit.horizon!r}")
            return fit
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            if isinstance(error, DataError):
                raise
            raise DataError(f"{name}: a damaged fit ({error}); make it anew with --save-model") from error


def _settings(settings: Settings) -> dict[str, Any]:
    values = settings.as_dict()
    return {name: values[name] for name in _SETTINGS}


def _learned(content: dict[str, Any] | None) -> LearnedRate | None:
    if content is None:
        return None
    fits: dict[str, dict[str, PoissonFit]] = {
        part: {channel: PoissonFit(**{**fit, "levels": tuple(fit["levels"])}) for channel, fit in content[part].items()}
        for part in ("acts", "follow_ons")
    }
    for part, names in (("acts", PersonFeatures.names), ("follow_ons", TieFeatures.names)):
        for channel, fit in fits[part].items():
            if channel not in CHANNELS or tuple(fit.coefficients) != names:
                raise ValueError(f"{part} of {channel} has other coefficients than {', '.join(names)}")
    return LearnedRate(content["horizon"], tuple(content["cuts"]), **fits)


def _residuals(content: dict[str, Any] | None) -> Residuals | None:
    if content is None:
        return None
    edges, low, high = (np.array(content[name], np.float64) for name in ("edges", "low", "high"))
    return Residuals(edges, low, high, tuple(content["cuts"]), content["people"], tuple(content["ratios"]))
