"""Text that a spreadsheet would run as a formula, made harmless in CSV files for people, and read back.

A cell that begins with ``=``, ``+``, ``-``, ``@``, a tab or a line break is a formula to a spreadsheet, whoever chose
its text [1]_. An apostrophe before it makes it text. Numbers are left alone: ``-5`` and ``+4930123`` calculate nothing.

References
----------
.. [1] OWASP, CSV Injection.
"""

from __future__ import annotations

import re

import polars as pl

__all__ = ["harmless", "restored"]

# an apostrophe that stands before such a mark already takes one more, so that reading back is exact
_MARKED = r"^'*[=+\-@\t\r\n]"
_NUMBER = r"^[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$"


def harmless(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a table whose text cells are no formulas.

    Examples
    --------
    >>> harmless(pl.DataFrame({"id": ["=1+2", "-5", "@ann", "ann"]}))["id"].to_list()
    ["'=1+2", '-5', "'@ann", 'ann']
    """
    text = pl.col(pl.String)
    marked = text.str.replace(f"({_MARKED})", "'$1")
    return frame.with_columns(pl.when(text.str.contains(_NUMBER)).then(text).otherwise(marked)).rename(
        {name: f"'{name}" for name in frame.columns if re.match(_MARKED, name)}
    )


def restored(text: pl.Series) -> pl.Series:
    """Return text cells as they were before :func:`harmless`.

    Examples
    --------
    >>> restored(pl.Series(["'=1+2", "-5", "'tis"])).to_list()
    ['=1+2', '-5', "'tis"]
    """
    return text.str.replace(r"^'('*[=+\-@\t\r\n])", "$1")
