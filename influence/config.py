"""Every setting that a person may want to change, in one frozen and validated place."""

from __future__ import annotations

import dataclasses
import difflib
import math
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from influence.errors import UsageError

__all__ = [
    "REACTION_WEIGHTS",
    "READING",
    "REFERRAL_TYPES",
    "SECTIONS",
    "SUSPICION_FACTORS",
    "Settings",
    "find_settings",
    "read_settings",
    "read_toml",
    "suggest",
]

#: Credit of one reaction: the *target* influenced the *source*, who reacted to her.
REACTION_WEIGHTS: Mapping[str, float] = MappingProxyType(
    {
        "reply": 1.0,
        "answer": 1.0,
        "share": 1.0,
        "mention": 1.0,
        "review_read": 0.5,
        "helpful_vote": 0.5,
        "like": 0.05,
    }
)

#: Types in which the *source* influenced the *target*: she brought him.
REFERRAL_TYPES: tuple[str, ...] = ("referral", "invite")

#: Factor of what is owed to a person, by the code that tells what is suspicious about her.
SUSPICION_FACTORS: Mapping[str, float] = MappingProxyType(
    {
        "burst": 0.5,
        "reply_farm": 0.5,
        "reciprocal_ring": 0.5,
        "referral_ring": 0.5,
        "self_referral": 0.5,
    }
)

#: Names in a settings file that say how sources are read; ``influence.io.ReadOptions`` takes them.
READING = ("time_unit", "encoding", "decimal", "map", "map_type", "fold_case", "on_bad_rows", "neo4j")

#: Tables of a settings file that belong to what they are called after, which reads them itself.
SECTIONS = ("export", "sync")

_MODELS = ("auto", "rule", "learned")
_MAPPINGS = ("reaction_weights", "segment_weights", "suspicion_factors")
_SHARES = ("influence_share", "kappa_default", "incentive_weight", "clv_margin", "referral_type_one")
_POSITIVE_DAYS = (
    "horizon_days",
    "window_days",
    "half_life_days",
    "recent_days",
    "fresh_days",
    "clv_horizon_days",
    "referral_value_days",
)
_MOST_DAYS = 36_525  # a century; times in microseconds would overflow far above it


