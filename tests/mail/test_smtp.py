"""The password never goes over a line in clear, unless the settings say so: seen from the server."""

from __future__ import annotations

import socket
import threading

import pytest

from monitor.core.errors import MailPermanentError, MailTemporaryError, SettingError
from monitor.mail.smtp import open_mailer

MIME = b"Subject: x\r\n\r\nx\r\n"


class Server:
    """Answers one client line by line, and keeps what it said."""

    def __init__(self, *extensions: str) -> None:
        self.extensions, self.heard = extensions, []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        client, _ = self._listening.accept()
        client.settimeout(10)
        with client, client.makefile("rwb") as lines:

            def say(text: str) -> None:
                lines.write(text.encode() + b"\r\n")
                lines.flush()

            say("220 here")
            for line in lines:
                word = line.decode("latin-1").strip()
                self.heard.append(word)
                if word.upper().startswith("EHLO"):
                    names = ["here", *self.extensions]
                    for at, name in enumerate(names):
                        say(f"250{'-' if at < len(names) - 1 else ' '}{name}")
                elif word.upper() == "STARTTLS":
                    say("454 not now")
                elif word.upper() == "QUIT":
                    say("221 bye")
                    return
                elif word.upper() == "DATA":
                    say("354 go on")
                elif word == ".":
                    say("250 queued")
                elif word.upper().startswith(("AUTH", "MAIL", "RCPT", "NOOP")):
                    say("235 fine" if word.upper().startswith("AUTH") else "250 fine")

    def end(self) -> list[str]:
        self._thread.join(10)
        self._listening.close()
        return self.heard


@pytest.fixture
def serve():
    started = []

    def start(*extensions: str) -> Server:
        started.append(Server(*extensions))
        return started[-1]

    yield start
    for server in started:
        server.end()


def send(mailer) -> str:
    return mailer.send(mime=MIME, sender="a@example.org", recipient="b@example.org")


@pytest.mark.parametrize("query", ["", "?starttls=0", "?starttls=1"])
def test_without_encryption_the_password_stays_here(serve, query):
    server = serve("AUTH PLAIN LOGIN")
    mailer = open_mailer(f"smtp://me:hunter2@127.0.0.1:{server.port}{query}")
    with pytest.raises(MailTemporaryError, match="so the password was not sent") as told:
        send(mailer)
    assert "HYPEWATCH_SMTP_PLAIN_PASSWORD" in told.value.hint
    assert [word for word in server.end() if not word.upper().startswith("EHLO")] == []


def test_an_offered_encryption_is_used_before_the_password_is_said(serve):
    server = serve("STARTTLS", "AUTH PLAIN LOGIN")
    with pytest.raises((MailTemporaryError, MailPermanentError)):
        send(open_mailer(f"smtp://me:hunter2@127.0.0.1:{server.port}"))
    heard = server.end()
    assert "STARTTLS" in heard
    assert not any(word.upper().startswith("AUTH") for word in heard)


def test_greeting_keeps_the_password_as_well(serve):
    server = serve("AUTH PLAIN")
    with pytest.raises(MailTemporaryError, match="offers no encryption"):
        open_mailer(f"smtp://me:hunter2@127.0.0.1:{server.port}").greet()
    assert not any(word.upper().startswith("AUTH") for word in server.end())


def test_whoever_says_so_sends_it_in_clear(serve):
    server = serve("AUTH PLAIN")
    url = f"smtp://me:hunter2@127.0.0.1:{server.port}"
    assert send(open_mailer(url, plain_password=True)) == "127.0.0.1 said: 250 queued"
    assert any(word.startswith("AUTH PLAIN") for word in server.end())


def test_without_a_password_nothing_is_to_be_kept(serve):
    server = serve()
    assert send(open_mailer(f"smtp://127.0.0.1:{server.port}")) == "127.0.0.1 said: 250 queued"


def test_the_setting_reaches_the_mailer(tmp_path):
    from monitor.service import Service
    from monitor.settings import load

    told = {"HYPEWATCH_HOME": str(tmp_path), "HYPEWATCH_SMTP_URL": "smtp://me:p%40ss%3A%2F@mail.example"}
    for value, plain in (({}, False), ({"HYPEWATCH_SMTP_PLAIN_PASSWORD": "yes"}, True)):
        service = Service(load(told | value))
        assert (service.deps.mailer.plain_password, service.deps.mailer.password) == (plain, "p@ss:/")
        service.store.close()
    with pytest.raises(SettingError, match="neither a mail server nor an outbox"):
        open_mailer("mail.example")
