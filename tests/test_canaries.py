"""No secret is found where it has no business: each one is set to something that nobody writes by chance, everything runs and fails in
every way that it can, and all that was said, logged, answered, queued and saved is searched for it.
"""

from __future__ import annotations

import base64
import contextlib
import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import pytest
import redis as redis_client

from monitor.cli import main
from monitor.core.errors import SettingError
from monitor.settings import SECRETS, SETTINGS, load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: Each secret's own word; around it stand signs that have to be escaped in an address.
WORDS = {name: f"zq7{name.lower().replace('_', '')}9kx" for name in (*SECRETS, "USER_PASSWORD", "HOOK_PASSWORD")}
WORDS["DKIM_KEY"] = ""  # a line of the key, below
SIGNED = "p@{}/#%x"


def forms(word: str) -> set[bytes]:
    """A word as it may lie in bytes: plain, escaped, and in base64 at each of the three places where it can begin."""
    found = {word.encode(), quote(word, safe="").encode()}
    for before in range(3):
        coded = base64.b64encode(b"\0" * before + word.encode())
        found.add(coded[-(-before * 8 // 6) + (1 if before else 0) : -4])  # without what its neighbours change
    return found


def test_a_word_is_found_in_each_of_its_forms():
    word = WORDS["SMTP_URL"]
    for around in ("", "a", "ab", "abc"):
        packed = base64.b64encode(f"{around}{word}{around}".encode())
        assert any(form in packed for form in forms(word)), around
    assert not any(form in base64.b64encode(b"nothing of the kind, but long enough") for form in forms(word))
    assert min(len(form) for form in forms(word)) > 8


@pytest.fixture(scope="module")
def dkim_key() -> str:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    coded = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    return coded.decode()


# --- settings that cannot be read ------------------------------------------------------------------------------------

#: As people write a password with signs in it: each ends an address too early, in its own way.
BROKEN = ("{}#x", "{}/x", "{}?x", "[{}", "{}@x/y@z", "x#{}", "x/{}", "1/{}", "1?tls={}", "1#{}", "a:{}", "{} x")
ADDRESSES = {
    "DATABASE_URL": "postgresql://me:{}@127.0.0.1:1/db",
    "BROKER_URL": "redis://:{}@127.0.0.1:1/0",
    "SMTP_URL": "smtp://me:{}@127.0.0.1:1?tls=none",
    "HEARTBEAT_URL": "http://me:{}@127.0.0.1:1/ping",
}


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("name", ADDRESSES)
def test_a_password_that_breaks_its_address_is_never_repeated(tmp_path, name, broken, monkeypatch, capsys):
    word = WORDS[name]
    monkeypatch.setenv("HYPEWATCH_HOME", str(tmp_path))
    monkeypatch.setenv(f"HYPEWATCH_{name}", ADDRESSES[name].format(broken.format(word)))
    monkeypatch.setenv("HYPEWATCH_SMTP_PLAIN_PASSWORD", "yes")
    for command in (["config", "show"], ["doctor", "--format", "json"]):
        with pytest.raises(SystemExit) as ended:
            main(command)
        said = "".join(capsys.readouterr())
        assert word not in said
        assert "Traceback" not in said
        assert ended.value.code in {0, 1, 2}


@pytest.mark.parametrize("name", SECRETS)
def test_a_word_that_is_no_address_is_never_repeated(tmp_path, name):
    for written in (
        "{}",
        "http://[{}",
        "http://127.0.0.1:{}/",
        "{}://x",
        "redis://x:{}",
        "smtp://x:{}",
        "postgresql://x:{}",
    ):
        secret = written.format(WORDS[name] or "zq7dkimkey9kx")
        with contextlib.suppress(SettingError):
            read = load({"HYPEWATCH_HOME": str(tmp_path), f"HYPEWATCH_{name}": secret})
            assert secret not in repr(read)
            continue
        with pytest.raises(SettingError) as told:
            load({"HYPEWATCH_HOME": str(tmp_path), f"HYPEWATCH_{name}": secret})
        assert (WORDS[name] or "zq7dkimkey9kx") not in str(told.value)
        assert told.value.__suppress_context__, "a traceback would show what was read"


# --- everything runs -------------------------------------------------------------------------------------------------


class Refusing(threading.Thread):
    """A mail server that takes no password, and repeats what it was given, as careless ones do."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.heard = ""

    def run(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection, connection.makefile("rwb", buffering=0) as lines, contextlib.suppress(OSError):
                lines.write(b"220 mail.example ESMTP\r\n")
                for line in lines:
                    verb = line[:4].upper()
                    self.heard += line.decode()
                    if verb == b"EHLO":
                        lines.write(b"250-mail.example\r\n250 AUTH PLAIN LOGIN\r\n")
                    elif verb == b"QUIT":
                        lines.write(b"221 bye\r\n")
                        break
                    elif verb == b"AUTH":
                        lines.write(b"535 5.7.8 I do not know " + line.strip() + b"\r\n")
                    else:
                        lines.write(b"503 " + line.strip() + b"\r\n")


class Listening(threading.Thread):
    """All that is said to Redis, but for the password, which it takes out itself."""

    def __init__(self, port: int, password: str) -> None:
        super().__init__(daemon=True)
        self.heard = io.BytesIO()
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.sendall(f"AUTH {password}\r\nMONITOR\r\n".encode())

    def run(self) -> None:
        with contextlib.suppress(OSError):
            while chunk := self._socket.recv(65536):
                self.heard.write(chunk)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self.join(5)
        self._socket.close()


@pytest.fixture
def locked_redis(redis_url) -> Iterator[str]:
    """The Redis of the tests with a password for the time of one test."""
    word = WORDS["BROKER_URL"]
    with redis_client.Redis.from_url(redis_url) as client:
        client.flushall()
        client.config_set("requirepass", word)
        try:
            yield redis_url.replace("redis://", f"redis://:{word}@")
        finally:
            client.execute_command("AUTH", word)
            client.config_set("requirepass", "")


@pytest.fixture
def installation(web, fakes, locked_redis, postgresql_url, dkim_key, tmp_path) -> Installation:
    def echo(asked: Any) -> bytes:
        """Refuses, and repeats all that it was shown."""
        shown = {**asked.headers, "path": asked.path, "body": asked.body.decode(errors="replace")}
        return fakes.answer_json({"error": shown, "message": str(shown), "detail": str(shown)}, 401)

    class Echo(dict):
        def get(self, *_: Any) -> Any:
            return echo

    web.scripts = Echo()
    mail = Refusing()
    mail.start()
    base = web.url("").rstrip("/")
    words = {name: quote(SIGNED.format(word), safe="") for name, word in WORDS.items()}
    secrets = {
        "DATABASE_URL": postgresql_url.replace("hypewatch@", f"hypewatch:{words['DATABASE_URL']}@"),
        "BROKER_URL": locked_redis,
        "SMTP_URL": f"smtp://me:{words['SMTP_URL']}@127.0.0.1:{mail.port}",
        "HEARTBEAT_URL": f"{base}/ping/{words['HEARTBEAT_URL']}",
        "DKIM_KEY": dkim_key,
    }
    given = {name: SIGNED.format(WORDS[name]) for name in SECRETS if name not in secrets} | secrets
    del given["SENTRY_DSN"]  # its client is not installed in tests
    environment = {f"HYPEWATCH_{name}": value for name, value in given.items()}
    environment |= {
        "HYPEWATCH_HOME": str(tmp_path / "home"),
        "HYPEWATCH_ALLOW_PRIVATE_NETWORKS": web.host,
        "HYPEWATCH_HOST_GAP": "0",
        "HYPEWATCH_SMTP_PLAIN_PASSWORD": "yes",
        "HYPEWATCH_MAIL_FROM": "Hypewatch <hypewatch@example.org>",
        "HYPEWATCH_DKIM_SELECTOR": "test",
        "HYPEWATCH_BLUESKY_HANDLE": "ada.example",
        "HYPEWATCH_MASTODON_SERVERS": base,
        "HYPEWATCH_OIDC_ISSUER": base,
        "HYPEWATCH_OIDC_CLIENT_ID": "us",
        "HYPEWATCH_BASE_URL": "http://watch.example.org",
    }
    for name in SETTINGS:
        if name.endswith("_api_url"):
            environment[f"HYPEWATCH_{name.upper()}"] = base
    ours = Installation(tmp_path, environment)
    ours.mail = mail
    ours.base, ours.key_line = base, dkim_key.splitlines()[8]
    ours.redis_port = urlsplit(locked_redis).port
    yield ours
    ours.close()
    mail.listener.close()


class Installation:
    """Its commands and processes; all that any of them said is in `said`."""

    base: str
    mail: Refusing
    key_line: str
    redis_port: int

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("HYPEWATCH_")}
        self.folder, self.environment = folder, clean | environment
        self.said: dict[str, bytes] = {}
        self.running: list[subprocess.Popen[bytes]] = []

    def run(self, *words: str, stdin: str = "", **more: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", "from monitor.cli import main; main()", *words],
            env=self.environment | more,
            input=stdin.encode(),
            capture_output=True,
            timeout=90,
            check=False,
        )
        self.said[f"{len(self.said)} {' '.join(words)}"] = done.stdout + done.stderr
        return done.stdout.decode()

    def start(self, *words: str, **more: str) -> Path:
        log = self.folder / f"{len(self.running)}-{words[0]}.log"
        with log.open("wb") as out:
            self.running.append(
                subprocess.Popen(
                    [sys.executable, "-c", "from monitor.cli import main; main()", *words],
                    env=self.environment | more,
                    stdout=out,
                    stderr=out,
                    start_new_session=True,
                )
            )
        return log

    def close(self) -> None:
        for process in self.running:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
        for process in self.running:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(10)
        self.running.clear()


def wait_for(holds, what, seconds=60):
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, what()
        time.sleep(0.3)


def fetch(port: int, path: str, data: bytes | None = None, **headers: str) -> tuple[bytes, str]:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}",
        data,
        {"Host": "watch.example.org", **headers},
        method="POST" if data else "GET",
    )

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: Any) -> None:
            return None

    try:
        with urllib.request.build_opener(Stay).open(request, timeout=20) as answer:
            return str(answer.headers).encode() + answer.read(), answer.headers.get("set-cookie", "")
    except urllib.error.HTTPError as error:
        return str(error.headers).encode() + error.read(), error.headers.get("set-cookie", "")


#: Secrets that somebody outside is shown as they are: whoever it is may repeat them in an error, and ours must not.
SHOWN = {
    "X_BEARER_TOKEN",
    "BLUESKY_PASSWORD",
    "MASTODON_TOKEN",
    "OPENALEX_KEY",
    "HEARTBEAT_URL",
    "HOOK_PASSWORD",
    "SMTP_URL",
}
NETWORKS = ("x", "bluesky", "mastodon", "hackernews", "reddit")
WATCHES = ("pubmed", "europepmc", "crossref", "openalex")


def test_no_secret_is_found_where_it_has_no_business(installation, web, tmp_path):
    ours = installation
    listening = Listening(ours.redis_port, WORDS["BROKER_URL"])
    listening.start()
    ours.run("db", "upgrade")
    for network in NETWORKS:
        ours.run("feeds", "add", "'Keio iPS'", "--network", network)
    for watch in WATCHES:
        ours.run("feeds", "add", "keio-ips-sci", "--network", watch)
    ours.run("feeds", "add", f"{ours.base}/feed", "--no-check")
    hook = WORDS["HOOK_PASSWORD"]
    secret = re.search(r"again: (\S+)", ours.run("webhooks", "add", f"{ours.base}/hook/{hook}"))[1]
    ours.said.pop(next(name for name in ours.said if "webhooks add" in name))  # it shows the secret, this once
    ours.run("webhooks", "add", "--kind", "slack", "--url-file", "-", stdin=f"{ours.base}/slack/{hook}")
    ours.run("webhooks", "test", "1")
    ours.run("webhooks", "test", "2")
    ours.run("webhooks", "list", "--format", "json")
    ours.run("subscribers", "add", "reader@example.org", "--study", "keio-ips-sci")
    ours.run("digest", "test", "reader@example.org")
    invited = ours.run("users", "invite", "ada@example.org", "--role", "owner")
    link = re.search(r"http://watch\.example\.org(/sign-in/\S+)", invited)[1]
    ours.said.pop(
        next(name for name in ours.said if "users invite" in name)
    )  # the mail could not go: it shows the link
    token = re.search(r"hw_\S+", ours.run("tokens", "new", "desk", "--scope", "read"))
    ours.said.pop(next(name for name in ours.said if "tokens new" in name))

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    serving = ours.start("serve", "--port", str(port))
    worker, beat = ours.start("worker", "--concurrency", "1"), ours.start("beat", "--every", "1")
    in_json = ours.start("worker", "--concurrency", "1", HYPEWATCH_LOG_FORMAT="json")
    wait_for(lambda: "Hypewatch is at" in serving.read_text(), serving.read_text)
    answers: dict[str, bytes] = {}

    _, cookie = fetch(port, link, b"then=")
    cookie = cookie.partition(";")[0]
    assert cookie, "signed in"
    password = SIGNED.format(WORDS["USER_PASSWORD"])
    own = {"Cookie": cookie, "Origin": "http://watch.example.org"}
    answers["set a password"], _ = fetch(
        port, "/account/password", f"new={quote(password)}{quote(' long')}".encode(), **own
    )
    for tried in (password + " long", password + " wrong"):
        form = f"address=ada%40example.org&password={quote(tried, safe='')}".encode()
        answers[f"sign in {len(answers)}"], _ = fetch(port, "/sign-in", form)
    for path in pages():
        answers[path], _ = fetch(port, path, Cookie=cookie)
    if token:
        for shown in (token[0], token[0] + "x"):
            answers[f"api {len(answers)}"], _ = fetch(port, "/api/v1/mentions", Authorization=f"Bearer {shown}")
    wait_for(lambda: asked_all(ours), lambda: worker.read_text()[-4000:], 90)
    time.sleep(3)  # what the networks said is written
    for path in ("/sources", "/healthz", "/metrics", "/audit", "/webhooks", "/digests", "/"):
        answers[f"{path} again"], _ = fetch(port, path, Cookie=cookie)
    for command in (
        ["doctor"],
        ["doctor", "--format", "json"],
        ["config", "show"],
        ["feeds", "list", "--format", "json"],
    ):
        ours.run(*command)
    ours.run("digest", "status", "--format", "json")
    saved = tmp_path / "saved.db"
    ours.run("db", "backup", str(saved))
    # servers that are away, and one that speaks another language
    for name, value in {
        "DATABASE_URL": f"postgresql://me:{WORDS['DATABASE_URL']}@127.0.0.1:1/x",
        "BROKER_URL": f"redis://:{WORDS['BROKER_URL']}@127.0.0.1:{port}/0",
        "SMTP_URL": f"smtp://me:{WORDS['SMTP_URL']}@127.0.0.1:1",
    }.items():
        for command in (["doctor"], ["feeds", "list"], ["digest", "test", "reader@example.org"]):
            ours.run(*command, **{f"HYPEWATCH_{name}": value})
    ours.run("serve", HYPEWATCH_SENTRY_DSN=f"https://{WORDS['SENTRY_DSN']}@127.0.0.1/1")
    ours.close()
    listening.close()

    places = {**{f"command {name}": said for name, said in ours.said.items()}, **answers}
    places |= {path.name: path.read_bytes() for path in (serving, worker, in_json, beat)}
    places |= {"backup": saved.read_bytes(), "what Redis was told": listening.heard.getvalue()}
    for log in (worker, in_json, beat):
        assert "Traceback" not in log.read_text(), log.read_text()
    assert all('"task"' in line for line in in_json.read_text().splitlines() if "poll_feed" in line)
    assert "poll_feed" in in_json.read_text() + worker.read_text()
    assert len(places["what Redis was told"]) > 10_000
    assert len(places["backup"]) > 100_000
    shown = " ".join(f"{one.path} {one.headers} {one.body!r}" for one in web.asked) + ours.mail.heard
    used = {name for name, word in WORDS.items() if word and any(form.decode() in shown for form in forms(word))}
    assert used >= SHOWN, "else the others saw nothing that they could have repeated"
    looked = {name: word for name, word in WORDS.items() if word} | {
        "DKIM_KEY": ours.key_line,
        "a webhook's secret": secret,
        "a sign-in link": link.rpartition("/")[2],
        "a cookie": cookie.partition("=")[2],
        "a key": token[0] if token else "hw_none",
    }
    found = [
        (name, place, held[max(0, at - 150) : at + 60])
        for name, word in looked.items()
        for form in forms(word)
        for place, held in places.items()
        if (at := held.find(form)) >= 0
    ]
    assert found == []


def pages() -> list[str]:
    """Every page without a number in its address that the route table has."""
    from monitor.web.app import ROUTERS

    paths = {
        route.path for router in ROUTERS for route in router.routes if "GET" in (getattr(route, "methods", None) or ())
    }
    return sorted(path for path in paths if "{" not in path)


def asked_all(ours: Installation) -> bool:
    """Has each source been asked?"""
    rows = json.loads(ours.run("feeds", "list", "--format", "json") or "[]")
    return len(rows) > 8 and not any(row["health"] == "not read yet" for row in rows)
