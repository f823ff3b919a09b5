"""A real Neo4j Community server for the tests, from its Maven artifacts: started, stopped, killed, started again."""

import dataclasses
import os
import re
import shutil
import socket
import subprocess
import time
from pathlib import Path

import neo4j

PASSWORD = "only-for-tests"
OPENS = ("java.nio", "java.io", "sun.nio.ch", "java.util.concurrent")
#: A machine for tests is small and busy: soon there is better than fast for long.
QUICK = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
INCUBATING = ("--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED")
POM = """<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>influence</groupId><artifactId>neo4j-for-tests</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>org.neo4j.app</groupId><artifactId>neo4j-server</artifactId><version>{version}</version>
    </dependency>
    <dependency><groupId>org.neo4j</groupId><artifactId>neo4j</artifactId><version>{version}</version></dependency>
  </dependencies>
</project>
"""


class Missing(Exception):
    """What is needed for a server is not here; the text says how to get it."""


@dataclasses.dataclass(frozen=True)
class Release:
    """A version of the server, the Java that it runs on (from, and up to which it was tried), and how it is started."""

    version: str
    java: tuple[int, int]
    main: str
    options: tuple[str, ...] = ()


LTS = Release("5.26.0", (17, 21), "org.neo4j.server.CommunityEntryPoint")
NEWER = Release("2026.08.1", (21, 25), "org.neo4j.server.Neo4jCommunity", INCUBATING)
VERSION = LTS.version


def java_version(binary: Path) -> int | None:
    """Return the main version of a Java, by the file that lies beside it, else by asking it."""
    try:
        said = (binary.resolve().parents[1] / "release").read_text(encoding="utf-8")
        found = re.search(r'^JAVA_VERSION="(\d+)', said, re.MULTILINE)
    except OSError:
        found = None
    if found is None:
        try:
            asked = subprocess.run([binary, "-version"], capture_output=True, text=True, timeout=60)
        except (OSError, subprocess.TimeoutExpired):
            return None
        found = re.search(r'version "(\d+)', asked.stderr)
    return int(found[1]) if found else None


def javas() -> list[Path]:
    """Return every Java that is here."""
    places = [Path(home) / "bin" / "java" for home in [os.environ.get("JAVA_HOME")] if home]
    places += [Path(found) for found in [shutil.which("java")] if found]
    places += sorted(Path("/usr/lib/jvm").glob("*/bin/java"))
    return [place for place in places if place.is_file()]


def choose_java(release: Release, binaries: list[Path]) -> Path:
    """Return the Java with the lowest version that a release runs on."""
    first, last = release.java
    versions = [(version, binary) for binary in binaries if (version := java_version(binary)) is not None]
    fitting = [pair for pair in versions if first <= pair[0] <= last]
    if not fitting:
        here = ", ".join(str(version) for version, _ in sorted(versions)) or "none"
        raise Missing(f"Neo4j {release.version} needs Java {first} to {last}, here is {here}: install one")
    return min(fitting, key=lambda pair: pair[0])[1]


def libraries(release: Release = LTS) -> Path:
    """Return the folder of the server's jars, fetched once by Maven."""
    base = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "influence-tests"
    cache = base / f"neo4j-{release.version}"
    jars = cache / "lib"
    if (cache / "whole").exists():
        return jars
    if shutil.which("mvn") is None:
        raise Missing("Maven is missing: install maven; it fetches the server")
    cache.mkdir(parents=True, exist_ok=True)
    (cache / "pom.xml").write_text(POM.format(version=release.version), encoding="utf-8")
    command = ["mvn", "-q", "-B", "-f", str(cache / "pom.xml"), "dependency:copy-dependencies"]
    done = subprocess.run([*command, f"-DoutputDirectory={jars}"], capture_output=True, text=True, timeout=900)
    if done.returncode:
        raise Missing(f"Maven could not fetch the server: {done.stdout.strip()[-300:]}")
    (cache / "whole").touch()
    return jars


