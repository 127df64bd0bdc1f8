"""A downloader against servers that cut, stall, lie and lead astray, over real HTTP on loopback."""

import errno
import hashlib
import json
import os
import subprocess
import sys
import threading
import time
from contextlib import ExitStack

import numpy as np
import pytest
from tests.data.server import CERTIFICATE, endless, honest, in_turn, redirecting, saying, serving, status

import layerwise
from layerwise.data import fetch as engine
from layerwise.data.fetch import fetch, fetch_all, matches
from layerwise.data.mirror import MIRRORS, RemoteFile
from layerwise.errors import DataError, MissingDataError

DATA = np.random.default_rng(0).bytes(300_000)
BIG = np.random.default_rng(1).bytes(1_500_000)  # worth a probe
OK = b"HTTP/1.1 200 OK\r\n"


def remote(data=DATA, name="set.gz", **changes):
    known = {"size": len(data), "mirrors": (), "sha256": hashlib.sha256(data).hexdigest()}
    return RemoteFile(name, **{**known, **changes})


@pytest.fixture(autouse=True)
def _no_proxy_and_no_hang(monkeypatch):
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(engine, "PAUSE", 0.01)
    start = time.monotonic()
    yield
    assert time.monotonic() - start < 10


@pytest.fixture
def folder(tmp_path):
    """The cache; afterwards nothing but the file, its part and its lock is there, and nothing beside it."""
    yield tmp_path / "cache"
    assert {p.name for p in tmp_path.iterdir()} <= {"cache"}
    names = {p.name for p in (tmp_path / "cache").iterdir()}
    assert {n.removesuffix(".part").removesuffix(".lock") for n in names} <= {"set.gz", "other.gz"}


@pytest.fixture
def mirrors():
    """Start a server per answer; they end with the test."""
    with ExitStack() as stack:
        yield lambda *answers, **how: [stack.enter_context(serving(answer, **how)) for answer in answers]


def get(folder, servers, data=DATA, timeout=0.5, **options):
    path = fetch(remote(data), folder, mirrors=[s.url for s in servers], timeout=timeout, **options)
    assert path.read_bytes() == data
    assert not path.with_name("set.gz.part").exists()
    return path


def refused(folder, servers, text, data=DATA, timeout=0.5):
    seen = [0]
    with pytest.raises(MissingDataError, match=text) as error:
        fetch(remote(data), folder, mirrors=[s.url for s in servers], timeout=timeout, progress=lambda *args: seen.append(args[1]))
    assert max(seen) <= len(data)
    assert not (folder / "set.gz").exists()
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 600
    return str(error.value)


def starts(server):
    return [request.start for request in server.requests]


# What goes right


def test_a_file_is_fetched_under_its_name_with_progress_and_our_user_agent(folder, mirrors):
    (server,) = mirrors(honest(DATA))
    seen = []
    get(folder, [server], progress=lambda *args: seen.append(args))
    assert seen[0] == ("set.gz", 0, len(DATA))
    assert seen[-1] == ("set.gz", len(DATA), len(DATA))
    assert [done for _, done, _ in seen] == sorted(done for _, done, _ in seen)
    (request,) = server.requests
    assert request.path == "/set.gz"
    assert request.headers["user-agent"] == f"layerwise/{layerwise.__version__}"


def test_a_file_that_is_there_is_not_fetched_again(folder, mirrors):
    (server,) = mirrors(honest(DATA))
    folder.mkdir()
    (folder / "set.gz").write_bytes(b"compressed anew by someone")
    path = fetch(remote(), folder, mirrors=[server.url])
    assert path.read_bytes() == b"compressed anew by someone"
    assert not server.requests


def test_md5_is_enough_where_no_sha256_is_known(folder, mirrors):
    (server,) = mirrors(honest(DATA))
    file = remote(sha256="", md5=hashlib.md5(DATA).hexdigest())
    path = fetch(file, folder, mirrors=[server.url])
    assert matches(path, file)
    path.write_bytes(DATA[:-1] + b"?")
    assert not matches(path, file)


