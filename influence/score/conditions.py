"""Conditions over columns as people write them, `segment = 'gold' and not nps < 7`, to a tree; nothing is evaluated."""

from __future__ import annotations

import dataclasses
import math
import re
from typing import NoReturn, TypeAlias

from influence.errors import UsageError

__all__ = [
    "All",
    "AnyOf",
    "Comparison",
    "Condition",
    "Contains",
    "Literal",
    "Membership",
    "Missing",
    "Name",
    "Negation",
    "Operand",
    "Truth",
    "fault",
    "parse",
]

_LONGEST = 100_000
_DEEPEST = 50
_KEYWORDS = ("and", "or", "not", "in", "is", "null", "contains", "true", "false")
_TOKEN = re.compile(
    r"""\s*(?:
      (?P<text>'(?:[^']|'')*')
    | (?P<name>"(?:[^"]|"")*"|`(?:[^`]|``)*`)
    | (?P<number>[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?(?![\w.]))
    | (?P<word>[^\W\d]\w*)
    | (?P<mark><=|>=|!=|<>|==|[=<>(),])
    | (?P<end>\Z)
    )""",
    re.VERBOSE,
)
_SAME = {"==": "=", "<>": "!="}
_COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")


def fault(message: str, at: int) -> NoReturn:
    """Raise the error of a condition, with the position, counted from 1."""
    raise UsageError(f"the condition, at character {at + 1}: {message}")


@dataclasses.dataclass(frozen=True)
class Name:
    """A column as it was written; in double quotes it may have been meant as text."""

    name: str
    at: int
    quote: str = ""


@dataclasses.dataclass(frozen=True)
class Literal:
    """A number, a text, true or false."""

    value: float | str | bool
    at: int


Operand: TypeAlias = Name | Literal


@dataclasses.dataclass(frozen=True)
class Comparison:
    """``left operator right``, the operator one of ``= != < <= > >=``."""

    operator: str
    left: Operand
    right: Operand
    at: int


@dataclasses.dataclass(frozen=True)
class Membership:
    """``name in (values)``."""

    name: Name
    values: tuple[Literal, ...]


@dataclasses.dataclass(frozen=True)
class Contains:
    """``name contains text``."""

    name: Name
    text: Literal


@dataclasses.dataclass(frozen=True)
class Missing:
    """``name is null``."""

    name: Name


@dataclasses.dataclass(frozen=True)
class Truth:
    """A column of true and false by itself."""

    name: Name


@dataclasses.dataclass(frozen=True)
class Negation:
    """``not condition``."""

    condition: Condition


@dataclasses.dataclass(frozen=True)
class All:
    """Conditions joined by ``and``."""

    conditions: tuple[Condition, ...]


@dataclasses.dataclass(frozen=True)
class AnyOf:
    """Conditions joined by ``or``."""

    conditions: tuple[Condition, ...]


Condition: TypeAlias = Comparison | Membership | Contains | Missing | Truth | Negation | All | AnyOf


@dataclasses.dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    at: int

    @property
    def word(self) -> str:
        """The keyword or mark that it is; nothing if it is a name or a value."""
        if self.kind == "mark":
            return _SAME.get(self.text, self.text)
        folded = self.text.lower()
        return folded if self.kind == "word" and folded in _KEYWORDS else ""

    @property
    def shown(self) -> str:
        return "the end" if self.kind == "end" else _shown(self.text)


def _shown(text: str) -> str:
    return repr(text if len(text) <= 40 else f"{text[:40]}…")


def parse(text: str) -> Condition:
    """Return a condition as a tree.

    Comparisons ``= != < <= > >=`` (also ``==`` and ``<>``), ``in (…)``, ``contains``, ``is null`` and ``is not null``,
    joined by ``and`` and ``or``, with ``not`` (which binds less than a comparison, more than ``and``) and parentheses.
    Text stands in single quotes, columns with spaces in double quotes or backticks; a quote within is doubled.

    Raises
    ------
    UsageError
        It is no condition; the message says at which character.

    Examples
    --------
    >>> parse("nps >= 9")
    Comparison(operator='>=', left=Name(name='nps', at=0, quote=''), right=Literal(value=9, at=7), at=4)
    """
    return _Parser(_tokens(text)).whole()


def _tokens(text: str) -> list[_Token]:
    if len(text) > _LONGEST:
        fault(f"it is longer than {_LONGEST:,} characters; for a list of ids use a file", _LONGEST)
    broken = re.search("[\ud800-\udfff]", text)
    if broken:
        fault("this is not UTF-8", broken.start())
    tokens = []
    at = 0
    while True:
        found = _TOKEN.match(text, at)
        if found is None:
            at += len(text[at:]) - len(text[at:].lstrip())
            _strange(text, at)
        kind = found.lastgroup or ""
        tokens.append(_Token(kind, found[kind], found.start(kind)))
        if kind == "end":
            return tokens
        at = found.end()