class Server:
    """One server in a folder of its own, on a free port, with a login."""

    def __init__(self, home: Path, release: Release = LTS, *, quick: bool = True, **settings: str) -> None:
        java = choose_java(release, javas())
        opens = [f"--add-opens=java.base/{name}=ALL-UNNAMED" for name in OPENS]
        self.home, self.release = home, release
        self.java = [
            str(java),
            "-Xmx1g",
            *(QUICK if quick else ()),
            *opens,
            *release.options,
            "-cp",
            f"{libraries(release)}/*",
        ]
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.uri = f"bolt://127.0.0.1:{self.port}"
        self.settings = settings
        self.process: subprocess.Popen | None = None
        (home / "conf").mkdir(parents=True)
        self.configure()

    def configure(self, **more: str) -> None:
        settings = {
            "server.bolt.listen_address": f"127.0.0.1:{self.port}",
            "server.http.enabled": "false",
            "server.https.enabled": "false",
            "dbms.usage_report.enabled": "false",
            "server.memory.heap.initial_size": "512m",
            "server.memory.heap.max_size": "1g",
            "server.memory.pagecache.size": "256m",
            **self.settings,
            **more,
        }
        lines = [f"{name}={value}" for name, value in settings.items()]
        (self.home / "conf" / "neo4j.conf").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def encrypt(self) -> None:
        """Speak TLS only, with a certificate that nobody vouches for; the address then ends in +ssc."""
        folder = self.home / "certificates" / "bolt"
        folder.mkdir(parents=True)
        key, certificate = folder / "private.key", folder / "public.crt"
        made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
        subprocess.run([*made, "-keyout", key, "-out", certificate], check=True, capture_output=True)
        policy = {"enabled": "true", "base_directory": "certificates/bolt", "private_key": "private.key"}
        policy |= {"public_certificate": "public.crt", "client_auth": "NONE"}
        self.settings |= {f"dbms.ssl.policy.bolt.{name}": value for name, value in policy.items()}
        self.settings["server.bolt.tls_level"] = "REQUIRED"
        self.uri = self.uri.replace("bolt://", "bolt+ssc://")
        self.configure()

    def admin(self) -> Path:
        """Return what stands in for the program neo4j-admin of an installed server."""
        script = self.home / "neo4j-admin"
        command = " ".join(f"'{word}'" for word in [*self.java, "org.neo4j.cli.AdminTool"])
        places = f"NEO4J_HOME='{self.home}' NEO4J_CONF='{self.home}/conf'"
        script.write_text(f'#!/bin/sh\n{places} exec {command} "$@"\n', encoding="utf-8")
        script.chmod(0o755)
        return script

    def start(self) -> None:
        places = [f"--home-dir={self.home}", f"--config-dir={self.home}/conf"]
        with (self.home / "console.log").open("ab") as log:
            self.process = subprocess.Popen([*self.java, self.release.main, *places], stdout=log, stderr=log)
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError((self.home / "console.log").read_text()[-2000:])
            try:
                with self.driver() as driver:
                    driver.verify_connectivity()
                    return
            except neo4j.exceptions.AuthError:
                self._first_password()
                return
            except (neo4j.exceptions.DriverError, neo4j.exceptions.Neo4jError):
                time.sleep(0.3)
        raise RuntimeError("the server did not start in two minutes")

    def _first_password(self) -> None:
        with neo4j.GraphDatabase.driver(self.uri, auth=("neo4j", "neo4j")) as driver:
            driver.execute_query(
                "ALTER CURRENT USER SET PASSWORD FROM 'neo4j' TO $password", password=PASSWORD, database_="system"
            )

    def driver(self) -> neo4j.Driver:
        return neo4j.GraphDatabase.driver(self.uri, auth=("neo4j", PASSWORD), connection_timeout=5)

    def query(self, text: str, **parameters: object) -> list[dict]:
        with self.driver() as driver:
            return [record.data() for record in driver.execute_query(text, parameters).records]

    def empty(self) -> None:
        """Take everything out, after making sure that it is this server."""
        home = self.query("SHOW SETTINGS 'server.directories.neo4j_home' YIELD value")[0]["value"]
        assert Path(home) == self.home, "another server answers there"
        with self.driver() as driver, driver.session() as session:
            session.run("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 20000 ROWS").consume()

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()
            self.process = None


def graph_of(server: Server) -> tuple[list[str], list[str]]:
    """Return all that is in the database, in an order of its own: values with their types, as text."""
    values = "[k IN keys({0}) | [k, valueType({0}[k]), toString({0}[k])]]"
    nodes = server.query(f"MATCH (n) RETURN labels(n) AS labels, {values.format('n')} AS said")
    ties = server.query(
        f"MATCH (a)-[r]->(b) RETURN a.id AS a, a.key AS ka, b.id AS b, b.key AS kb, type(r) AS type, "
        f"{values.format('r')} AS said"
    )
    for found in nodes:
        found["labels"].sort()
    for found in (*nodes, *ties):
        found["said"].sort()
    return sorted(map(repr, nodes)), sorted(map(repr, ties))
