"""The manifests for Kubernetes: known fields alone, pods that may nothing, and probes that end nobody for another's fault."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from monitor import __version__
from monitor.cli import COMMANDS
from monitor.cli.run import chosen_queues
from monitor.settings import PREFIX, SECRETS, names
from workers.app import SLOW_HARD_LIMIT_S
from workers.queues import QUEUES

FOLDER = Path(__file__).parents[2] / "deploy" / "kubernetes"
#: The oldest and the newest version whose fields are asked; between them nothing that we use came or went.
VERSIONS = ("1.30", "1.37")


def read(path: Path) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(path.read_text(encoding="utf-8")))


SAMPLE = FOLDER / "secret.yaml.sample"
ALL = [(path.name, each) for path in [*sorted(FOLDER.glob("*.yaml")), SAMPLE] for each in read(path)]
PODS = {each["metadata"]["name"]: each["spec"]["template"] for _, each in ALL if each["kind"] in {"Deployment", "Job"}}
CONTAINERS = {name: pod["spec"]["containers"][0] for name, pod in PODS.items()}


def of_kind(kind: str) -> dict[str, dict[str, Any]]:
    return {each["metadata"]["name"]: each for _, each in ALL if each["kind"] == kind}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("file", "manifest"), ALL, ids=[f"{file}-{each['metadata']['name']}" for file, each in ALL])
def test_a_manifest_has_known_fields_alone(file, manifest, version):
    assert kubernetes_validate.validate(manifest, version, strict=True) == version
    assert "namespace" not in manifest["metadata"], "it goes into whichever namespace one is in"


def test_the_check_finds_a_field_that_there_is_not():
    (manifest,) = read(FOLDER / "beat.yaml")
    manifest["spec"]["template"]["spec"]["containers"][0]["livenessprobe"] = {}
    with pytest.raises(kubernetes_validate.ValidationError, match="livenessprobe"):
        kubernetes_validate.validate(manifest, VERSIONS[0], strict=True)


@pytest.mark.parametrize("name", PODS)
def test_a_pod_fits_the_restricted_profile(name):
    """Pod Security Standards, "restricted", and a root that nobody writes on."""
    spec, container = PODS[name]["spec"], CONTAINERS[name]
    assert spec["securityContext"] == {
        "runAsNonRoot": True,
        "runAsUser": 10001,
        "runAsGroup": 10001,
        "fsGroup": 10001,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert len(spec["containers"]) == 1
    assert not {"hostNetwork", "hostPID", "hostIPC", "initContainers"} & set(spec)
    assert [next(iter(set(volume) - {"name"})) for volume in spec["volumes"]] == ["emptyDir", "emptyDir", "secret"]
    assert spec["automountServiceAccountToken"] is False
    assert spec["serviceAccountName"] in of_kind("ServiceAccount")
    assert {"cpu", "memory"} == set(container["resources"]["requests"])
    assert "memory" in container["resources"]["limits"]


@pytest.mark.parametrize("name", PODS)
def test_a_service_does_not_become_a_setting(name):
    """Kubernetes sets HYPEWATCH_WEB_PORT and others for a Service hypewatch-web; a setting that there is not ends every command."""
    assert PODS[name]["spec"]["enableServiceLinks"] is False


def test_every_queue_has_its_pool_and_one_number_scales_them():
    workers = {name: each for name, each in of_kind("Deployment").items() if "worker" in name}
    queues = [CONTAINERS[name]["command"][3] for name in workers]
    assert sorted(queues) == sorted(QUEUES)
    assert all(each["metadata"]["labels"]["hypewatch/pool"] == "worker" for each in workers.values())
    others = {name: each for name, each in of_kind("Deployment").items() if name not in workers}
    assert set(others) == {"hypewatch-web", "hypewatch-beat"}
    assert not any("hypewatch/pool" in each["metadata"]["labels"] for each in others.values())
    for name in workers:
        assert PODS[name]["spec"]["terminationGracePeriodSeconds"] > SLOW_HARD_LIMIT_S


def test_commands_exist_and_the_image_is_this_version():
    for name, container in CONTAINERS.items():
        assert container["command"][0] == "hypewatch", name
        assert container["command"][1] in COMMANDS
        assert container["image"] == f"hypewatch:{__version__}"


def test_a_worker_or_beat_is_asked_for_its_own_sign():
    for name, container in CONTAINERS.items():
        if name in {"hypewatch-web", "hypewatch-migrate"}:
            continue
        asked = container["livenessProbe"]["exec"]["command"]
        assert asked[:2] == ["hypewatch", "alive"]
        # the part, and of a worker its queues, as it was started with
        assert asked[2:] == container["command"][1 : 4 if asked[2] == "worker" else 2]
        if asked[2] == "worker":
            assert chosen_queues(asked[4]) == chosen_queues(container["command"][3])


def test_what_selects_finds_what_there_is():
    labels = [pod["metadata"]["labels"] for pod in PODS.values()]

    def found(selector: dict[str, str]) -> int:
        return sum(selector.items() <= each.items() for each in labels)

    for name, each in of_kind("Deployment").items():
        assert found(each["spec"]["selector"]["matchLabels"]) == 1, name
    for name, each in of_kind("PodDisruptionBudget").items():
        assert found(each["spec"]["selector"]["matchLabels"]) == 1, name
    assert set(of_kind("PodDisruptionBudget")) == set(of_kind("Deployment")) - {"hypewatch-beat"}
    (service,) = of_kind("Service").values()
    assert found(service["spec"]["selector"]) == 1
    backend = of_kind("Ingress")["hypewatch"]["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]
    assert backend == {"name": service["metadata"]["name"], "port": {"name": service["spec"]["ports"][0]["name"]}}
    policies = of_kind("NetworkPolicy")
    assert found(policies["hypewatch"]["spec"]["podSelector"]["matchLabels"]) == len(PODS)
    assert "ingress" not in policies["hypewatch"]["spec"], "nothing comes in, but"
    assert found(policies["hypewatch-web"]["spec"]["podSelector"]["matchLabels"]) == 1


def test_settings_exist_and_secrets_are_files_that_the_secret_has():
    settings = of_kind("ConfigMap")["hypewatch"]["data"]
    files = {name: Path(value) for name, value in settings.items() if name.endswith("_FILE")}
    assert set(settings) - set(files) <= set(names())
    assert {name.removeprefix(PREFIX).removesuffix("_FILE") for name in files} <= set(SECRETS)
    assert not {name.removeprefix(PREFIX) for name in settings} & set(SECRETS), "no secret in a ConfigMap"
    assert {path.name for path in files.values()} == set(read(SAMPLE)[0]["stringData"])
    for name, container in CONTAINERS.items():
        mounted = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
        assert {str(path.parent) for path in files.values()} == {mounted["secrets"]}, name


def test_probes_of_the_pages_are_answered_and_liveness_asks_no_database(postgresql_url, tmp_path, free):
    """Asked of a real process on all addresses, as the kubelet asks; and with another Host it is 421."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    environment |= {name: value for name, value in settings_of_the_map().items() if not name.endswith("_FILE")}
    environment |= {"HYPEWATCH_HOME": str(tmp_path), "HYPEWATCH_PORT": str(free)}
    probes = {name: CONTAINERS["hypewatch-web"][name]["httpGet"] for name in ("readinessProbe", "livenessProbe")}

    def ask(probe: dict[str, Any], host: str | None = None) -> int:
        headers = {each["name"]: each["value"] for each in probe["httpHeaders"]}
        request = urllib.request.Request(
            f"http://127.0.0.1:{free}{probe['path']}", headers={"Host": host} if host else headers
        )
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code

    command = [sys.executable, "-c", "from monitor.cli import main; main()", "serve"]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            command, env=environment | {"HYPEWATCH_DATABASE_URL": postgresql_url}, stdout=log, stderr=log
        )
    try:
        deadline = time.monotonic() + 40
        while b"Hypewatch is at" not in (tmp_path / "log").read_bytes():
            assert time.monotonic() < deadline, (tmp_path / "log").read_text()
            time.sleep(0.2)
        assert {name: ask(probe) for name, probe in probes.items()} == {"readinessProbe": 200, "livenessProbe": 200}
        assert ask(probes["readinessProbe"], "10.1.2.3:8080") == 421, "what the header in the manifest is for"
        forbid_connections(postgresql_url)
        assert {name: ask(probe) for name, probe in probes.items()} == {"readinessProbe": 503, "livenessProbe": 200}
    finally:
        process.kill()
        process.wait(10)


def settings_of_the_map() -> dict[str, str]:
    return dict(of_kind("ConfigMap")["hypewatch"]["data"])


def forbid_connections(url: str) -> None:
    """The database goes away: nobody may connect, and who was is thrown out."""
    import psycopg

    server, _, name = url.rpartition("/")
    with psycopg.connect(f"{server}/postgres", autocommit=True) as conn:
        conn.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        conn.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])


@pytest.fixture
def free() -> int:
    import socket

    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