@dataclasses.dataclass(frozen=True)
class Settings:
    """Settings of a run; the manifest prints all of them.

    Times are in days, shares in [0, 1].
    """

    #: Months of the future that a rate looks at; a third of the data's span where that is shorter.
    horizon_days: float = 365.0
    #: An act follows an earlier act on the same item within this many days.
    window_days: float = 90.0
    #: Age at which the rule counts a piece of evidence half.
    half_life_days: float = 90.0
    #: "Recent" in the features of the learned rate.
    recent_days: float = 180.0
    #: "Very recent" in the features of the learned rate.
    fresh_days: float = 30.0
    #: Evidence that a follow adds where other evidence exists.
    follow_weight: float = 0.05
    #: Most evidence that one pair can add in one week.
    weekly_cap: float = 3.0
    #: Share of follow-ons beyond chance that is influence; the rest is taken as homophily.
    influence_share: float = 0.5
    #: κ where it cannot be measured: direct reactions, or fewer exposed acts than ``min_exposed``.
    kappa_default: float = 0.25
    #: Bounds of the measured share beyond chance.
    kappa_floor: float = 0.02
    #: Exposed acts that a measured κ needs.
    min_exposed: int = 200
    #: Worth of a reaction that was paid for; an organic one is worth 1. Who is paid to react is not moved by her.
    incentive_weight: float = 0.1
    #: Reactions' worth of an influencer's mean that is added to what each tie shows.
    discount_prior: float = 3.0
    #: m₀: acts added to the denominator of an attribution, with the rule and with the learned rate.
    prior_acts_rule: float = 5.0
    prior_acts_learned: float = 1.0
    #: φ: share of a referred customer that her referrer is credited with, and what is left to all others.
    referral_share: float = 0.5
    referral_rest: float = 0.25
    #: A referral counts when it comes at most this long before the first purchase.
    referral_days: float = 365.0
    #: Referral value: how long after she joined a referred customer counts, and how far back referrals are counted.
    referral_value_days: float = 365.0
    #: Share of referred customers who would not have come without the referral (type one).
    referral_type_one: float = 0.5
    #: What it costs to win a customer otherwise, in the currency of the values; 0 = unknown, so nothing is saved.
    acquisition_cost: float = 0.0
    #: What is paid for a successful referral whose rows say no cost, in the currency of the values.
    referral_incentive: float = 0.0
    #: Lifetime value from transactions: how far it looks ahead, and the yearly rate at which it is discounted.
    clv_horizon_days: float = 365.0
    clv_discount: float = 0.10
    #: Share of an amount that is earned, where the transactions have no margin.
    clv_margin: float = 1.0
    #: Whether lifetime values are fitted; else they are what was spent in the last horizon.
    clv_fit: bool = True
    #: Currency of all money, where the input does not say it.
    currency: str = ""
    #: Factor of the own value by segment, for segments that matter more, or less, than they spend.
    segment_weights: Mapping[str, float] = dataclasses.field(default_factory=dict)
    #: The learned rate needs this many credited follow-ons, from this many people.
    min_follow_ons: int = 200
    min_influencers: int = 50
    #: … and this share of the outcome's credit on ties known at the cut.
    min_known_share: float = 0.5
    #: Earlier cuts pooled in one fit, half a horizon apart.
    fit_cuts: int = 3
    #: The share of people that the contest and the main metrics look at.
    top_share: float = 0.05
    #: Replicates of the bootstrap over customers.
    bootstrap: int = 400
    #: Replicates behind the chance to be among the best.
    replicates: int = 100
    #: Which rate to use: the contest decides, or one of them is forced.
    rate: str = "auto"
    #: Seed of everything random.
    seed: int = 0
    #: Credit of one reaction by type; a type that is not listed is an error.
    reaction_weights: Mapping[str, float] = dataclasses.field(default_factory=lambda: REACTION_WEIGHTS)
    #: Customers who bought repeatedly, for longer than this, are trusted where none are vetted.
    seed_days: float = 180.0
    #: Factor of what is owed to a person by what is suspicious about her; 1 only names it.
    suspicion_factors: Mapping[str, float] = dataclasses.field(default_factory=lambda: SUSPICION_FACTORS)

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if field.name in ("rate", "currency", *_MAPPINGS):
                continue
            if field.type == "bool":
                if not isinstance(value, bool):
                    raise UsageError(f"{field.name} must be true or false, not {value!r}")
                continue
            whole = field.type == "int"
            if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
                kind = "a whole number" if whole else "a number"
                raise UsageError(f"{field.name} must be {kind}, not {value!r}")
            if not math.isfinite(value) or value < 0:
                raise UsageError(f"{field.name} must be 0 or more and finite, not {value!r}")
        for name in (*_POSITIVE_DAYS, "weekly_cap"):
            if getattr(self, name) <= 0:
                raise UsageError(f"{name} must be above 0, not {getattr(self, name)!r}")
        for name in (*_POSITIVE_DAYS, "referral_days", "seed_days"):
            if getattr(self, name) > _MOST_DAYS:
                raise UsageError(f"{name} is in days and at most {_MOST_DAYS:,}, not {getattr(self, name)!r}")
        for name in ("prior_acts_rule", "prior_acts_learned"):
            if getattr(self, name) <= 0:
                raise UsageError(f"{name} must be above 0: it keeps the share of a rare buyer below one")
        for name in (*_SHARES, "kappa_floor", "min_known_share", "top_share"):
            if getattr(self, name) > 1:
                raise UsageError(f"{name} is a share and must lie in [0, 1], not {getattr(self, name)!r}")
        if self.influence_share > 0.75 or self.kappa_default > 0.75:
            raise UsageError(
                "influence_share and kappa_default may be at most 0.75: above it the value need not converge"
            )
        if self.referral_share + self.referral_rest > 0.75:
            raise UsageError("referral_share + referral_rest may be at most 0.75: above it the value need not converge")
        if self.top_share == 0:
            raise UsageError("top_share must be above 0")
        for name in ("fit_cuts", "replicates"):
            if getattr(self, name) < 1:
                raise UsageError(f"{name} must be at least 1")
        if not isinstance(self.currency, str):
            raise UsageError(f"currency must be text, such as EUR, not {self.currency!r}")
        if self.rate not in _MODELS:
            raise UsageError(f"rate must be one of {', '.join(_MODELS)}, not {self.rate!r}")
        for table in _MAPPINGS:
            weights = dict(getattr(self, table))
            if table == "suspicion_factors":
                weights = {**SUSPICION_FACTORS, **weights}
            for name, weight in weights.items():
                if not isinstance(weight, (int, float)) or isinstance(weight, bool) or not 0 <= weight < math.inf:
                    raise UsageError(f"{table}.{name} must be 0 or more and finite, not {weight!r}")
                if table == "reaction_weights" and name in REFERRAL_TYPES:
                    raise UsageError(f"{table}.{name}: a referral is not a reaction; its share is referral_share")
                if table == "suspicion_factors" and name not in SUSPICION_FACTORS:
                    raise UsageError(f"unknown {table}.{name}{suggest(name, list(SUSPICION_FACTORS))}")
                if table == "suspicion_factors" and weight > 1:
                    raise UsageError(f"{table}.{name} must lie in [0, 1], not {weight!r}")
            object.__setattr__(self, table, MappingProxyType(weights))

    def replace(self, **changes: Any) -> Settings:
        """Return a copy with some settings changed, validated again."""
        return Settings.from_mapping(changes, base=self)

    def as_dict(self) -> dict[str, Any]:
        """Return the settings as plain values, in the order in which they are documented."""
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return values | {name: dict(values[name]) for name in _MAPPINGS}

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any], base: Settings | None = None) -> Settings:
        """Return settings from names and values, over ``base``.

        A table of weights adds to the weights that stand, it does not replace them.

        Raises
        ------
        UsageError
            A name is unknown (with a suggestion), or a value cannot be used.
        """
        base = base or cls()
        names = [field.name for field in dataclasses.fields(cls)]
        for name in values:
            if name not in names:
                raise UsageError(f"unknown setting {name!r}{suggest(name, names)}")
        merged = {**{name: getattr(base, name) for name in names}, **values}
        for name in _MAPPINGS:
            if values.get(name) is not None:
                if not isinstance(values[name], Mapping):
                    raise UsageError(f"{name} must be a table of name = weight")
                merged[name] = {**getattr(base, name), **values[name]}
        return cls(**merged)


