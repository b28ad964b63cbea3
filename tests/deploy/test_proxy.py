"""A real nginx with TLS in front of a real process, by the configuration in `deploy/proxy`: who comes in, as whom, and from where."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from monitor.core.session import TRIES_OF_PLACE
from monitor.settings import PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator

SAMPLE = (Path(__file__).parents[2] / "deploy" / "proxy" / "nginx.conf").read_text(encoding="utf-8")
NAME = "watch.example.org"
#: What nginx does with a request if nobody tells it anything: HTTP/1.0 to the address behind it, under that address's name.
BARE = "server { listen 127.0.0.1:@PORT@; location / { proxy_pass http://127.0.0.1:@BEHIND@; } }"


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@pytest.fixture(scope="session")
def nginx() -> str:
    """The program. Debian keeps it where only root's PATH looks."""
    found = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    if found is None:
        if os.environ.get("HYPEWATCH_TEST_REQUIRE_ALL") == "1":
            pytest.fail("no nginx: `apt install nginx-light`", pytrace=False)
        pytest.skip("no nginx: `apt install nginx-light`")
    return found


@pytest.fixture(scope="session")
def certificate(tmp_path_factory) -> Path:
    """A folder with a certificate for NAME that nobody vouches for."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("certificate")
    (folder / "fullchain.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "privkey.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, *private))
    return folder


@contextmanager
def proxied(nginx: str, folder: Path, server: str) -> Iterator[None]:
    """Nginx with this server in a frame that writes into a folder of ours alone."""
    folder.mkdir()
    scratch = " ".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; master_process off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;\n"
        f"events {{}}\nhttp {{ access_log off; {scratch}\n{server}\n}}\n"
    )
    command = [nginx, "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf")]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 10
        while not all(listens(int(port)) for port in re.findall(r"listen 127\.0\.0\.1:(\d+)", server)):
            assert process.poll() is None, (folder / "error.log").read_text()
            assert time.monotonic() < deadline, (folder / "error.log").read_text()
            time.sleep(0.05)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)


def listens(port: int) -> bool:
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0


class Installation:
    """A home, commands in it, and `serve` as a process."""

    def __init__(self, folder: Path, **settings: str) -> None:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        self.port, self._folder = free_port(), folder
        given = {"HOME": str(folder / "home"), "PORT": str(self.port), **settings}
        self._environment = clean | {f"{PREFIX}{name}": value for name, value in given.items()}

    def run(self, *words: str) -> str:
        command = [sys.executable, "-c", "from monitor.cli import main; main()", *words]
        done = subprocess.run(command, env=self._environment, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def mails(self) -> str:
        return "\n".join(path.read_text() for path in (self._folder / "home" / "outbox").glob("*.eml"))

    @contextmanager
    def serving(self) -> Iterator[None]:
        log = self._folder / "serve.log"
        command = [sys.executable, "-c", "from monitor.cli import main; main()", "serve"]
        with log.open("wb") as out:
            process = subprocess.Popen(command, env=self._environment, stdout=out, stderr=out)
        try:
            deadline = time.monotonic() + 40
            while "Hypewatch is at" not in log.read_text():
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < deadline
                time.sleep(0.1)
            yield
        finally:
            process.terminate()
            process.wait(20)


class Browser:
    """One that speaks TLS with the proxy, keeps its cookie as it was set, and can come from another address of this machine."""

    def __init__(self, port: int, certificate: Path | None, *, name: str = NAME, comes_from: str = "127.0.0.1") -> None:
        self._port, self._name, self._from = port, name, comes_from
        self._tls = ssl.create_default_context(cafile=str(certificate / "fullchain.pem")) if certificate else None
        self.cookie, self.set_cookie = "", ""

    def ask(self, method: str, path: str, form: dict[str, str] | None = None, **headers: str):
        """Status, headers and body."""
        raw = socket.create_connection(("127.0.0.1", self._port), 20, (self._from, 0))
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=20)
        connection.sock = self._tls.wrap_socket(raw, server_hostname=NAME) if self._tls else raw
        sent = {"Host": self._name, **{name.replace("_", "-"): value for name, value in headers.items()}}
        if self.cookie:
            sent["Cookie"] = self.cookie
        if method == "POST":
            sent |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"https://{self._name}"}
        try:
            connection.request(method, path, urlencode(form or {}) if method == "POST" else None, sent)
            answer = connection.getresponse()
            body = answer.read().decode(errors="replace")
        finally:
            connection.close()
        self.set_cookie = answer.getheader("set-cookie") or self.set_cookie
        if answer.getheader("set-cookie"):
            self.cookie = self.set_cookie.partition(";")[0]
        return answer.status, answer.headers, body


@pytest.fixture(scope="module")
def front(nginx, certificate, tmp_path_factory):
    """The sample before an installation that has an owner with a password: `front.browser()` opens one on the proxy."""
    folder = tmp_path_factory.mktemp("front")
    ours = Installation(folder, BASE_URL=f"https://{NAME}")
    plain, tls = free_port(), free_port()
    changed = {
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "listen 443 ssl;": f"listen 127.0.0.1:{tls} ssl;",
        f"/etc/letsencrypt/live/{NAME}": str(certificate),
        "http://127.0.0.1:8080": f"http://127.0.0.1:{ours.port}",
    }
    server = SAMPLE
    for old, new in changed.items():
        assert old in server, old
        server = server.replace(old, new)
    ours.plain, ours.browser = plain, lambda **more: Browser(tls, certificate, **more)
    ours.invite = re.search(
        r"https://\S+/sign-in/\S+", ours.run("users", "invite", "ada@example.org", "--role", "owner")
    )[0]
    with ours.serving(), proxied(nginx, folder / "nginx", server):
        yield ours


def test_one_signs_in_through_the_proxy_with_a_cookie_for_https_alone(front):
    assert front.invite.startswith(f"https://{NAME}/sign-in/")
    browser = front.browser()
    status, headers, _ = browser.ask("GET", "/")
    assert status == 401, "nobody is taken for the owner who sits at this machine"
    assert headers["strict-transport-security"] == "max-age=31536000"
    path = front.invite.removeprefix(f"https://{NAME}")
    assert browser.ask("GET", path)[0] == 200
    assert browser.ask("POST", path)[0] == 303
    kept = {part.strip().lower() for part in browser.set_cookie.split(";")[1:]}
    assert {"secure", "httponly", "samesite=lax"} <= kept
    assert browser.ask("GET", "/")[0] == 200
    other = front.browser()
    assert other.ask("POST", path)[0] == 404, "the link worked once"
    assert other.ask("GET", "/")[0] == 401


def test_another_name_is_none_of_ours_and_http_leads_to_https(front):
    status, _, body = front.browser(name="evil.example").ask("GET", "/readyz")
    assert (status, "This is not an address of Hypewatch" in body) == (421, True)
    plain = Browser(front.plain, None)
    status, headers, _ = plain.ask("GET", "/mentions?q=cure")
    assert (status, headers["location"]) == (301, f"https://{NAME}/mentions?q=cure")


def test_the_place_of_who_tries_is_what_the_proxy_saw_and_not_what_they_write(front):
    """Twenty wrong passwords from one address of this machine, each with another address written into the header."""
    form = {"address": "nobody@example.org", "password": "not the one, surely"}
    said = []
    for number in range(TRIES_OF_PLACE + 1):
        form["address"] = f"nobody{number}@example.org"
        _, _, body = front.browser().ask("POST", "/sign-in", form, X_Forwarded_For=f"198.51.100.{number}")
        said.append("too many tries" in body)
    assert said == [False] * TRIES_OF_PLACE + [True]
    _, _, body = front.browser(comes_from="127.0.0.2").ask("POST", "/sign-in", form)
    assert "too many tries" not in body, "another place may still try"


def test_links_in_mails_are_of_the_public_address(front):
    front.run("subscribers", "add", "reader@example.org", "--study", "keio-ips-sci")
    links = re.findall(r"https?://[^\s<>\"]+", front.mails().replace("=\n", ""))
    assert links
    assert {link.partition("/l/")[0] for link in links if "/l/" in link} == {f"https://{NAME}"}
    assert [link for link in links if link.startswith("http://") and "//www.w3.org/" not in link] == []


@pytest.mark.parametrize(
    "header", ["", f"proxy_set_header Host {NAME};", "proxy_http_version 1.1; proxy_set_header Via x;"]
)
def test_a_proxy_that_keeps_its_default_host_is_never_the_local_mode(nginx, tmp_path, header):
    """Set up for this machine alone, and then somebody puts a proxy before it that says nothing of what it does."""
    ours = Installation(tmp_path)
    port = free_port()
    server = (
        BARE.replace("@PORT@", str(port))
        .replace("@BEHIND@", str(ours.port))
        .replace("proxy_pass", f"{header} proxy_pass")
    )
    with ours.serving(), proxied(nginx, tmp_path / "nginx", server):
        straight = Browser(ours.port, None, name=f"127.0.0.1:{ours.port}")
        assert straight.ask("GET", "/")[0] in {200, 303}, "who sits at the machine comes in"
        for name in (NAME, "localhost", f"127.0.0.1:{port}"):
            status, _, body = Browser(port, None, name=name).ask("GET", "/")
            assert status in {401, 421}, name
            assert "HYPEWATCH_BASE_URL" in body
