"""A real Neo4j Community server for the tests, from its Maven artifacts: started, stopped, killed, started again."""

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

import neo4j

VERSION = "5.26.0"
PASSWORD = "only-for-tests"
OPENS = ("java.nio", "java.io", "sun.nio.ch", "java.util.concurrent")
POM = f"""<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>influence</groupId><artifactId>neo4j-for-tests</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>org.neo4j.app</groupId><artifactId>neo4j-server</artifactId><version>{VERSION}</version>
    </dependency>
    <dependency><groupId>org.neo4j</groupId><artifactId>neo4j</artifactId><version>{VERSION}</version></dependency>
  </dependencies>
</project>
"""


class Missing(Exception):
    """What is needed for a server is not here; the text says how to get it."""


def libraries() -> Path:
    """Return the folder of the server's jars, fetched once by Maven."""
    if shutil.which("java") is None:
        raise Missing("Java 17 or later is missing: install openjdk-17-jre-headless")
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "influence-tests" / f"neo4j-{VERSION}"
    jars = cache / "lib"
    if (cache / "whole").exists():
        return jars
    if shutil.which("mvn") is None:
        raise Missing("Maven is missing: install maven; it fetches the server")
    cache.mkdir(parents=True, exist_ok=True)
    (cache / "pom.xml").write_text(POM, encoding="utf-8")
    command = ["mvn", "-q", "-B", "-f", str(cache / "pom.xml"), "dependency:copy-dependencies"]
    done = subprocess.run([*command, f"-DoutputDirectory={jars}"], capture_output=True, text=True, timeout=900)
    if done.returncode:
        raise Missing(f"Maven could not fetch the server: {done.stdout.strip()[-300:]}")
    (cache / "whole").touch()
    return jars


class Server:
    """One server in a folder of its own, on a free port, with a login."""

    def __init__(self, home: Path, **settings: str) -> None:
        self.home, self.jars = home, libraries()
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

    def start(self) -> None:
        opens = [f"--add-opens=java.base/{name}=ALL-UNNAMED" for name in OPENS]
        command = ["java", "-Xmx1g", *opens, "-cp", f"{self.jars}/*", "org.neo4j.server.CommunityEntryPoint"]
        with (self.home / "console.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*command, f"--home-dir={self.home}", f"--config-dir={self.home}/conf"], stdout=log, stderr=log
            )
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
