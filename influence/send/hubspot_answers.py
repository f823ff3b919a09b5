"""What HubSpot's answer to a batch says about each of its records."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from influence.export.delivery import Answer

__all__ = ["is_missing", "read_answer", "words"]

_UNCONFIRMED = "HubSpot did not confirm it"


def read_answer(
    inputs: Sequence[Mapping[str, Any]], content: Any, *, clear: bool, hide: Callable[[str], str]
) -> Answer:
    """Return who was accepted and who was refused; nobody is accepted who is not confirmed.

    Errors name their records by ``objectWriteTraceId`` or id in their context, results by the same or by the value of
    the property that they are known by.

    Parameters
    ----------
    clear : bool
        Whether the batch empties fields: who is not there then needs nothing.
    hide : callable
        Takes secrets out of HubSpot's words.
    """
    keys = [str(one["id"]) for one in inputs]
    names = {str(one["objectWriteTraceId"]): key for one, key in zip(inputs, keys, strict=True)}
    names |= {key.casefold(): key for key in keys}
    if not isinstance(content, dict) or content.get("status", "COMPLETE") != "COMPLETE":
        return Answer((), dict.fromkeys(keys, hide(f"{_UNCONFIRMED}: {words(content)}")))
    accepted: set[str] = set()
    refused: dict[str, str] = {}
    unnamed: list[str] = []
    for error in content.get("errors") or []:
        named = {names[text] for text in _named(error) if text in names}
        said = hide(words(error))
        if clear and is_missing(error):
            accepted |= named
        elif named:
            refused |= dict.fromkeys(named, said)
        else:
            unnamed.append(said)
    strangers = 0
    for result in content.get("results") or []:
        key = _who(result, names, inputs[0].get("idProperty"))
        strangers += key is None
        if key is not None:
            accepted.add(key)
    accepted -= set(refused)
    rest = [key for key in keys if key not in accepted and key not in refused]
    if rest and not unnamed and strangers == len(rest):
        accepted |= set(rest)  # results that name nobody, one for each
    elif rest:
        refused |= dict.fromkeys(rest, unnamed[0] if unnamed else _UNCONFIRMED)
    return Answer([key for key in keys if key in accepted], refused)


def _named(error: Any) -> list[str]:
    """Return all that an error names."""
    if not isinstance(error, dict):
        return []
    context = error.get("context")
    context = context if isinstance(context, dict) else {}
    found: list[str] = []
    for value in (*(context.get(name) for name in ("objectWriteTraceId", "ids", "id")), error.get("id")):
        values = value if isinstance(value, list) else [value]
        found += [form for one in values if one is not None for form in (str(one), str(one).casefold())]
    return found


def _who(result: Any, names: Mapping[str, str], known_by: Any) -> str | None:
    if not isinstance(result, dict):
        return None
    values = [result.get("objectWriteTraceId"), (result.get("properties") or {}).get(known_by)]
    if known_by == "hs_object_id":  # else the id is HubSpot's own, and may be somebody else's key
        values.append(result.get("id"))
    for value in values:
        for text in (str(value), str(value).casefold()):
            if value is not None and text in names:
                return names[text]
    return None


def is_missing(error: Any) -> bool:
    """Return whether an error says that a record is not there."""
    return isinstance(error, dict) and error.get("category") == "OBJECT_NOT_FOUND"


def words(content: Any) -> str:
    """Return HubSpot's words for what is wrong."""
    if not isinstance(content, dict):
        return str(content or "no words")
    found = [content.get("message"), content.get("policyName")]
    for error in content.get("errors") or []:
        found.append(error.get("message") if isinstance(error, dict) else error)
    said = dict.fromkeys(str(text) for text in found if text)
    return "; ".join(said) or str(content.get("category") or json.dumps(content))
