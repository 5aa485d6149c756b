"""The portal behind its real web server, asked by a program that keeps to no rule."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection

from anso_portal.supervisor.processes import wait_until

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.django_db, pytest.mark.time_limit(120)]
SHUT = b"Connection: close\r\n"


class Server:
    def __init__(self, port: int, log: Path):
        self.port, self.log = port, log

    def says(self, raw: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as connection_:
            connection_.sendall(raw)
            answer = b""
            while part := connection_.recv(65536):
                answer += part
        return answer

    def answers(self) -> bool:
        try:
            return b" 200 " in self.says(b"GET /healthz HTTP/1.1\r\nHost: portal.example.org\r\n" + SHUT + b"\r\n")
        except OSError:
            return False


@pytest.fixture(scope="module")
def server(django_db_setup, tmp_path_factory):
    """gunicorn as in production, on the database of the tests, of which it only reads."""
    folder = tmp_path_factory.mktemp("web")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    environment = {
        **os.environ,
        "DATABASE_URL": address if urlsplit(address).netloc else address.replace("postgresql:/", "postgresql:///", 1),
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "PORTAL_BASE_URL": "http://portal.example.org",
        "ALLOWED_HOSTS": "portal.example.org",
        "LOG_FORMAT": "json",
        "ANSO_STATE_DIR": str(folder),
    }
    log = folder / "web.log"
    command = ["--workers", "1", "--no-control-socket", "--bind", f"127.0.0.1:{port}", "--access-logfile", "-"]
    command += ["--logger-class", "anso_portal.weblog.WebLogger"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "anso_portal.wsgi", *command],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    server = Server(port, log)
    try:
        assert wait_until(lambda: server.answers() or process.poll() is not None, 60), log.read_text()
        assert process.poll() is None, log.read_text()
        yield server
    finally:
        process.terminate()
        process.wait(20)


OURS, OTHERS = b"http://portal.example.org", b"evil.example"


@pytest.mark.parametrize(
    ("line", "headers"),
    [
        (b"GET / HTTP/1.1", b"Host: evil.example\r\n"),
        (b"GET / HTTP/1.1", b"Host: portal.example.org:6666\r\n"),
        (b"GET / HTTP/1.1", b"Host: portal.example.org@evil.example\r\n"),
        (b"GET / HTTP/1.1", b"Host: portal.example.org\r\nHost: evil.example\r\n"),
        (b"GET / HTTP/1.1", b"Host: portal.example.org\r\nX-Forwarded-Host: evil.example\r\n"),
        (b"GET / HTTP/1.1", b"Host: portal.example.org\r\nForwarded: host=evil.example\r\nX-Host: evil.example\r\n"),
        (b"GET http://evil.example/ HTTP/1.1", b"Host: portal.example.org\r\n"),
        (b"GET http://portal.example.org/ HTTP/1.1", b"Host: evil.example\r\n"),
        (b"GET / HTTP/1.0", b""),
        (b"GET / HTTP/1.1", b"Host: portal.example.org.\r\n"),
        (b"GET //evil.example/ HTTP/1.1", b"Host: portal.example.org\r\n"),
        (b"GET /members HTTP/1.1", b"Host: portal.example.org\r\nX-Forwarded-Host: evil.example\r\n"),
    ],
)
def test_t27_no_header_changes_where_links_lead(server, line, headers):
    """400, or a page whose links with a host name are the portal's own."""
    answer = server.says(line + b"\r\n" + headers + SHUT + b"\r\n")
    head, _, page = answer.partition(b"\r\n\r\n")
    status = int(head.split()[1])

    assert status in (200, 301, 400, 404), server.log.read_text()
    assert b":6666" not in answer
    for name in (b"location:", b"content-location:", b"link:"):
        for value in [
            row.lower().removeprefix(name).strip() for row in head.splitlines() if row.lower().startswith(name)
        ]:
            assert value.startswith(b"/"), value
            assert not value.startswith(b"//"), value
    if status == 200:
        assert OURS in page
        assert OTHERS not in page
    if status == 404:
        assert b'="http://evil.example' not in page
        assert b'="//evil.example' not in page


def test_t46_whatever_is_sent_gives_lines_of_json(server):
    evil = [
        b"GET /%0d%0a%1b%5b31mCRITICAL HTTP/1.1\r\nHost: portal.example.org\r\nUser-Agent: a\x1b[31m\tb\r\n",
        b"GET /members/?q=%0d%0aERROR HTTP/1.1\r\nHost: portal.example.org\r\nReferer: \x1b[2J\r\n",
        b"GET /x\x1b[31m HTTP/1.1\r\nHost: portal.example.org\r\n",
        b"NONSENSE\x1b[31m\r\n",
        b"GET / HTTP/9.9\r\nHost: \x1b[31m\r\n",
        b"POST /report/ HTTP/1.1\r\nHost: portal.example.org\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n",
        b"GET /reset/me@example.org/aB3_dE5fG7hI9jK1lM3nO5pQ/ HTTP/1.1\r\nHost: portal.example.org\r\n",
    ]
    for request in evil:
        server.says(request + SHUT + b"\r\n")

    text = server.log.read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    assert len(lines) > len(evil)
    assert text.isascii()
    assert text.replace("\n", "").isprintable()
    for secret in ("127.0.0.1", "me@example.org", "aB3_dE5fG7hI9jK1lM3nO5pQ", "q="):
        assert not [line for line in lines if line["logger"] == "gunicorn.access" and secret in json.dumps(line)]
    asked = [line for line in lines if line["logger"] == "gunicorn.access" and line["status"] == 404]
    assert {line["address"] for line in asked} >= {"/reset/…/…/"}
    assert all(line["request"] for line in asked)
