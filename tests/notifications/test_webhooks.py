"""Programs that are told: addresses that lead into a network are refused (T29), messages are signed, and come until taken."""

import base64
import datetime
import hashlib
import hmac
import http.server
import json
import socket
import ssl
import threading
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.core.exceptions import ValidationError

from exchanges.actions.offers import open_offer
from notifications import webhooks
from notifications.models import Delivery, Follow, Subscriber
from notifications.sender import drain
from notifications.transport import Later, Refused
from tests.factories import OfferFactory
from toolkit.sealing import seal

URL = "https://hooks.example.org/changed?key=1"


# --- T29: where a message may go


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/",
        "ftp://example.org/",
        "file:///etc/passwd",
        "//example.org/",
        "https://",
        "https://127.0.0.1/",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0177.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://169.254.169.254/latest/meta-data/",
        "https://localhost/",
        "https://localhost./",
        "https://intranet/",
        "https://user@example.org/",
        "https://user:password@example.org/",
        "https://example.org:8443/",
        "https://example.org:99999/",
        "https://example.org/ two",
        "https://example.org/\nHost: other",
        "https://example.org\\@127.0.0.1/",
        "https://example.org/#part",
        "https://пример.example/",
        "https://example.org/" + "x" * 300,
        "https://[example.org/",
        "javascript:alert(1)",
    ],
)
def test_t29_address_that_cannot_be_one_is_refused_as_it_is_typed(url):
    with pytest.raises(ValidationError):
        webhooks.check_url(url)


@pytest.mark.parametrize(
    "url", [URL, "https://example.org", "https://example.org:443/a", "https://xn--e1afmkfd.example/"]
)
def test_address_of_a_server_on_the_internet_may_be_given(url):
    webhooks.check_url(url)


PRIVATE = (
    *["127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"],
    *["224.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "240.0.0.1"],
    *["::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00::1", "ff02::1", "2001:db8::1"],
    *[
        "::ffff:10.0.0.1",
        "::ffff:8.8.8.8",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2001::1",
    ],
    "nonsense",
)


@pytest.mark.parametrize("address", PRIVATE)
def test_t29_address_in_a_network_is_not_public(address):
    assert not webhooks.is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_address_on_the_internet_is_public(address):
    assert webhooks.is_public(address)


def leads_to(monkeypatch, *addresses):
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in addresses]
    monkeypatch.setattr(webhooks.socket, "getaddrinfo", lambda *args, **kwargs: found)


def test_t29_name_that_leads_into_a_network_is_refused_even_beside_a_public_address(monkeypatch):
    leads_to(monkeypatch, "8.8.8.8", "10.0.0.1")
    with pytest.raises(Refused):
        webhooks.addresses_of("example.org")
    leads_to(monkeypatch)
    with pytest.raises(Refused):
        webhooks.addresses_of("example.org")


def test_name_that_cannot_be_looked_up_is_tried_later(monkeypatch):
    def fails(*args, **kwargs):
        raise socket.gaierror("away")

    monkeypatch.setattr(webhooks.socket, "getaddrinfo", fails)
    with pytest.raises(Later):
        webhooks.addresses_of("example.org")


# --- What is sent


