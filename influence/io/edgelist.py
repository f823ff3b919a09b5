"""Bare edge lists, as SNAP and KONECT publish them: ``u v`` on a line, comments with # or %, no header."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from influence.errors import DataError
from influence.io.problems import SHOWN, Problems, show
from influence.io.raw import Fault, Raw
from influence.io.text import Text

__all__ = ["EdgeListSource", "is_comment"]

_PAIR = r"^([^\s,;]+)(?:\s+|\s*[,;]\s*)([^\s,;]+)$"
_NUMBER = re.compile(r"-?[0-9]+")
_STEP = "A bare edge list has two fields a line: who follows, and whom"
_MORE = ("source", "target", "timestamp")


def is_comment(line: str) -> bool:
    """Return whether a line of an edge list is a comment."""
    return line.startswith(("#", "%"))


class EdgeListSource:
    """An edge list without a header; its columns are called ``source`` and ``target``.

    Raises
    ------
    DataError
        The first line looks like a header that nobody understands.
    """

    headless = True
    columns: Sequence[str] = ("source", "target")

    def __init__(self, text: Text, digest: str = "") -> None:
        self.name = text.name
        self.digest = digest
        self._text = text
        lines = (line.strip() for line in text.head())
        content = list(itertools.islice((line for line in lines if line and not is_comment(line)), 2))
        words = [re.split(r"[\s,;]+", line) for line in content]
        if len(words) == 2 and not any(map(_NUMBER.fullmatch, words[0])) and all(map(_NUMBER.fullmatch, words[1])):
            raise DataError(
                f"{self.name}: {show(content[0])} looks like a header, but none of its names is known; "
                "name the columns source and target, or remove the line"
            )

    def read(self, columns: Sequence[str], *, strict: bool, coded: Collection[str] = ()) -> Raw:
        """Read the pairs.

        Raises
        ------
        DataError
            The text is not UTF-8, or if ``strict`` a line is not a pair.
        """
        del coded  # pairs are taken out of whole lines
        lines = self._text.lines().str.strip_chars()
        content = (lines.is_not_null() & (lines != "") & ~lines.str.contains("^[#%]")).fill_null(value=False)
        kept = np.flatnonzero(content.to_numpy())
        if len(kept) < len(lines):
            lines = lines.gather(kept)

        def where(rows: npt.NDArray[np.int64]) -> list[str]:
            return [f"line {self._text.skipped + 1 + line}" for line in kept[rows].tolist()]

        def written(rows: npt.NDArray[np.int64]) -> list[dict[str, str | None]]:
            return [{"text": line} for line in lines.gather(rows).to_list()]

        frame = lines.str.extract_groups(_PAIR).struct.unnest()
        frame.columns = list(self.columns)
        faults: tuple[Fault, ...] = ()
        bad = frame["source"].is_null()
        step = _step(lines.filter(bad)) if bad.any() else ""
        if strict:
            problems = Problems(self.name, len(lines), where)
            problems.add(lines.alias(""), bad, "is not a pair", step)
            problems.check()
        elif bad.any():
            rows = np.flatnonzero(bad.to_numpy())
            texts = [f"{show(line)} is not a pair" for line in lines.gather(rows[:SHOWN]).to_list()]
            faults = (Fault(rows, "", texts, "is not a pair", step),)
        return Raw(self.name, frame.select(pl.col(list(columns))), where, written, faults, checked=True)


def _step(bad: pl.Series) -> str:
    """Return what to do about lines that are no pairs."""
    lines = [line for line in bad.head(SHOWN).to_list() if re.search(r"[\s,;]", line)]
    if not lines:
        return f"{_STEP}. If these are people who must not be processed, say suppress=PATH"
    # A header must be split like the rows, or each of them is one field.
    mark = next(mark for mark in ("\t", ",", ";", " ") if mark in lines[0] or mark == " ")
    example = mark.join(_MORE) if mark != "\t" else f"{' '.join(_MORE)} with tabs between them"
    return f"{_STEP}. If there are more, name them in a header line, such as {example}"