def test_redirects_are_followed(folder, mirrors):
    (end,) = mirrors(honest(DATA))
    (middle,) = mirrors(redirecting(f"{end.url}/elsewhere", 308))
    (server,) = mirrors(redirecting(lambda request: f"{middle.url}/there", 301))
    get(folder, [server])
    assert end.requests[0].path == "/elsewhere"


def test_the_proxy_of_the_environment_is_used(folder, mirrors, monkeypatch):
    (proxy,) = mirrors(honest(DATA))
    monkeypatch.setenv("http_proxy", proxy.url)
    monkeypatch.setenv("no_proxy", "")
    fetch(remote(), folder, mirrors=["http://files.invalid/pub/"])
    assert proxy.requests[0].path == "http://files.invalid/pub/set.gz"


def test_the_fastest_mirror_is_used_whatever_the_order(folder, mirrors):
    slow, gone, fast = mirrors(honest(BIG, delay=2.0), status(404), honest(BIG))
    begin = time.monotonic()
    get(folder, [slow, gone, fast], BIG, timeout=5)
    assert time.monotonic() - begin < 1.5  # the slow one was not waited for
    assert len(fast.requests) == 2  # the probe, and the file
    assert (fast.requests[0].start, fast.requests[0].stop) == (0, engine.PROBE)
    assert len(slow.requests) == len(gone.requests) == 1


def test_a_mirror_that_failed_the_probe_comes_last(folder, mirrors):
    gone, fast, slow = mirrors(status(404), honest(BIG, delay=0.2, cut=700_000), honest(BIG, delay=0.5))
    get(folder, [gone, fast, slow], BIG, timeout=2)
    assert starts(slow)[-1] == 700_000
    assert len(gone.requests) == 1


def test_a_small_file_is_not_probed_for(folder, mirrors):
    first, second = mirrors(honest(DATA), honest(DATA))
    get(folder, [first, second])
    assert (len(first.requests), len(second.requests)) == (1, 0)


# Cut connections


def test_a_cut_connection_is_resumed_where_it_ended(folder, mirrors):
    (server,) = mirrors(honest(DATA, cut=100_000))
    get(folder, [server])
    assert starts(server) == [None, 100_000, 200_000]


def test_another_mirror_goes_on_where_the_first_was_cut(folder, mirrors):
    first, second = mirrors(honest(DATA, cut=120_000), honest(DATA))
    get(folder, [first, second])
    assert (starts(first), starts(second)) == ([None], [120_000])


def test_a_mirror_that_ignores_ranges_is_read_past_what_is_there(folder, mirrors):
    first, second = mirrors(honest(DATA, cut=120_000), honest(DATA, ranges=False))
    seen = []
    get(folder, [first, second], progress=lambda name, done, total: seen.append(done))
    assert seen == sorted(seen)
    assert starts(second) == [120_000]


def test_a_part_of_an_earlier_process_is_gone_on_with(folder, mirrors):
    (server,) = mirrors(honest(DATA))
    folder.mkdir()
    (folder / "set.gz.part").write_bytes(DATA[:77_777])
    get(folder, [server])
    assert starts(server) == [77_777]


def test_a_whole_part_needs_no_mirror_but_one_to_ask_for(folder, mirrors):
    (server,) = mirrors(status(500))
    folder.mkdir()
    (folder / "set.gz.part").write_bytes(DATA)
    get(folder, [server])
    assert not server.requests


@pytest.mark.parametrize("part", [b"?" * 1000, b"?" * len(DATA), b"?" * (len(DATA) + 1)], ids=["short", "whole", "long"])
def test_a_wrong_part_is_thrown_away_and_the_file_fetched_whole(folder, mirrors, part):
    (server,) = mirrors(honest(DATA))
    folder.mkdir()
    (folder / "set.gz.part").write_bytes(part)
    get(folder, [server])
    assert starts(server)[-1] is None


