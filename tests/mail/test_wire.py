"""A conversation with a mail server: it ends in time whatever the server does, it is encrypted, and it is kept for the next."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import ssl
import subprocess
import threading
import time

import pytest

from monitor.core.errors import MailPermanentError, MailTemporaryError, MailUnknownError, SettingError
from monitor.mail import kept
from monitor.mail.smtp import SmtpMailer, open_mailer

MIME = b"Subject: x\r\n\r\n.leads with a dot\r\nx"
REPLIES = {
    "EHLO": "250 here",
    "MAIL": "250 fine",
    "RCPT": "250 fine",
    "DATA": "354 go on",
    ".": "250 queued",
    "RSET": "250 forgotten",
    "QUIT": "221 bye",
}


class Server:
    """Answers from a table, and drips where it is told to: a byte each `pause` seconds, for ever."""

    def __init__(self, *, drips="", pause=0.05, tls=None, **replies):
        self.replies, self.drips, self.pause, self.tls = REPLIES | replies, drips, pause, tls
        self.heard, self.connections, self.threads = [], [], []
        self._ended = threading.Event()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                self.connections.append(client)
                self.threads.append(threading.Thread(target=self._serve, args=[client], daemon=True))
                self.threads[-1].start()

    def _serve(self, client):
        with contextlib.suppress(OSError, ValueError), client:
            if self.tls is None or "STARTTLS" in self.replies:
                self._say(client, "banner", "220 here")
                self._talk(client)
            else:
                with self.tls.wrap_socket(client, server_side=True) as secure:
                    self._say(secure, "banner", "220 here")
                    self._talk(secure)

    def _talk(self, client):
        with client.makefile("rb") as lines:
            if not self._answer(client, lines):
                return
        with self.tls.wrap_socket(client, server_side=True) as secure:
            self._talk(secure)

    def _answer(self, client, lines):
        """True if the client asks for encryption."""
        body = False
        while line := lines.readline():
            word = line.decode("latin-1").strip()
            self.heard.append(word)
            verb = word.split(" ")[0].upper()
            if body and word != ".":
                continue
            body = verb == "DATA"
            self._say(client, verb, self.replies.get(verb, "500 what?"))
            if verb == "STARTTLS":
                return True
            if body and self.drips == "body":
                self._ended.wait(20)  # it reads nothing any more
        return False

    def _say(self, client, when, text):
        if when == self.drips:
            client.sendall(text[:3].encode() + b"-")
            while not self._ended.wait(self.pause):
                client.sendall(b"x")
        client.sendall(text.encode() + b"\r\n")

    def hang_up(self):
        for client in self.connections:
            with contextlib.suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)

    def end(self):
        self._ended.set()
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self.hang_up()
        for thread in self.threads:
            thread.join(10)


@pytest.fixture
def serve():
    started = []

    def start(**how):
        started.append(Server(**how))
        return started[-1]

    yield start
    for server in started:
        server.end()


@pytest.fixture
def mailer():
    made = []

    def make(port, timeout=5.0, **how):
        made.append(SmtpMailer(host="127.0.0.1", port=port, timeout=timeout, **how))
        return made[-1]

    yield make
    for one in made:
        one.kept.close()


def send(mailer, mime=MIME):
    return mailer.send(mime=mime, sender="a@example.org", recipient="b@example.org")


# --- a whole call has an end ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["banner", "EHLO", "MAIL", "RCPT", "DATA", "."])
def test_a_server_that_drips_is_left_in_time(serve, mailer, where):
    """A byte each 0.05 s would pass any timeout for one reading."""
    server = serve(drips=where)
    began = time.monotonic()
    with pytest.raises(MailUnknownError if where == "." else MailTemporaryError) as told:
        send(mailer(server.port, timeout=0.6))
    assert 0.5 < time.monotonic() - began < 2
    assert ("did not say whether it took it" if where == "." else "took longer than") in told.value.message


def test_a_server_that_stops_reading_the_body_is_left_in_time_and_has_no_mail(serve, mailer):
    server = serve(drips="body")
    began = time.monotonic()
    with pytest.raises(MailTemporaryError, match="took longer than"):
        send(mailer(server.port, timeout=0.6), b"x" * 78 + b"\r\n" + b"long\r\n" * 4_000_000)
    assert time.monotonic() - began < 2
    assert "." not in server.heard


def test_an_answer_without_end_is_left(serve, mailer):
    server = serve(EHLO="\r\n".join(["250-" + "x" * 500] * 200))
    with pytest.raises(MailTemporaryError):
        send(mailer(server.port))


def test_a_server_that_hangs_up_after_the_mail_leaves_it_in_doubt(serve, mailer):
    class Rude(Server):
        def _say(self, client, when, text):
            if when == ".":
                client.shutdown(socket.SHUT_RDWR)
            super()._say(client, when, text)

    server = Rude()
    try:
        with pytest.raises(MailUnknownError, match="It may have arrived"):
            send(mailer(server.port))
    finally:
        server.end()


@pytest.mark.parametrize(
    ("replies", "error"),
    [
        ({"RCPT": "550 nobody"}, MailPermanentError),
        ({"DATA": "451 later"}, MailTemporaryError),
        ({".": "552 too big"}, MailPermanentError),
        ({".": "421 going down"}, MailTemporaryError),
        ({"DATA": "250 eh?"}, None),
    ],
)
def test_what_the_server_says_decides(serve, mailer, replies, error):
    server = serve(**replies)
    if error is None:  # no permission to send a body, and no refusal either: nothing was handed over
        with pytest.raises(MailTemporaryError, match="eh"):
            send(mailer(server.port))
        return
    with pytest.raises(error):
        send(mailer(server.port))


def test_the_bytes_go_over_as_they_are_with_the_dots_doubled(serve, mailer):
    server = serve()
    assert send(mailer(server.port)) == "127.0.0.1 said: 250 queued"
    assert server.heard[-5:] == ["Subject: x", "", "..leads with a dot", "x", "."]


# --- connections are kept ---------------------------------------------------------------------------------------------


def test_one_connection_carries_many_mails(serve, mailer, monkeypatch):
    monkeypatch.setattr(kept, "MOST_MAILS", 4)
    server, one = serve(), None
    one = mailer(server.port)
    assert [send(one) for _ in range(10)] == ["127.0.0.1 said: 250 queued"] * 10
    assert len(server.connections) == 3
    assert server.heard.count("rset") == 7


def test_one_that_was_closed_meanwhile_is_no_attempt(serve, mailer):
    server = serve()
    one = mailer(server.port)
    send(one)
    server.hang_up()
    assert send(one) == "127.0.0.1 said: 250 queued"
    assert len(server.connections) == 2


def test_one_that_carries_no_more_is_replaced(serve, mailer):
    """A server may say so only when the next mail comes."""
    server = serve()
    one = mailer(server.port)
    send(one)
    server.replies = {**server.replies, "MAIL": "421 enough on this line"}
    with pytest.raises(MailTemporaryError, match="enough on this line"):
        send(one)  # the new connection is told so too: that is the server's word on this mail
    assert len(server.connections) == 2


def test_one_that_waited_too_long_is_not_used(serve, mailer, monkeypatch):
    server = serve()
    one = mailer(server.port)
    monkeypatch.setattr(kept, "IDLE_S", 0.2)
    send(one)
    deadline = time.monotonic() + 5
    while "quit" not in server.heard and time.monotonic() < deadline:
        time.sleep(0.05)
    assert server.heard[-1] == "quit"
    send(one)
    assert len(server.connections) == 2


def test_many_threads_share_them_and_never_one_at_a_time(serve, mailer):
    server = serve()
    one = mailer(server.port)
    failed = []

    def work():
        try:
            for _ in range(10):
                assert send(one) == "127.0.0.1 said: 250 queued"
        except Exception as error:  # noqa: BLE001 - told by the thread that asserts
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert failed == []
    assert server.heard.count(".") == 40
    assert len(server.connections) <= 8


def test_a_forked_process_opens_its_own(serve, mailer):
    server = serve()
    one = mailer(server.port)
    send(one)
    one.kept._pid = os.getpid() + 1  # as a child sees it
    send(one)
    assert len(server.connections) == 2


# --- encryption -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate in the name of 127.0.0.1, and the server's half of TLS with it."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl on PATH to make a certificate with")
    folder = tmp_path_factory.mktemp("tls")
    key, cert = folder / "key.pem", folder / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
         "-subj", "/CN=mail", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(cert)],
        check=True,
        capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return cert, context


def test_starttls_is_spoken_and_verified(serve, certificate, monkeypatch):
    cert, context = certificate
    server = serve(tls=context, EHLO="250-here\r\n250 STARTTLS", STARTTLS="220 go")
    mailer = open_mailer(f"smtp://127.0.0.1:{server.port}?starttls=1")
    with pytest.raises(MailTemporaryError, match="certificate that is not to be trusted"):
        send(mailer)
    assert not any(word.startswith("mail") for word in server.heard)
    monkeypatch.setenv("SSL_CERT_FILE", str(cert))
    assert send(mailer) == send(mailer) == "127.0.0.1 said: 250 queued"
    mailer.kept.close()


def test_encrypted_from_the_first_byte(serve, certificate, monkeypatch):
    cert, context = certificate
    server = serve(tls=context)
    monkeypatch.setenv("SSL_CERT_FILE", str(cert))
    mailer = open_mailer(f"smtps://127.0.0.1:{server.port}")
    assert send(mailer) == "127.0.0.1 said: 250 queued"
    mailer.kept.close()


def test_a_handshake_that_never_ends_is_left_in_time(serve, mailer):
    server = serve(drips="banner")  # what drips is no TLS; it never says so
    began = time.monotonic()
    with pytest.raises(MailTemporaryError):
        send(mailer(server.port, timeout=0.6, tls=True))
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    ("url", "plain_password", "starttls", "tls"),
    [
        ("smtp://mail.example", False, True, False),
        ("smtp://mail.example:25?starttls=0", False, True, False),
        ("smtp://mail.example?tls=none", False, False, False),
        ("smtp://mail.example?tls=none&starttls=1", False, True, False),
        ("smtp://me:x@mail.example", True, False, False),
        ("smtp://127.0.0.1:25", False, False, False),
        ("smtp://[::1]:25", False, False, False),
        ("smtp://localhost:25", False, False, False),
        ("smtp://localhost:25?starttls=1", False, True, False),
        ("smtp://10.0.0.5:25", False, True, False),
        ("smtps://mail.example", False, False, True),
    ],
)
def test_what_an_address_asks_for(url, plain_password, starttls, tls):
    mailer = open_mailer(url, plain_password=plain_password)
    assert (mailer.starttls, mailer.tls) == (starttls, tls)


@pytest.mark.parametrize("url", ["smtp://mail.example?tls=off", "smtps://mail.example?tls=none"])
def test_a_wish_that_means_nothing_is_refused(url):
    with pytest.raises(SettingError, match="means nothing"):
        open_mailer(url)


def test_a_server_without_encryption_gets_nothing(serve, mailer):
    server = serve()
    with pytest.raises(MailTemporaryError, match="so nothing was sent") as told:
        send(mailer(server.port, starttls=True))
    assert "?tls=none" in told.value.hint
    assert [word for word in server.heard if not word.lower().startswith("ehlo")] == []
