"""Long work in slices: Ctrl-C is heard between them, progress is told, and memory is asked for before it is taken.

Signals reach Python only between compiled calls, so no compiled call may last long: what does is cut into slices of
about a tenth of a second. How the work is cut depends on the clock, so its result must not depend on how it is cut.
"""

from __future__ import annotations

import contextlib
import contextvars
import dataclasses
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from influence.errors import InfluenceError, UsageError

__all__ = ["Listener", "available_memory", "claim_memory", "listening", "rounds", "slices"]

_SLICE = 0.1  # seconds
_GROWTH = 8  # the first slice may have waited for a compiler
_WORTH_TELLING = 1 << 28  # bytes
_WORTH_ASKING = 1 << 24


@dataclasses.dataclass(frozen=True)
class Listener:
    """Who wants to know how far work is.

    Attributes
    ----------
    progress : callable
        Called with what is being done and the part done, 0 … 1, or None where nobody knows.
    memory : callable
        Called with what is to be done and the bytes it is about to take, where these are many.
    """

    progress: Callable[[str, float | None], None] = lambda label, part: None
    memory: Callable[[str, int], None] = lambda label, size: None


_listener: contextvars.ContextVar[Listener | None] = contextvars.ContextVar("influence_progress", default=None)


@contextlib.contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Tell the listener of all work inside the block."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def slices(
    total: int, label: str, *, first: int = 1, size: int | None = None, unit: str | None = None
) -> Iterator[tuple[int, int]]:
    """Yield (start, stop) ranges that cover 0 … total - 1, each of about a tenth of a second.

    Parameters
    ----------
    total : int
        Items of work.
    label : str
        What is being done, for whoever follows the progress.
    first : int
        Items of the first slice; the size then follows the clock.
    size : int, optional
        Items of every slice, where the clock is not to decide: of work that Ctrl-C ends anyway.
    unit : str, optional
        What the items are called, for work that waits for others: how many a second, and the time left, are then told.

    Examples
    --------
    >>> covered = [item for start, stop in slices(5, "counting", first=2) for item in range(start, stop)]
    >>> covered
    [0, 1, 2, 3, 4]
    """
    listener = _listener.get()
    done, step = 0, max(1, first) if size is None else size
    started = time.perf_counter()
    while done < total:
        if listener is not None:
            pace = _pace(done, total, unit, time.perf_counter() - started) if unit and done else ""
            listener.progress(label + pace, done / total)
        stop = min(total, done + step)
        began = time.perf_counter()
        yield done, stop
        seconds = time.perf_counter() - began
        if size is None:
            step = max(1, int((stop - done) * min(_GROWTH, _SLICE / max(seconds, 1e-9))))
        done = stop


def _pace(done: int, total: int, unit: str, seconds: float) -> str:
    rate = done / max(seconds, 1e-9)
    minutes, left = divmod(round((total - done) / rate), 60)
    clock = f"{minutes // 60}:{minutes % 60:02}:{left:02}" if minutes >= 60 else f"{minutes}:{left:02}"
    return f", {rate:,.0f} {unit}/s, {clock} left"


def rounds(maximum: int, label: str) -> Iterator[int]:
    """Yield 0 … maximum - 1, for work whose rounds are short and whose number is not known beforehand."""
    listener = _listener.get()
    for number in range(maximum):
        if listener is not None:
            listener.progress(label, None)
        yield number


def available_memory() -> int | None:
    """Return the bytes that can be taken, or None where the system does not say.

    The environment variable ``INFLUENCE_MEMORY`` (bytes, or with one of the suffixes K, M, G, T) goes before what the
    system says.
    """
    asked = os.environ.get("INFLUENCE_MEMORY")
    if asked:
        return _bytes(asked)
    found = []
    with contextlib.suppress(OSError, ValueError, IndexError):
        lines = Path("/proc/meminfo").read_text().splitlines()
        found += [1024 * int(line.split()[1]) for line in lines if line.startswith("MemAvailable:")]
    with contextlib.suppress(OSError, ValueError):  # a container's share; "max" where it has no limit
        group = Path("/sys/fs/cgroup")
        found.append(int((group / "memory.max").read_text()) - int((group / "memory.current").read_text()))
    if not found:
        with contextlib.suppress(OSError, ValueError, AttributeError):
            found.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    return max(0, min(found)) if found else None


def _bytes(text: str) -> int:
    number, suffix = (text[:-1], text[-1].upper()) if text[-1:].upper() in tuple("KMGT") else (text, "")
    try:
        return int(float(number) * 1024 ** ("KMGT".index(suffix) + 1 if suffix else 0))
    except ValueError:
        raise UsageError(f"INFLUENCE_MEMORY must be a number of bytes such as 8G, not {text!r}") from None


def claim_memory(label: str, size: int) -> None:
    """Tell how many bytes work is about to take, and refuse what cannot be had.

    Parameters
    ----------
    label : str
        What is to be done.
    size : int
        Bytes at the peak, beside what is held already.

    Raises
    ------
    InfluenceError
        Less is available.
    """
    listener = _listener.get()
    if listener is not None and size >= _WORTH_TELLING:
        listener.memory(label, size)
    if size < _WORTH_ASKING:
        return
    available = available_memory()
    if available is not None and size > available:
        raise InfluenceError(
            f"{label} needs about {size / 2**30:.1f} GiB of memory and {available / 2**30:.1f} GiB are available; "
            "take a machine with more, a smaller graph or an approximate measure"
        )
