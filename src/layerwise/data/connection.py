"""Web connections that cannot be held open: whoever answers too slowly is cut off, in the headers, too."""

import http.client
import socket
import threading
import time
from functools import partial
from typing import Any
from urllib import request

from layerwise import __version__

FLOOR = 32 << 10  # bytes per second; an answer that is slower is cut off


class Watch:
    """Cuts a connection that is too slow: a socket's own timeout starts anew with every byte that trickles in.

    An answer must begin within `seconds`; then, each time, FLOOR bytes per second of it must come within as many.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds, self.deadline = seconds, time.monotonic() + seconds
        self.expired, self.counted = False, 0
        self.closed = threading.Event()
        self.lines: list[socket.socket] = []
        self.thread = threading.Thread(target=self.run, name="watch", daemon=True)

    def __enter__(self) -> "Watch":
        self.thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.closed.set()
        self.thread.join()
        for line in self.lines:
            line.close()

    def run(self) -> None:
        while (left := self.deadline - time.monotonic()) > 0:
            if self.closed.wait(left):
                return
        self.expired = True
        for line in self.lines:
            try:
                line.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # it has ended by itself

    def count(self, number: int) -> None:
        self.counted += number
        if self.counted >= FLOOR * self.seconds:
            self.counted, self.deadline = 0, time.monotonic() + self.seconds

    def connect(self, *args: Any, **options: Any) -> socket.socket:
        """A new connection, kept under a second handle, which TLS, once it takes over the first, leaves alone."""
        sock = socket.create_connection(*args, **options)
        self.lines.append(sock.dup())
        if self.expired:
            sock.close()
            raise TimeoutError
        return sock

    def open(self, url: str, headers: dict[str, str]) -> http.client.HTTPResponse:
        """The answer to one request, whatever its status; proxies are those of the environment."""
        opener = request.OpenerDirector()
        for handler in (request.ProxyHandler(), request.UnknownHandler(), _Handler(self)):
            opener.add_handler(handler)
        sent = {"User-Agent": f"layerwise/{__version__}", "Accept-Encoding": "identity", **headers}
        response = opener.open(request.Request(url, headers=sent), timeout=self.seconds)
        if not isinstance(response, http.client.HTTPResponse):
            raise ValueError(f"{url} is not a web address")
        return response


class _Handler(request.AbstractHTTPHandler):
    """Opens http and https connections under a watch."""

    def __init__(self, watch: Watch) -> None:
        super().__init__()
        self.watch = watch

    def http_open(self, req: request.Request) -> http.client.HTTPResponse:
        return self.do_open(partial(self.connection, http.client.HTTPConnection), req)

    def https_open(self, req: request.Request) -> http.client.HTTPResponse:
        return self.do_open(partial(self.connection, http.client.HTTPSConnection), req)

    http_request = https_request = request.AbstractHTTPHandler.do_request_

    def connection(self, kind: type[http.client.HTTPConnection], host: str, **options: Any) -> http.client.HTTPConnection:
        connection = kind(host, **options)
        vars(connection)["_create_connection"] = self.watch.connect  # typed nowhere; in place since Python 3.5
        return connection