class Endpoint(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.drip("answer")
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.taken.append((self.path, dict(self.headers), body))
        self.send_response(self.server.status)
        self.send_header("Location", "https://127.0.0.1/elsewhere")
        self.end_headers()
        self.drip("text")
        self.wfile.write(b"thanks")

    def drip(self, part):
        while self.server.drips == part:
            self.wfile.write(b"H")
            time.sleep(0.1)

    def log_message(self, *args):
        pass


def certificate(folder):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hooks.example.org")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("hooks.example.org")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def server(tmp_path, monkeypatch):
    """An endpoint on this machine; the name leads to it, and its certificate is believed."""
    path = certificate(tmp_path)
    running = http.server.HTTPServer(("127.0.0.1", 0), Endpoint)
    running.taken, running.status, running.drips = [], 200, ""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    running.socket = context.wrap_socket(running.socket, server_side=True)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    monkeypatch.setattr(webhooks, "addresses_of", lambda host: ["127.0.0.1"])
    monkeypatch.setattr(webhooks, "trusted", lambda: ssl.create_default_context(cafile=path))
    connect, port = socket.create_connection, running.server_address[1]
    monkeypatch.setattr(
        webhooks.socket, "create_connection", lambda address, timeout: connect((address[0], port), timeout)
    )
    yield running
    running.drips = ""
    running.shutdown()
    running.server_close()


@pytest.fixture
def program(db):
    """program() is approved and follows Pakistan; answers the secret with it."""

    def make(url=URL, **fields):
        secret = webhooks.new_secret()
        made = Subscriber.objects.create(
            url=url, secret=seal(secret), **{"confirmed_at": datetime.datetime.now(datetime.UTC), **fields}
        )
        Follow.objects.create(subscriber=made, topic="country:PK", label="Pakistan", address="/countries/PK/")
        return made, secret

    return make


def test_program_is_told_where_to_look_signed_and_without_content(server, program, officer):
    _program, secret = program()
    offer = open_offer(offer=OfferFactory(title="Two places"), by=officer)
    row = Delivery.objects.get()
    assert (row.channel, row.address) == ("webhook", URL)

    assert drain() == {"sent": 1}
    ((path, headers, body),) = server.taken
    assert path == "/changed?key=1"
    told = json.loads(body)
    assert told["type"] == "offer.opened"
    assert told["data"]["address"].endswith(offer.get_absolute_url())
    assert "Two places" not in body.decode()
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    ours = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{ours}"
    row.refresh_from_db()
    assert (row.state, row.smtp_reply) == ("sent", "200 thanks")


def test_nothing_is_told_before_it_is_approved(program, officer):
    program(confirmed_at=None)
    open_offer(offer=OfferFactory(), by=officer)
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("status", [302, 400, 404, 500, 503])
def test_other_answers_are_tried_again_with_the_same_number_and_redirects_not_followed(
    server, program, officer, status
):
    program()
    open_offer(offer=OfferFactory(), by=officer)
    server.status = status
    assert drain() == {"later": 1}
    Delivery.objects.update(next_at="2026-01-01T00:00Z")
    server.status = 204
    assert drain() == {"sent": 1}
    first, second = server.taken
    assert first[1]["webhook-id"] == second[1]["webhook-id"]
    assert first[2] == second[2]


def test_program_that_is_gone_is_told_nothing_more(server, program, officer):
    gone, _secret = program()
    open_offer(offer=OfferFactory(), by=officer)
    server.status = 410
    assert drain() == {"refused": 1}
    open_offer(offer=OfferFactory(), by=officer)
    assert Delivery.objects.count() == 1
    gone.refresh_from_db()
    assert gone.is_refused


def test_certificate_of_another_name_is_not_believed(server, program, officer):
    program(url="https://other.example.org/")
    open_offer(offer=OfferFactory(), by=officer)
    assert drain() == {"later": 1}
    assert not server.taken


def test_t29_name_that_came_to_lead_into_a_network_gets_nothing(server, program, officer, monkeypatch):
    monkeypatch.undo()
    leads_to(monkeypatch, "10.0.0.1")
    program()
    open_offer(offer=OfferFactory(), by=officer)
    assert drain() == {"refused": 1}
    assert "not public" in Delivery.objects.get().last_error


def test_secret_that_cannot_be_read_sends_nothing(server, program, officer):
    lost, _secret = program()
    Subscriber.objects.filter(pk=lost.pk).update(secret="sealed with another key")
    open_offer(offer=OfferFactory(), by=officer)
    assert drain() == {"refused": 1}
    assert not server.taken


def test_mail_goes_beside_a_program_that_is_away(server, program, officer, follower, read_mails):
    program()
    follower("country:PK")
    server.status = 503
    open_offer(offer=OfferFactory(), by=officer)
    assert drain() == {"sent": 1, "later": 1}
    assert len(read_mails()) == 1


@pytest.mark.parametrize(("part", "outcome"), [("answer", "in doubt"), ("text", "sent")])
def test_program_that_answers_letter_by_letter_holds_nobody(server, program, officer, monkeypatch, part, outcome):
    monkeypatch.setattr(webhooks, "WHOLE", 0.5)
    server.drips = part
    program()
    open_offer(offer=OfferFactory(), by=officer)
    began = time.monotonic()

    assert drain() == {outcome: 1}
    assert 0.4 < time.monotonic() - began < 4


def test_program_whose_news_is_gone_is_told_nothing(server, program, officer):
    program()
    open_offer(offer=OfferFactory(), by=officer)
    Delivery.objects.get().notifications.update(delivery=None)
    assert drain() == {"obsolete": 1}
    assert not server.taken
