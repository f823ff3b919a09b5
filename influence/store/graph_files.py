"""One file that holds a whole graph: GraphML, GEXF, GML or node-link JSON, by NetworkX."""

from __future__ import annotations

import datetime as dt
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.parsers import expat

from influence.errors import DataError, UsageError
from influence.store.disk import replace_file, told
from influence.store.facts import Appended, StoreInfo

if TYPE_CHECKING:
    import networkx as nx

    from influence.io import Tables

__all__ = ["SUFFIXES", "is_graph_file", "read_graph_file", "save_tables", "write_graph_file"]

SUFFIXES = (".graphml", ".gexf", ".gml", ".json")
_XML = (".graphml", ".gexf")
#: What NetworkX's readers raise at files that are not what they should be.
_BROKEN = (ValueError, LookupError, TypeError, AttributeError, SyntaxError, RecursionError)


def is_graph_file(name: str | Path) -> bool:
    """Return whether a path is called like a file of a graph."""
    return Path(name).suffix.lower() in SUFFIXES


def read_graph_file(path: str | Path) -> nx.Graph:
    """Read a NetworkX graph.

    Raises
    ------
    DataError
        The file is missing, is not what its name says, or is XML with a document type or entities of its own: those
        can name other files, or grow without end.
    """
    import networkx as nx

    path = Path(path).expanduser()
    suffix = path.suffix.lower()
    try:
        if suffix in _XML:
            _refuse_entities(path)
        if suffix == ".graphml":
            return nx.read_graphml(path)
        if suffix == ".gexf":
            return _from_gexf(nx.read_gexf(path))
        if suffix == ".gml":
            return nx.read_gml(path)
        document = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(document, dict) or not isinstance(document.get("nodes"), list):
            raise DataError(f"{path}: is no graph in NetworkX's node-link form: it has no list of nodes")
        return nx.node_link_graph(document, edges="links" if "links" in document else "edges")
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror or error})") from error
    except (nx.NetworkXException, expat.ExpatError, *_BROKEN) as error:
        what = {".graphml": "GraphML", ".gexf": "GEXF", ".gml": "GML"}.get(suffix, "node-link JSON")
        reason = str(error).strip().splitlines()
        raise DataError(f"{path}: is no {what} that can be read ({(reason or [type(error).__name__])[0]})") from error


def save_tables(tables: Tables, path: str | Path) -> Appended:
    """Write tables as a graph into a file of its own.

    Raises
    ------
    UsageError
        There is such a file already, or the format cannot hold the graph.
    """
    from influence.interop.tables import tables_to_networkx

    path = Path(path).expanduser()
    if path.exists():
        raise UsageError(f"{path} is there already; a graph's file is written whole: name another, or delete it first")
    graph = tables_to_networkx(tables)
    write_graph_file(graph, path)
    rows = {role: frame.height for role, frame in tables.frames().items()}
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    nodes, edges = graph.number_of_nodes(), graph.number_of_edges()
    size = path.stat().st_size
    totals = StoreInfo(str(path), 1, now, now, (), rows, people=nodes, ties=edges, bytes=size)
    return Appended(str(path), 1, rows, (), (), 0, 0, nodes, edges, totals, tables.notes)


def write_graph_file(graph: nx.Graph, path: str | Path) -> None:
    """Write a NetworkX graph beside its place, and put it there when it is whole.

    Raises
    ------
    UsageError
        The format cannot hold what the graph has.
    InfluenceError
        The folder cannot be written, or its disk is full.
    """
    import networkx as nx

    path = Path(path).expanduser()
    suffix = path.suffix.lower()
    content = io.BytesIO()
    try:
        if suffix == ".graphml":
            nx.write_graphml_xml(graph, content)
        elif suffix == ".gexf":
            nx.write_gexf(_to_gexf(graph), content)
        elif suffix == ".gml":
            nx.write_gml(graph, content)
        else:
            content.write(json.dumps(nx.node_link_data(graph, edges="edges"), ensure_ascii=False).encode("utf-8"))
    except (nx.NetworkXException, ValueError, TypeError) as error:
        raise UsageError(f"{path}: {suffix} cannot hold this graph ({error}); take .json or .graphml") from error
    with told(path):
        replace_file(path, content.getvalue())


def _to_gexf(graph: nx.Graph) -> nx.Graph:
    """Return a graph whose edges keep what GEXF has a use of its own for, by other names that are read the same."""
    renamed = graph.copy()
    for _, _, attributes in renamed.edges(data=True):
        for name in ("type", "id"):
            if name in attributes:
                attributes[f"interaction_{name}"] = attributes.pop(name)
    return renamed


def _from_gexf(graph: nx.Graph) -> nx.Graph:
    """Take away what GEXF adds: a label for each node, and a number for each edge."""
    for node, attributes in graph.nodes(data=True):
        if attributes.get("label") == str(node):
            del attributes["label"]
    for _, _, attributes in graph.edges(data=True):
        attributes.pop("id", None)
    return graph


def _refuse_entities(path: Path) -> None:
    """Raise if there is a document type: no such file needs one, and entities stand in it."""
    parser = expat.ParserCreate()

    def refuse(*_: Any) -> None:
        raise DataError(
            f"{path}: line {parser.CurrentLineNumber} declares a document type or an entity, which can name other "
            "files or grow without end; take the declaration out"
        )

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    with path.open("rb") as file:
        parser.ParseFile(file)
