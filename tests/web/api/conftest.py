"""The API over the small store of the pages' tests, asked as a program asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from monitor.core.people import Scope
from monitor.core.session import Role
from monitor.pipeline.people import make_key
from monitor.web.app import build_app

if TYPE_CHECKING:
    from monitor.service import Service

BASE = "http://127.0.0.1:8080"
#: What keys of each role can have.
SCOPES = {role: [scope for scope in Scope if role.may(scope.role)] for role in Role}


@dataclass
class Program:
    """Asks with a key; paths begin behind /api/v1."""

    client: TestClient
    secret: str = ""

    def __call__(self, method: str, path: str, sent: Any = None, **headers: str) -> Any:
        shown = {"Authorization": f"Bearer {self.secret}"} if self.secret else {}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        whole = path if path.startswith("/api") else f"/api/v1{path}"
        return self.client.request(method, whole, json=sent, headers=shown | named)

    def get(self, path: str, **headers: str) -> Any:
        """The JSON of a page that must be there."""
        answer = self("GET", path, **headers)
        assert answer.status_code == 200, answer.text
        return answer.json()


def made_key(service: Service, role: Role, *scopes: Scope, days: int = 90) -> str:
    """The secret of a key of somebody with this role, made as at their page."""
    store, now = service.store, service.clock()
    person = store.person_of(f"{role}@example.org") or store.add_person(
        f"{role}@example.org", name=role.value.title(), role=role, now=now
    )
    store.begin_session(f"browser of {role}", person_id=person.id, now=now, expires_at=now, browser="")
    chosen = scopes or SCOPES[role]
    _, secret = make_key(service.deps, name="desk", scopes=chosen, days=days, person_id=person.id, role=role, maker="")
    return secret


@pytest.fixture
def client(seeded) -> TestClient:
    return TestClient(build_app(seeded), base_url=BASE, follow_redirects=False, raise_server_exceptions=False)


@pytest.fixture
def owner(seeded, client) -> Program:
    """May everything."""
    return Program(client, made_key(seeded, Role.OWNER))


@pytest.fixture
def editor(seeded, client) -> Program:
    return Program(client, made_key(seeded, Role.EDITOR))


@pytest.fixture
def reader(seeded, client) -> Program:
    return Program(client, made_key(seeded, Role.READER))
