"""An HTTP server on loopback that answers as a function says: honestly, or as no server should.

Bounded in every way: it stops listening when its block ends, its waits end then, too, and it takes 200 requests at most.
"""

import re
import socketserver
import ssl
import threading
from contextlib import contextmanager
from pathlib import Path

MOST_REQUESTS = 200
MOST_SECONDS = 20
CERTIFICATE = Path(__file__).with_name("localhost.pem")  # made for these tests, with its key; signed by nobody


class Request:
    """What was asked, and the line to answer on."""

    def __init__(self, server, sock, head):
        self.server, self.sock = server, sock
        self.method, self.path, _ = head.split("\r\n")[0].split(" ")
        self.headers = {k.lower(): v for k, v in (line.split(": ", 1) for line in head.split("\r\n")[1:] if line)}
        given = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("range", ""))
        self.start = int(given[1]) if given else None
        self.stop = int(given[2]) + 1 if given and given[2] else None

    def send(self, data):
        self.sock.sendall(data)

    def head(self, status, **headers):
        lines = [f"HTTP/1.1 {status} X", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()), "", ""]
        self.send("\r\n".join(lines).encode("latin-1"))

    def wait(self, seconds=MOST_SECONDS):
        """Hold the line; true if the server is to end."""
        return self.server.ended.wait(min(seconds, MOST_SECONDS))


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def __init__(self, answer, tls):
        self.answer, self.tls, self.requests, self.ended = answer, tls, [], threading.Event()
        super().__init__(("127.0.0.1", 0), None)
        self.url = f"http{'s' * tls}://127.0.0.1:{self.server_address[1]}"

    def finish_request(self, sock, address):
        sock.settimeout(MOST_SECONDS)
        head = b""
        try:
            if self.tls:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(CERTIFICATE)
                sock = context.wrap_socket(sock, server_side=True)
            while b"\r\n\r\n" not in head:
                if not (data := sock.recv(65536)):
                    return
                head += data
            request = Request(self, sock, head.decode("latin-1").partition("\r\n\r\n")[0])
            self.requests.append(request)
            if len(self.requests) <= MOST_REQUESTS:
                self.answer(request)
        except OSError:
            return  # the other side has hung up, as it should on most of these
        finally:
            sock.close()


@contextmanager
def serving(answer, *, tls=False):
    """A server with this answer; `.url`, and `.requests` as they came."""
    with Server(answer, tls) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.ended.set()
            server.shutdown()
            thread.join()


# Answers


def honest(data, *, ranges=True, delay=0.0, cut=None, hold=False):
    """The file, from where it was asked for. `cut` ends each answer after so many bytes of it; `hold` then keeps the line."""

    def answer(request):
        request.wait(delay)
        body = data
        if ranges and request.start is not None:
            body = data[request.start : request.stop]
            span = f"bytes {request.start}-{request.start + len(body) - 1}/{len(data)}"
            request.head(206, Content_Length=len(body), Content_Range=span)
        else:
            request.head(200, Content_Length=len(body))
        request.send(body[:cut])
        if hold:
            request.wait()

    return answer


def publishing(folder):
    """The files of a folder by their names, and 404 for anything else."""

    def answer(request):
        path = folder / request.path.lstrip("/")
        (honest(path.read_bytes()) if path.parent == folder and path.is_file() else status(404))(request)

    return answer


def status(code, body=b"no"):
    def answer(request):
        request.head(code, Content_Length=len(body), Retry_After=3600)
        request.send(body)

    return answer


def redirecting(where, code=302):
    """`where` is an address, or makes one of the request."""

    def answer(request):
        request.head(code, Location=where(request) if callable(where) else where, Content_Length=0)

    return answer


def saying(*pieces, then=None, every=0.0):
    """These very bytes, whatever was asked; `every` seconds one byte of them. Then hang up, or hold the line."""

    def answer(request):
        for piece in pieces:
            for part in [piece] if not every else [piece[i : i + 1] for i in range(len(piece))]:
                request.send(part)
                if every and request.wait(every):
                    return
        if then == "hold":
            request.wait()

    return answer


def endless(head, piece=bytes(65536)):
    """A head, and then bytes until the other side hangs up (or 1 GB: it should have)."""

    def answer(request):
        request.send(head)
        for _ in range(16384):
            if request.server.ended.is_set():
                return
            request.send(piece)

    return answer


def in_turn(*answers):
    """The first answer to the first request, and so on; the last one to all that follow."""
    remaining = list(answers)

    def answer(request):
        (remaining.pop(0) if len(remaining) > 1 else remaining[0])(request)

    return answer
