"""Bare edge lists, as SNAP and KONECT publish them: ``u v`` on a line, comments with # or %, no header."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from influence.errors import DataError
from influence.io.problems import Problems
from influence.io.raw import Raw
from influence.io.text import Text

__all__ = ["EdgeListSource", "is_comment"]

_PAIR = r"^([^\s,;]+)(?:\s+|\s*[,;]\s*)([^\s,;]+)$"
_NUMBER = re.compile(r"-?[0-9]+")
_STEP = (
    "A bare edge list has two fields a line: who follows, and whom. If there are more, name them in a header line, "
    "such as source,target,timestamp"
)


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

    def __init__(self, text: Text) -> None:
        self.name = text.name
        self._text = text
        content = [line.strip() for line in text.head() if line.strip() and not is_comment(line)][:2]
        words = [re.split(r"[\s,;]+", line) for line in content]
        if len(words) == 2 and not any(map(_NUMBER.fullmatch, words[0])) and all(map(_NUMBER.fullmatch, words[1])):
            raise DataError(
                f"{self.name}: {content[0]!r} looks like a header, but none of its names is known; "
                "name the columns source and target, or remove the line"
            )

    def read(self, columns: Sequence[str]) -> Raw:
        """Read the pairs.

        Raises
        ------
        DataError
            A line is not a pair, or the text is not UTF-8.
        """
        lines = self._text.lines().str.strip_chars()
        content = (lines.is_not_null() & (lines != "") & ~lines.str.contains("^[#%]")).fill_null(value=False)
        kept = np.flatnonzero(content.to_numpy())
        if len(kept) < len(lines):
            lines = lines.gather(kept)

        def where(rows: npt.NDArray[np.int64]) -> list[str]:
            return [f"line {self._text.skipped + 1 + line}" for line in kept[rows].tolist()]

        frame = lines.str.extract_groups(_PAIR).struct.unnest()
        frame.columns = list(self.columns)
        problems = Problems(self.name, len(lines), where)
        problems.add(lines.alias(""), frame["source"].is_null(), "is not a pair", _STEP)
        problems.check()
        return Raw(self.name, frame.select(pl.col(list(columns))), where)