def suggest(name: object, known: Iterable[str]) -> str:
    """Return the end of a message about an unknown name: the one that it looks like, else all that are known."""
    names = list(known)
    close = difflib.get_close_matches(str(name), names, n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; known: {', '.join(names)}"


def read_toml(path: Path) -> dict[str, Any]:
    """Return what a settings file says: its top level, or ``[tool.influence]`` of a ``pyproject.toml``.

    Raises
    ------
    UsageError
        The file is not TOML.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path}: cannot be read as TOML: {error}") from error
    if path.name == "pyproject.toml":
        values = values.get("tool", {}).get("influence", {})
    return values


def read_settings(path: str | Path, base: Settings | None = None) -> Settings:
    """Read settings from a TOML file: its top level, or ``[tool.influence]`` of a ``pyproject.toml``.

    What says how sources are read (``READING``) is left to :func:`influence.io.read_options`, and ``SECTIONS`` to
    those whom they are for.

    Raises
    ------
    UsageError
        The file is not TOML, or holds an unknown setting or a bad value; the message names the file.
    """
    path = Path(path)
    values = read_toml(path)
    try:
        scoring = {name: value for name, value in values.items() if name not in (*READING, *SECTIONS)}
        return Settings.from_mapping(scoring, base=base)
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from error


def find_settings(folder: str | Path = ".") -> Path | None:
    """Return the settings file of a folder: ``influence.toml``, else a ``pyproject.toml`` with our table."""
    folder = Path(folder)
    own = folder / "influence.toml"
    if own.is_file():
        return own
    project = folder / "pyproject.toml"
    if project.is_file():
        try:
            table = tomllib.loads(project.read_text(encoding="utf-8")).get("tool", {})
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
            return None  # somebody else's broken file is not our error
        if "influence" in table:
            return project
    return None