def test_a_mirror_that_is_always_cut_at_once_is_given_up(folder, mirrors):
    (server,) = mirrors(honest(DATA, cut=10))
    refused(folder, [server], "breaks off")
    assert len(server.requests) == engine.TRIES
    assert (folder / "set.gz.part").read_bytes() == DATA[:30]  # kept for the next time


# Mirrors that do not serve the file. Each is refused alone, and with an honest one beside it the file arrives.

LEN = f"Content-Length: {len(DATA)}\r\n\r\n".encode()
HOSTILE = {
    "stalls at once": (saying(then="hold"), "stalls"),
    "stalls in its headers": (saying(OK + b"Server: x", then="hold"), "stalls"),
    "trickles its headers": (saying(OK, b"X: " + b"a" * 1000, every=0.05), "stalls"),
    "stalls in the body": (honest(DATA, cut=10_000, hold=True), "stalls"),
    "trickles the body": (saying(OK + LEN[:0], LEN + DATA[:500], every=0.02), "stalls"),
    "trickles the length of a chunk": (saying(OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"0" * 1000, every=0.02), "stalls"),
    "hangs up at once": (saying(), "breaks off"),
    "hangs up in its headers": (saying(OK), "breaks off|gives|in no valid"),
    "says it is shorter": (saying(OK + b"Content-Length: 12\r\n\r\n" + DATA), "has 12 bytes, not 300000"),
    "says it is longer": (saying(OK + b"Content-Length: 300001\r\n\r\n" + DATA), "has 300001 bytes, not 300000"),
    "says a negative length": (saying(OK + b"Content-Length: -5\r\n\r\n" + DATA[:-5]), "breaks off"),
    "is shorter than it says": (saying(OK + LEN + DATA[:1000]), "breaks off"),
    "serves other bytes": (honest(bytes(len(DATA))), "wrong checksum"),
    "serves one other byte": (honest(DATA[:-1] + b"?"), "wrong checksum"),
    "serves an error page": (saying(OK + b"\r\n<html>no such file"), "breaks off"),
    "never ends": (endless(OK + b"\r\n"), "wrong checksum"),
    "never ends, in chunks": (endless(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"ffff\r\n" + bytes(65535) + b"\r\n"), "wrong checksum"),
    "sends wrong chunks": (saying(OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"), "breaks off|in no valid"),
    "sends a range unasked": (saying(b"HTTP/1.1 206 P\r\nContent-Range: bytes 5-9/300000\r\n\r\n12345"), "another range"),
    "sends a range of nothing": (saying(b"HTTP/1.1 206 P\r\n\r\n12345"), "another range"),
    "sends a range of another file": (saying(b"HTTP/1.1 206 P\r\nContent-Range: bytes 0-9/10\r\n\r\n1234567890"), "has 10 bytes"),
    "answers 404": (status(404), "answers 404"),
    "answers 403": (status(403), "answers 403"),
    "answers 416": (status(416), "answers 416"),
    "answers 429": (status(429), "answers 429"),
    "answers 500": (status(500, bytes(10_000)), "answers 500"),
    "answers 204": (status(204, b""), "answers 204"),
    "answers 100 for ever": (endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000), "stalls"),
    "redirects to itself": (redirecting("/set.gz"), "in a circle"),
    "redirects in a circle": (redirecting(lambda r: "/b" if r.path == "/a" else "/a"), "in a circle"),
    "redirects on and on": (redirecting(lambda r: r.path + "x"), "more than 10 times"),
    "redirects to a file": (redirecting("file:///etc/passwd"), "from http to file"),
    "redirects to ftp": (redirecting("ftp://127.0.0.1/set.gz"), "from http to ftp"),
    "redirects to data": (redirecting("data:,x"), "from http to data"),
    "redirects nowhere": (redirecting(""), "in a circle"),
    "redirects to a broken address": (redirecting("http://[::1/"), "in no valid"),
    "redirects with an endless body": (endless(b"HTTP/1.1 302 F\r\nLocation: /set.gz\r\n\r\n"), "in a circle"),
    "has a huge header": (endless(OK, b"a" * 65536), "in no valid HTTP"),
    "has headers without number": (endless(OK, b"a: b\r\n" * 1000), "in no valid HTTP"),
    "has a huge status line": (endless(b"HTTP/1.1 200 ", b"a" * 65536), "in no valid HTTP"),
    "has a garbage status line": (saying(b"\x1b[2J\x00\xff garbage\r\n\r\n" + DATA), "in no valid HTTP"),
    "speaks another protocol": (saying(b"SSH-2.0-OpenSSH_9.6\r\n"), "in no valid HTTP"),
}


@pytest.mark.parametrize(("answer", "text"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_mirror_is_refused_and_the_next_one_is_tried(folder, mirrors, answer, text):
    bad, good = mirrors(answer, honest(DATA))
    timeout = 0.3 if "stalls" in text else 10.0  # the others answer as soon as the machine lets them
    get(folder, [bad, good], timeout=timeout)
    assert bad.requests
    assert len(good.requests) <= 2
    (folder / "set.gz").unlink()
    message = refused(folder, [bad], text, timeout=timeout)
    assert "\x1b" not in message
    part = folder / "set.gz.part"
    assert not part.exists() or part.stat().st_size <= len(DATA)


@pytest.mark.parametrize(
    ("where", "text"), [("http://127.0.0.1:1/set.gz", "cannot be reached"), ("http://files.invalid/", "cannot be reached")]
)
def test_a_redirect_to_nobody_is_refused(folder, mirrors, where, text):
    refused(folder, mirrors(redirecting(where)), text, timeout=2)


def test_https_is_spoken_where_the_certificate_is_trusted(folder, mirrors, monkeypatch):
    (server,) = mirrors(honest(DATA, cut=100_000), tls=True)
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    get(folder, [server])
    assert starts(server) == [None, 100_000, 200_000]


def test_a_certificate_that_nobody_signed_is_refused(folder, mirrors):
    refused(folder, mirrors(honest(DATA), tls=True), "cannot be reached")


def test_a_redirect_from_https_to_http_is_not_followed(folder, mirrors, monkeypatch):
    (plain,) = mirrors(honest(DATA))
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    refused(folder, mirrors(redirecting(f"{plain.url}/set.gz"), tls=True), "from https to http")
    assert not plain.requests


def test_a_line_that_stalls_under_tls_is_cut(folder, mirrors, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    refused(folder, mirrors(saying(OK, b"X: " + b"a" * 1000, every=0.05), tls=True), "stalls", timeout=0.3)
    silent = mirrors(saying(then="hold"))[0].url.replace("http:", "https:")  # says nothing to the handshake
    with pytest.raises(MissingDataError, match="cannot be reached"):
        fetch(remote(), folder, mirrors=[silent], timeout=0.3)


@pytest.mark.parametrize(
    "answer", [honest(DATA, cut=100_000), honest(bytes(100_000) + DATA[100_000:], cut=100_000)], ids=["cut", "spoiler"]
)
def test_a_spoiler_does_not_keep_an_honest_mirror_from_serving(folder, mirrors, answer):
    bad, good = mirrors(answer, honest(DATA))
    get(folder, [bad, good])
    assert len(good.requests) <= 2


def test_two_mirrors_of_other_bytes_end_in_an_error(folder, mirrors):
    wrong = bytes(len(DATA))
    servers = mirrors(honest(wrong, cut=150_000), honest(wrong, cut=200_000))
    refused(folder, servers, "wrong checksum")
    assert sum(len(s.requests) for s in servers) < 15


def test_a_wrong_range_after_a_cut_is_not_appended(folder, mirrors):
    def shifted(request):
        request.head(206, Content_Range=f"bytes {request.start - 1}-{len(DATA) - 1}/{len(DATA)}")
        request.send(DATA[request.start - 1 :])

    first, second, third = mirrors(honest(DATA, cut=100_000), shifted, honest(DATA))
    get(folder, [first, second, third])
    assert starts(third) == [100_000]


def test_a_mirror_that_slows_down_is_left(folder, mirrors):
    def slows(request):
        request.head(200, Content_Length=len(DATA))
        request.send(DATA[:100_000])
        for i in range(100_000, len(DATA), 10):
            request.send(DATA[i : i + 10])
            if request.wait(0.05):
                return

    first, second = mirrors(slows, honest(DATA))
    start = time.monotonic()
    get(folder, [first, second])
    assert time.monotonic() - start < 3
    assert starts(second)[0] >= 100_000


def test_a_mirror_that_is_slow_but_steady_is_stayed_with(folder, mirrors):
    def steady(request):
        request.head(200, Content_Length=len(DATA))
        for i in range(0, len(DATA), 30_000):
            request.send(DATA[i : i + 30_000])
            request.wait(0.1)

    first, second = mirrors(steady, honest(DATA))
    get(folder, [first, second])  # in twice the time that it may stall
    assert (len(first.requests), len(second.requests)) == (1, 0)


def test_no_more_than_the_cap_is_taken_of_a_file_of_unknown_size(folder, mirrors, monkeypatch):
    monkeypatch.setattr(engine, "LARGEST", 500_000)
    (server,) = mirrors(honest(DATA))
    fetch(remote(size=None), folder, mirrors=[server.url])
    assert (folder / "set.gz").read_bytes() == DATA
    (folder / "set.gz").unlink()
    (server,) = mirrors(endless(OK + b"\r\n"))
    seen = []
    with pytest.raises(MissingDataError, match="more than 500000 bytes"):
        fetch(remote(size=None), folder, mirrors=[server.url], progress=lambda name, done, total: seen.append(done))
    assert max(seen) == 500_000
    assert not (folder / "set.gz.part").exists()


def test_a_cut_file_of_unknown_size_is_resumed(folder, mirrors):
    (server,) = mirrors(honest(DATA, cut=160_000))
    fetch(remote(size=None), folder, mirrors=[server.url])
    assert (folder / "set.gz").read_bytes() == DATA
    assert starts(server) == [None, 160_000]


def test_no_thread_is_left_behind(folder, mirrors):
    stalls, good = mirrors(honest(BIG, cut=engine.PROBE, hold=True), honest(BIG, delay=0.2))
    get(folder, [stalls, good], BIG)
    assert stalls.requests
    assert not {"watch", "probe"} & {thread.name for thread in threading.enumerate()}


def test_a_secret_in_an_address_is_not_told(folder):
    with pytest.raises(MissingDataError) as error:
        fetch(remote(), folder, mirrors=["http://user:hunter2@127.0.0.1:1"])
    assert "hunter2" not in str(error.value)


# Offline


def test_without_a_mirror_one_sentence_says_what_to_put_where_and_why(folder, mirrors):
    (server,) = mirrors(status(503))
    files = [remote(mirrors=("https://files.invalid/pub",)), remote(name="other.gz")]
    with pytest.raises(MissingDataError) as error:
        fetch_all(files, folder, mirrors=[server.url, "http://127.0.0.1:1"], timeout=0.5)
    host = server.url.removeprefix("http://")
    assert str(error.value) == (
        f"Put set.gz, other.gz into {folder} (published at https://files.invalid/pub), as no mirror served set.gz: "
        f"{host} answers 503; 127.0.0.1:1 cannot be reached ({os.strerror(errno.ECONNREFUSED)})."
    )


def test_only_the_files_that_are_missing_are_named(folder, mirrors):
    (server,) = mirrors(lambda request: (honest(DATA) if request.path == "/set.gz" else status(404))(request))
    with pytest.raises(MissingDataError, match=r"^Put other.gz into .* as no mirror served other.gz: .* answers 404\.$"):
        fetch_all([remote(), remote(name="other.gz")], folder, mirrors=[server.url])
    assert (folder / "set.gz").read_bytes() == DATA


def test_a_file_without_mirrors_says_so(folder):
    with pytest.raises(MissingDataError, match="none is known"):
        fetch(remote(), folder)


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(DataError, match=r"taken: cannot be written to .* LAYERWISE_DATA"):
        fetch(remote(), tmp_path / "taken", mirrors=["http://127.0.0.1:1"])


# Several processes

PROGRAM = """
import json, sys
from layerwise.data.fetch import fetch
from layerwise.data.mirror import RemoteFile
url, folder, size, sha256 = json.loads(sys.argv[1])
print(fetch(RemoteFile("set.gz", size, (), sha256=sha256), folder, mirrors=[url]))
"""


def start(url, folder):
    what = json.dumps([url, str(folder), len(DATA), hashlib.sha256(DATA).hexdigest()])
    return subprocess.Popen([sys.executable, "-c", PROGRAM, what], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_two_processes_at_once_fetch_it_once(folder, mirrors):
    (server,) = mirrors(honest(DATA, delay=1.0))
    processes = [start(server.url, folder) for _ in range(2)]
    for process in processes:
        out, err = process.communicate(timeout=9)
        assert (process.returncode, err) == (0, "")
        assert out.strip() == str(folder / "set.gz")
    assert (folder / "set.gz").read_bytes() == DATA
    assert len(server.requests) == 1


def test_what_a_killed_process_had_fetched_is_gone_on_with(folder, mirrors):
    (server,) = mirrors(in_turn(honest(DATA, cut=150_000, hold=True), honest(DATA)))
    process = start(server.url, folder)
    part = folder / "set.gz.part"
    end = time.monotonic() + 8
    while not (part.exists() and part.stat().st_size) and time.monotonic() < end:
        time.sleep(0.02)
    process.kill()
    process.communicate(timeout=5)
    had = part.stat().st_size
    assert 0 < had <= 150_000
    get(folder, [server])
    assert starts(server) == [None, had]


# The table


@pytest.mark.parametrize("name", ["../set.gz", "/etc/passwd", "a/b", "a\\b", "C:x", "", ".", "..", ".bashrc", "a\n", "a\0b", "a b"])
def test_a_name_that_is_no_plain_file_name_is_refused(name):
    with pytest.raises(ValueError, match="plain file name"):
        RemoteFile(name, 1, (), md5="0" * 32)


@pytest.mark.parametrize("sums", [{}, {"md5": "0" * 31}, {"sha256": "G" * 64}, {"md5": "A" * 32}])
def test_a_file_without_a_checksum_is_refused(sums):
    with pytest.raises(ValueError, match="SHA-256"):
        RemoteFile("a", 1, (), **sums)


def test_every_row_has_both_checksums_a_size_and_several_mirrors():
    for files in MIRRORS.values():
        for file in files:
            assert (len(file.md5), len(file.sha256)) == (32, 64)
            assert file.size > 0
            assert len(set(file.mirrors)) == len(file.mirrors) >= 2
            assert all(mirror.startswith(("http://", "https://")) and not mirror.endswith("/") for mirror in file.mirrors)


def test_the_published_checksums_and_sizes_are_these():
    known = {
        "mnist": [
            ("f68b3c2dcbeaaa9fbdd348bbdeb94873", 9_912_422),
            ("d53e105ee54ea40749a09fcbcd1e9432", 28_881),
            ("9fb629c4189551a2d022fa330f9573f3", 1_648_877),
            ("ec29112dd5afa0611ce80d1b7f02629c", 4_542),
        ],
        "fashion_mnist": [
            ("8d4fb7e6c68d591d4c3dfef9ec88bf0d", 26_421_880),
            ("25c81989df183df01b3e8a0aad5dffbe", 29_515),
            ("bef4ecab320f06d8554ea6380940ec79", 4_422_102),
            ("bb300cfdad3c16e7a12a480ee83cd310", 5_148),
        ],
        "cifar10": [("c32a1d4ab5d03f1284b67883e8d87530", 170_052_171)],
        "cifar10_python": [("c58f30108f718f92721af3b95e74349a", 170_498_071)],
        "svhn": [("e26dedcc434d2e4c54c9b2d4a06d8373", 182_040_794), ("eb5a983be6a315427106f1b164d9cef3", 64_275_384)],
    }
    assert {name: [(file.md5, file.size) for file in files] for name, files in MIRRORS.items()} == known
