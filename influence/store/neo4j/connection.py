"""A connection to a Neo4j server: who logs in where, and what its errors mean."""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from influence.errors import InfluenceError, UsageError
from influence.store.neo4j.statements import statements

if TYPE_CHECKING:
    import neo4j

__all__ = ["Connection", "StatementError", "StoreError", "is_uri"]

_SCHEMES = tuple(f"{scheme}{secured}" for scheme in ("neo4j", "bolt") for secured in ("", "+s", "+ssc"))
#: Seconds for which a transaction is tried again while a server is away.
_PATIENCE = 120.0
_CONNECT = 15.0
_PORT = 7687
_MISFITS = "Neo.ClientError.Statement."

Row = Mapping[str, Any]


class StoreError(InfluenceError):
    """A server that does not answer, or refuses what is asked of it."""

    exit_status = 4


class StatementError(StoreError):
    """A statement that does not fit what is in the database."""


def is_uri(source: str) -> bool:
    """Return whether a source is the address of a Neo4j server.

    Examples
    --------
    >>> is_uri("neo4j+s://example.org"), is_uri("follows=f.csv")
    (True, False)
    """
    return source.partition("://")[0].casefold() in _SCHEMES and "://" in source


class Connection:
    """A driver and the database that it works in; a context.

    Parameters
    ----------
    uri : str
        ``neo4j://`` or ``bolt://``, also with ``+s`` (encrypted) or ``+ssc`` (encrypted, any certificate).
    user, password, database : str, optional
        Otherwise from ``NEO4J_USERNAME`` (default neo4j), ``NEO4J_PASSWORD`` (without it there is no login) and
        ``NEO4J_DATABASE`` (default the user's home database).

    Raises
    ------
    UsageError
        The address holds a password.
    StoreError
        Nobody answers there, or the login is refused, or there is no such database.
    """

    def __init__(
        self, uri: str, *, user: str | None = None, password: str | None = None, database: str | None = None
    ) -> None:
        parts = urlsplit(uri)
        if parts.username or parts.password:
            raise UsageError(
                f"{parts.scheme}://{parts.hostname}: the address must hold no login, it would stand in logs; set "
                "NEO4J_USERNAME and NEO4J_PASSWORD"
            )
        self.uri = uri
        self.user = user or os.environ.get("NEO4J_USERNAME") or "neo4j"
        secret = os.environ.get("NEO4J_PASSWORD") if password is None else password
        self.database = database or os.environ.get("NEO4J_DATABASE") or None
        self._known = secret is not None
        import neo4j

        with self.explained():
            self._driver: neo4j.Driver = neo4j.GraphDatabase.driver(
                uri,
                auth=None if secret is None else (self.user, secret),
                max_transaction_retry_time=_PATIENCE,
                connection_timeout=_CONNECT,
                user_agent="influence",
                notifications_min_severity="OFF",
            )
        try:
            with self.explained():
                self._driver.verify_connectivity()  # once: what follows is tried again and again
                self._driver.execute_query("RETURN 1", database_=self.database)
        except BaseException:
            self._driver.close()
            raise

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self._driver.close()

    def __repr__(self) -> str:
        return f"<Connection {self.uri}, database {self.database or 'home'}>"

    def prepare(self) -> None:
        """Create the constraints that are not there, and wait until their indexes are filled."""
        for one in statements("schema"):
            self.write(one)
        self.write("CALL db.awaitIndexes(300)")

    def write(self, query: str, **parameters: Any) -> None:
        """Run one statement of our own in a transaction, again if the server goes away."""
        self._run(query, parameters)

    def write_rows(self, query: str, rows: Sequence[Row], **parameters: Any) -> int:
        """Run a statement of our own over rows; return how many nodes and relationships it made."""
        counters = self._run(query, {"rows": rows, **parameters}).summary.counters
        return int(counters.nodes_created + counters.relationships_created)

    def run_alone(self, query: str, **parameters: Any) -> None:
        """Run a statement that makes transactions of its own."""
        with self.explained(), self._driver.session(database=self.database) as session:
            session.run(query, parameters).consume()

    def record(self, query: str, **parameters: Any) -> Any:
        """Return the one record of a query."""
        return self._run(query, parameters, routing="r").records[0]

    def records(self, query: str) -> tuple[list[str], list[Any]]:
        """Return the names and records of a user's own query, which may only read."""
        found = self._run(query, {}, routing="r")
        return list(found.keys), list(found.records)

    def _run(self, query: str, parameters: Mapping[str, Any], *, routing: Literal["r", "w"] = "w") -> Any:
        with self.explained():
            return self._driver.execute_query(query, dict(parameters), database_=self.database, routing_=routing)

    @contextlib.contextmanager
    def explained(self) -> Iterator[None]:
        """Turn what the driver raises into what the user can do about it."""
        import neo4j.exceptions as failed

        try:
            yield
        except failed.AuthError as error:
            refused = f"refuses the login of {self.user!r}" if self._known else "asks for a login"
            raise StoreError(f"{self.uri}: {refused}; set NEO4J_USERNAME and NEO4J_PASSWORD") from error
        except (failed.ServiceUnavailable, failed.SessionExpired) as error:
            raise StoreError(f"{self.uri}: {_silent(error, self.uri)}") from error
        except failed.ConfigurationError as error:
            raise UsageError(f"{self.uri}: {error}") from error
        except failed.Neo4jError as error:
            told = StatementError if (error.code or "").startswith(_MISFITS) else StoreError
            raise told(f"{self.uri}: {self._refused(error)}") from error
        except (failed.DriverError, OSError) as error:
            raise StoreError(f"{self.uri}: {_silent(error, self.uri)}") from error

    def _refused(self, error: neo4j.exceptions.Neo4jError) -> str:
        code, words = error.code or "", (error.message or "").splitlines()
        said = words[0] if words else code
        if "DatabaseNotFound" in code:
            return f"has no database {self.database!r}; set NEO4J_DATABASE to one that SHOW DATABASES lists"
        if "ReadOnly" in code or "AccessMode" in code or "read only" in said.casefold() or "read-only" in said:
            return f"the database {self.database or '(home)'} can only be read ({said})"
        if "Forbidden" in code:
            return f"{self.user!r} may not do that ({said}); ask for a role that may write, and make constraints"
        if "ConstraintCreationFailed" in code or "IndexAlreadyExists" in code or "ConstraintValidation" in code:
            return f"what is there already is in the way: {said}"
        return f"{said} ({code})"


