"""A local server that can be told to misbehave; what it says is up to those that build on it."""

import contextlib
import json
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Fault:
    """What is to happen to one request.

    Attributes
    ----------
    status : int, optional
        Answer with this instead of doing anything.
    drop : str, optional
        ``before`` or ``after``: end the connection without an answer, before or after doing it; ``within`` the answer.
    wait : float
        Seconds before the answer, after doing it.
    """

    def __init__(self, status=None, content=None, headers=None, drop=None, wait=0.0):
        self.status, self.content, self.headers, self.drop, self.wait = status, content, headers or {}, drop, wait


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one piece: else each answer waits for an acknowledgement

    def log_message(self, *_):
        pass

    def _handle(self):
        crm = self.server.crm
        if self.path.startswith("http://"):  # it is asked to be a proxy
            crm.proxied.append(self.headers.get("Proxy-Authorization"))
            self.path = "/" + self.path.split("/", 3)[3]
        # a chunked or endless body does not come from these clients
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if len(body) < length:  # its client was killed on the way
            return self._drop()
        with crm.lock:
            crm.requests.append((self.command, self.path))
            fault = crm.next_fault(self.command, self.path)
            number = crm.count(self.command, self.path)
        if crm.happens("before", number) or (fault and fault.drop == "before"):
            return self._drop()
        if fault and fault.status:
            status, content, headers = fault.status, fault.content or {"message": "no"}, fault.headers
        else:
            with crm.lock:
                status, content, headers = crm.answer(self.command, self.path, self.headers, body)
        crm.happens("after", number)
        if fault and fault.wait:
            time.sleep(fault.wait)
        if fault and fault.drop == "after":
            return self._drop()
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        with contextlib.suppress(OSError):
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if fault and fault.drop == "within":
                self.wfile.write(data[: len(data) // 2])
                self.wfile.flush()
                return self._drop()
            self.wfile.write(data)
            self.wfile.flush()

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _handle

    def _drop(self):
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request, client_address):
        error = sys.exception()
        if not isinstance(error, OSError):  # those are of clients that were killed
            self.crm.errors.append(error)


class Crm:
    """What all CRMs of these tests share: faults to come, and what happened."""

    work = ""  # part of the path of requests that carry records

    def __init__(self):
        self.lock = threading.RLock()
        self.requests = []
        self.proxied = []
        self.errors = []
        self.faults = []  # (part of the path or method, Fault), each for the next request that it fits
        # called with "before" or "after" and the number of the last request that carries records; true: it gets lost
        self.hook = None
        self._number = 0
        self.server = None

    def __enter__(self):
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.crm = self
        self.dress(self.server)
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        assert not self.errors, self.errors

    def dress(self, server):
        """Let a server speak TLS, if it is to."""

    @property
    def port(self):
        return self.server.server_address[1]

    def fail(self, where, *faults):
        self.faults += [(where, fault) for fault in faults]

    def next_fault(self, method, path):
        for place, (where, fault) in enumerate(self.faults):
            if where in f"{method} {path}":
                del self.faults[place]
                return fault
        return None

    def count(self, method, path):
        self._number += self.work in f"{method} {path}"
        return self._number

    def happens(self, when, number):
        hook = self.hook
        return hook is not None and hook(when, number)

    def made(self, part):
        """Return how many requests fit."""
        return sum(part in f"{method} {path}" for method, path in self.requests)
