"""What a container of the image runs, run here as it is there: as a user without rights, on a file system that is read-only but for the
volume and a scratch folder. The image itself is not built in tests.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import yaml

DEPLOY = Path(__file__).parents[2] / "deploy"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
USER = 10001
#: What the container's root is: everything there is, read-only; the installation, the home and the scratch folder where anybody finds them.
ISOLATED = r"""
set -eu
mount -t tmpfs tmpfs /mnt && mkdir /mnt/python /mnt/packages /mnt/tree /mnt/home /mnt/scratch && chmod 755 /mnt
mount --bind "$1" /mnt/python; mount --bind "$2" /mnt/packages; mount --bind "$3" /mnt/tree; mount --bind "$4" /mnt/home
mount -t tmpfs -o mode=1777,size=64m tmpfs /mnt/scratch
awk '$2 !~ "^/(proc|sys|dev)(/|$)" && $2 !~ "^/mnt/(home|scratch)$" {print $2}' /proc/self/mounts | sort -r | while read -r at; do
    mount -o remount,bind,ro "$at" 2>/dev/null || true
done
shift 4
exec setpriv --reuid 10001 --regid 10001 --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all "$@"
"""


def image_environment() -> dict[str, str]:
    """ENV of the last stage, without its PATH."""
    written = DOCKERFILE.rpartition("\nFROM ")[2].replace("\\\n", " ")
    (line,) = re.findall(r"^ENV (.*)$", written, re.MULTILINE)
    return {name: value for name, _, value in (word.partition("=") for word in shlex.split(line)) if name != "PATH"}


class Container:
    """One home, and processes in it."""

    def __init__(self, home: Path, environment: dict[str, str]) -> None:
        self.home, self._environment = home, environment

    def command(self, *words: str) -> list[str]:
        tree = Path(__file__).parents[2]
        python = f"/mnt/python/bin/python{sys.version_info.major}.{sys.version_info.minor}"
        # The script `hypewatch` names the interpreter by its own path; this is what it does.
        program = ["-c", "import sys; from monitor.cli import main; sys.argv[0] = 'hypewatch'; main()"]
        inside = [python, *(program if words[0] == "hypewatch" else []), *words[1:]]
        places = [sys.base_prefix, sysconfig.get_path("purelib"), str(tree), str(self.home)]
        return ["unshare", "--mount", "sh", "-c", ISOLATED, "sh", *places, *inside]

    @property
    def environment(self) -> dict[str, str]:
        given = {
            **image_environment(),
            "HYPEWATCH_HOME": "/mnt/home",
            "TMPDIR": "/mnt/scratch",
            "PYTHONHOME": "/mnt/python",
            "LD_LIBRARY_PATH": "/mnt/python/lib",  # of a Python that was built shared
            "PYTHONPATH": "/mnt/tree:/mnt/packages",
        }
        # As an image has it: no home folder but the volume, nothing of ours.
        return {"PATH": os.environ["PATH"], "HOME": "/mnt/home", **given, **self._environment}

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*words),
            env=self.environment,
            cwd="/",
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    @contextmanager
    def running(self, *words: str):
        """The process while it runs; what it said is in `log`."""
        with tempfile.TemporaryFile() as log:
            process = subprocess.Popen(
                self.command(*words), env=self.environment, cwd="/", stdout=log, stderr=log, start_new_session=True
            )

            def said() -> str:
                log.seek(0)
                return log.read().decode(errors="replace")

            process.said = said
            try:
                yield process
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGTERM)
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait(10)


def wait_for(holds, process, seconds=60):
    deadline = time.monotonic() + seconds
    while not holds():
        assert process.poll() is None, process.said()
        assert time.monotonic() < deadline, process.said()
        time.sleep(0.3)


@pytest.fixture
def volume():
    """A folder as an empty volume of the image is: its user's."""
    folder = Path(tempfile.mkdtemp(prefix="hypewatch-volume-"))
    os.chown(folder, USER, USER)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def container(volume, redis_url, free):
    if os.geteuid() != 0 or not all(map(shutil.which, ("unshare", "setpriv"))):
        pytest.skip("a read-only root and another user take root, unshare and setpriv")
    if subprocess.run(["unshare", "--mount", "true"], check=False, capture_output=True).returncode != 0:
        pytest.skip("this machine lets nobody make a mount namespace")
    return Container(volume, {"HYPEWATCH_BROKER_URL": redis_url, "HYPEWATCH_PORT": str(free)})


@pytest.fixture
def free():
    import socket

    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def compose_commands() -> dict[str, list[str]]:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]
    return {name: service["command"] for name, service in services.items() if service["image"] == "hypewatch"}


def health_check(port: int) -> list[str]:
    """The image's own, asked of another port."""
    (words,) = re.findall(r"HEALTHCHECK [^[]*CMD \[(.*)\]", DOCKERFILE.replace("\\\n", " "))
    return [word.replace("8080", str(port)) for word in yaml.safe_load(f"[{words}]")]


def test_nothing_but_the_volume_and_scratch_can_be_written(container):
    """The test's own frame: were it loose, the others would prove nothing."""
    script = (
        "import os, sys, tempfile\n"
        "print(os.getuid(), os.getgid())\n"
        "for at in ('/', '/etc', '/usr', '/tmp', '/var/tmp', '/mnt/packages', '/mnt/tree', '/mnt/home', '/mnt/scratch'):\n"
        "    try:\n"
        "        open(at + '/written', 'w').close(); print(at)\n"
        "    except OSError: pass\n"
    )
    done = container.run("python", "-c", script)
    assert (done.stdout.split("\n"), done.stderr) == (["10001 10001", "/mnt/home", "/mnt/scratch", ""], "")


def test_every_part_runs_as_nobody_special_on_a_read_only_root(container, free):
    commands = compose_commands()
    done = container.run(*commands.pop("migrate"))
    assert (done.returncode, done.stdout) == (0, "The database is up to date.\n"), done.stderr
    with container.running(*commands.pop("web")) as web:
        wait_for(lambda: "Hypewatch is at" in web.said(), web)
        asked = container.run(*health_check(free))
        assert asked.returncode == 0, (asked.stderr, web.said())
    with container.running("hypewatch", "beat", "--every", "1") as beat:
        commands.pop("beat")
        assert len(commands) == 4, "the workers"
        for command in commands.values():
            with container.running(*command) as worker:
                alive = ["hypewatch", "alive", *command[1:4]]
                wait_for(lambda asked=alive: container.run(*asked).returncode == 0, worker)
                assert "Traceback" not in worker.said(), worker.said()
        wait_for(lambda: container.run("hypewatch", "alive", "beat").returncode == 0, beat)


def test_the_images_own_command_runs_all_of_it(container, free):
    assert re.findall(r"^CMD (.*)$", DOCKERFILE, re.MULTILINE) == ['["hypewatch", "run"]']
    container._environment["HYPEWATCH_BROKER_URL"] = "memory://"
    with container.running("hypewatch", "run") as process:
        wait_for(lambda: "Hypewatch is at" in process.said(), process)
        wait_for(lambda: container.run(*health_check(free)).returncode == 0, process)
    assert (container.home / "hypewatch.db").stat().st_uid == USER