def _silent(error: BaseException, uri: str) -> str:
    """Say why nobody answers."""
    causes: list[BaseException] = [error]
    while (cause := causes[-1].__cause__ or causes[-1].__context__) is not None:
        causes.append(cause)
    for cause in (*causes, _refusal(uri)):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return (
                f"shows a certificate that is not trusted ({cause.verify_message}); if it is your own, use +ssc in "
                "place of +s"
            )
        if isinstance(cause, ssl.SSLError):
            return f"does not speak TLS as asked ({cause.reason or cause}); use an address without +s, or turn TLS on"
    said = (str(error).splitlines() or [type(error).__name__])[0]
    encrypted = "" if "+" in uri.partition("://")[0] else " If it wants TLS, the address needs +s or +ssc"
    return f"no server answers ({said}); is it running, and is this its Bolt port?{encrypted}"


def _refusal(uri: str) -> ssl.SSLError | None:
    """Return what is wrong with a certificate; with neo4j+s:// the driver says only that nobody answers."""
    parts = urlsplit(uri)
    if not parts.scheme.endswith("+s") or parts.hostname is None:
        return None
    try:
        with socket.create_connection((parts.hostname, parts.port or _PORT), timeout=_CONNECT) as plain:
            ssl.create_default_context().wrap_socket(plain, server_hostname=parts.hostname).close()
    except ssl.SSLError as error:
        return error
    except (OSError, ValueError):
        return None
    return None