def _strange(text: str, at: int) -> NoReturn:
    character = text[at]
    if character in "'\"`":
        fault(f"the quote {character} has no end", at)
    if character in "0123456789.+-":
        fault(
            f"{_shown(text[at:].split()[0])} is no number; write 1234.5, and names that begin so in double quotes", at
        )
    hints = {"&": "; write and", "|": "; write or", "!": "; write not, or != for unlike", ";": "; give one condition"}
    fault(f"{character!r} means nothing here{hints.get(character, '')}", at)


class _Parser:
    """Recursive descent; only parentheses recurse."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._place = 0
        self._depth = 0

    def whole(self) -> Condition:
        if self._next.kind == "end":
            fault("it is empty; write one such as own_value > 100", self._next.at)
        condition = self._any_of()
        if self._next.kind != "end":
            self._misplaced("and, or, or the end")
        return condition

    @property
    def _next(self) -> _Token:
        return self._tokens[self._place]

    def _take(self, word: str) -> bool:
        if self._next.word != word:
            return False
        self._place += 1
        return True

    def _demand(self, word: str) -> None:
        if not self._take(word):
            self._misplaced(word)

    def _misplaced(self, wanted: str) -> NoReturn:
        token = self._next
        hint = ""
        if token.word in _COMPARISONS:
            hint = "; write a chain as two comparisons joined by and"
        elif token.word == "null":
            hint = "; write is null, or is not null"
        fault(f"{wanted} is wanted here, not {token.shown}{hint}", token.at)

    def _any_of(self) -> Condition:
        parts = [self._all()]
        while self._take("or"):
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def _all(self) -> Condition:
        parts = [self._negated()]
        while self._take("and"):
            parts.append(self._negated())
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _negated(self) -> Condition:
        negated = False
        while self._take("not"):
            negated = not negated
        condition = self._primary()
        return Negation(condition) if negated else condition

    def _primary(self) -> Condition:
        token = self._next
        if self._take("("):
            self._depth += 1
            if self._depth > _DEEPEST:
                fault(f"parentheses are nested more than {_DEEPEST} deep", token.at)
            condition = self._any_of()
            self._demand(")")
            self._depth -= 1
            return condition
        left = self._operand("a column")
        token = self._next
        if token.word in _COMPARISONS:
            self._place += 1
            return Comparison(token.word, left, self._operand("a column or a value"), token.at)
        negated = self._take("not")
        if self._take("in"):
            condition = Membership(self._column(left), self._values())
        elif self._take("contains"):
            condition = Contains(self._column(left), self._text())
        elif negated:
            self._misplaced("in, or contains,")
        elif self._take("is"):
            negated = self._take("not")
            self._demand("null")
            condition = Missing(self._column(left))
        elif isinstance(left, Name):
            condition = self._truth(left)
        else:
            self._misplaced("a comparison such as =")
        return Negation(condition) if negated else condition

    def _truth(self, name: Name) -> Condition:
        if self._next.word not in ("and", "or", ")") and self._next.kind != "end":
            self._misplaced("one of = != < <= > >= in, contains, is")
        return Truth(name)

    def _column(self, operand: Operand) -> Name:
        if isinstance(operand, Literal):
            fault("a column must stand on the left", operand.at)
        return operand

    def _operand(self, wanted: str) -> Operand:
        token = self._next
        if token.kind == "name" or (token.kind == "word" and not token.word):
            self._place += 1
            if token.kind == "word":
                return Name(token.text, token.at)
            quote = token.text[0]
            return Name(token.text[1:-1].replace(quote * 2, quote), token.at, quote)
        return self._literal(wanted)

    def _literal(self, wanted: str) -> Literal:
        token = self._next
        if token.kind == "text":
            value: float | str | bool = token.text[1:-1].replace("''", "'")
        elif token.kind == "number":
            value = _number(token)
        elif token.word in ("true", "false"):
            value = token.word == "true"
        elif token.word and token.kind == "word" and token.word != "null":
            fault(f"{wanted} is wanted here, not the keyword {token.shown}; quote a name that is one", token.at)
        else:
            self._misplaced(wanted)
        self._place += 1
        return Literal(value, token.at)

    def _values(self) -> tuple[Literal, ...]:
        self._demand("(")
        values = [self._value()]
        while self._take(","):
            values.append(self._value())
        self._demand(")")
        return tuple(values)

    def _value(self) -> Literal:
        token = self._next
        if token.kind == "word" and not token.word:
            fault(f"{token.shown} is neither a number nor in quotes; write '{token.text[:40]}'", token.at)
        operand = self._operand("a value")
        # no column can stand in a list, so that double quotes can only mean text
        return Literal(operand.name, operand.at) if isinstance(operand, Name) else operand

    def _text(self) -> Literal:
        value = self._value()
        if not isinstance(value.value, str):
            fault("contains looks for text; put it in single quotes", value.at)
        return value


def _number(token: _Token) -> float:
    # int() is exact, and slow and limited for numbers that no column holds
    if len(token.text) <= 18 and re.fullmatch(r"[+-]?[0-9]+", token.text):
        return int(token.text)
    value = float(token.text)
    if not math.isfinite(value):
        fault(f"{token.shown} is too large a number", token.at)
    return value
