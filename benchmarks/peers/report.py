"""Tables of what was measured."""

from __future__ import annotations

import itertools
import math
import re
from typing import Any

from common import markdown

from peers import LIBRARIES, PACKAGES

__all__ = ["write"]

#: Edges from which memory says something of a graph, and not of the library.
LARGE = 500_000

Rows = list[dict[str, Any]]


def seconds(value: Any) -> str:
    """Return a time with two or three digits; a text as it is."""
    if not isinstance(value, int | float):
        return value or "—"
    return f"{value * 1e3:.2g} ms" if value < 0.0995 else f"{value:.2f}" if value < 9.95 else f"{value:.0f}"


def mebibytes(value: float) -> str:
    return f"{value / 2**20:,.0f}"


def _names() -> list[str]:
    return [PACKAGES.get(name, name) if name != "influence" else name for name in LIBRARIES]


def _ratio(row: dict[str, Any]) -> str:
    """Return how many times as long the fastest peer took that gave the same answer."""
    ours = row["seconds"].get("influence")
    theirs = {
        name: value
        for name, value in row["seconds"].items()
        if name != "influence" and isinstance(value, float) and row["answers"].get(name, {}).get("comparable", True)
    }
    if not isinstance(ours, float):
        return "—"
    if not theirs:
        # nobody was ready in time: at least the limit, if it was met on this very graph
        stopped = [v for n, v in row["seconds"].items() if n != "influence" and re.fullmatch(r"> \d+ s", str(v))]
        return f"> {max(float(value.split()[1]) for value in stopped) / ours:.0f}" if stopped else "—"
    name = min(theirs, key=theirs.__getitem__)
    return f"{theirs[name] / ours:.1f} ({PACKAGES.get(name, name)})"


def _answers(row: dict[str, Any]) -> str:
    """Return how far answers were apart, at most; and whose was another one."""
    same = {name: found for name, found in row["answers"].items() if found["same"]}
    other = {name: found for name, found in row["answers"].items() if not found["same"]}
    texts = []
    if row.get("quality"):
        texts.append(", ".join(f"{PACKAGES.get(name, name)} {value:.4f}" for name, value in row["quality"].items()))
    elif same:
        texts.append(f"≤ {max(found['apart'] for found in same.values()):.0e} of {row['tolerance']:g}")
    texts += [
        f"{PACKAGES.get(name, name)}: {found['why'] or format(found['apart'], '.1e')}" for name, found in other.items()
    ]
    return "; ".join(texts) or "—"


def times(rows: Rows) -> str:
    header = ["measure", "graph", *_names(), "fastest peer / ours", "answers: largest difference"]
    lines = []
    for row in rows:
        found = [seconds(row["seconds"].get(name)) for name in LIBRARIES]
        lines.append([row["measure"], row["graph"], *found, _ratio(row), _answers(row)])
    return markdown(header, lines)


def costs(rows: Rows) -> str:
    """Return processor time by wall time, and memory beside the graph."""
    lines = []
    for row in rows:
        found = [
            f"{one['cpu']:.1f} · {mebibytes(one['peak'])}" if one else "—"
            for one in (row["costs"].get(name) for name in LIBRARIES)
        ]
        lines.append([row["measure"], row["graph"], *found])
    return markdown(["measure", "graph", *_names()], lines)


def loading(rows: Rows) -> str:
    header = ["graph", "", *_names()]
    lines = []
    for row in rows:
        if row["edges"] < LARGE:
            continue
        found = [row["libraries"].get(name) for name in LIBRARIES]

        def line(what: str, show: Any, found: list[Any] = found, row: dict[str, Any] = row) -> list[str]:
            return [
                row["graph"],
                what,
                *(show(one) if isinstance(one, dict) else one or "—" for one in found),
            ]

        lines.append(line("s", lambda one: seconds(one["wall"])))
        lines.append(line("bytes an edge, kept", lambda one, m=row["edges"]: f"{one['kept'] / m:.0f}"))
        lines.append(line("bytes an edge, peak", lambda one, m=row["edges"]: f"{one['peak'] / m:.0f}"))
    return markdown(header, lines)


def growth(rows: Rows) -> str:
    lines = []
    for row in rows:
        found = [f"{name}: {seconds(row['seconds'][name])}" for name in row["seconds"]]
        known = [(row["edges"][name], value) for name, value in row["seconds"].items() if isinstance(value, float)]
        factors = [
            f"{(later / sooner) ** (1.0 / math.log10(more / fewer)):.1f}"
            for (fewer, sooner), (more, later) in itertools.pairwise(known)
        ]
        lines.append([row["measure"], ", ".join(found), ", ".join(factors) or "—"])
    return markdown(["measure", "time", "ten times the edges: time ×"], lines)


def first_use(rows: Rows) -> str:
    lines = []
    for row in rows:
        peers = {n: v["all"] for n, v in row["peers"].items() if isinstance(v, dict)}
        least = min(peers, key=peers.__getitem__) if peers else None
        fastest = f"{seconds(peers[least])} ({PACKAGES.get(least, least)})" if least else "—"
        found = [seconds(one["all"]) if isinstance(one, dict) else one for one in (row["empty"], row["kept"])]
        lines.append([row["measure"], row["graph"], *found, fastest])
    header = ["measure", "graph", "nothing compiled yet", "compiled code on disk", "fastest peer"]
    return markdown(header, lines)


def write(found: dict[str, Any]) -> str:
    """Return the whole report."""
    parts = [
        "# Centralities side by side\n",
        f"{found['machine']}; {found['threads']} threads each; {found['date']}; "
        f"load of the machine before: {found['load']:.1f}.",
        f"Versions: {', '.join(f'{name} {version}' for name, version in found['versions'].items())}.\n",
        found["method"],
        "\n## Times\n\nSeconds, the least of the rounds; the graph is built, code is compiled.\n",
        times(found["times"]),
        "\n" + "\n".join(f"- {row}" for row in found["notes"]),
        "\n## Processor time by wall time · memory in MiB at the peak, beside the graph\n",
        costs(found["times"]),
    ]
    if any(row["edges"] >= LARGE for row in found["graphs"]):
        parts += ["\n## From arrays of node numbers to a graph\n", loading(found["graphs"])]
    if found["growth"]:
        parts += ["\n## Growth\n\nOurs on three sizes of one kind of graph.\n", growth(found["growth"])]
    if found["cold"]:
        parts += [
            "\n## First use in a new process\n\nImport, building the graph and the measure, in seconds.\n",
            first_use(found["cold"]),
        ]
    return "\n".join(parts) + "\n"
