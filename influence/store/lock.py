"""One writer at a time, without trusting that writers end well."""

from __future__ import annotations

import datetime as dt
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from influence.errors import InfluenceError
from influence.store.disk import told

__all__ = ["LOCK_NAME", "LockedError", "writing"]

LOCK_NAME = "lock"
_PAUSE = 0.05


class LockedError(InfluenceError):
    """Somebody else writes to the store, and did not end in time."""

    exit_status = 4


@contextmanager
def writing(folder: Path, timeout: float) -> Iterator[None]:
    """Hold the lock of a store's folder.

    The lock is the kernel's (``flock``) and ends with the process that holds it, however that ends; the file only
    tells others who it is, and stays.

    Raises
    ------
    LockedError
        Another process or thread still holds it after ``timeout`` seconds.
    InfluenceError
        The platform or the file system has no such locks, or the folder cannot be written.
    """
    try:
        import fcntl
    except ImportError as error:
        raise InfluenceError(
            f"{folder}: this platform has no flock, so two writers could not be kept apart; "
            "load on Linux or macOS. Reading a store works everywhere"
        ) from error
    path = folder / LOCK_NAME
    with told(folder):
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        deadline = time.monotonic() + timeout
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise LockedError(_busy(folder, path, timeout)) from None
                time.sleep(min(_PAUSE, max(0.0, deadline - time.monotonic())))
            except OSError as error:
                raise InfluenceError(
                    f"{folder}: this file system cannot lock ({error.strerror or error}); put the store on a local disk"
                ) from error
        with told(folder):
            _sign(handle)
        yield
    finally:
        os.close(handle)


def _sign(handle: int) -> None:
    since = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    os.ftruncate(handle, 0)
    os.pwrite(handle, json.dumps({"pid": os.getpid(), "host": socket.gethostname(), "since": since}).encode(), 0)


def _busy(folder: Path, path: Path, timeout: float) -> str:
    try:
        holder = json.loads(path.read_text(encoding="utf-8"))
        who = f"process {holder['pid']} on {holder['host']}, since {holder['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        who = "another process"  # it has the lock, but has not signed yet
    return (
        f"{folder}: another writer is at work ({who}) and did not end within {timeout:g} s. "
        "Wait for it, or give more time with --lock-timeout"
    )
