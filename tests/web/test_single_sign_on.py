"""Signing in at one's own organisation, against an issuer that the test plays on loopback."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.testclient import TestClient

from monitor.core.errors import SettingError
from monitor.core.people import PersonState
from monitor.core.session import Role
from monitor.pipeline.people import invite
from monitor.settings import load
from monitor.web.app import build_app

jwt = pytest.importorskip("joserfc.jwt", reason="Authlib is in the extra [oidc]")
pytest.importorskip("authlib.oidc.core.claims", reason="Authlib is in the extra [oidc]")
from joserfc.jwk import OctKey, RSAKey  # noqa: E402

BASE = "https://watch.example.org"
KEY = RSAKey.generate_key(2048, {"kid": "one"})
OTHERS = RSAKey.generate_key(2048, {"kid": "one"})


class Issuer:
    """What it says can be bent: `claims` changes the ID token, `sign` how it is signed, `told` the discovery."""

    def __init__(self, web, clock) -> None:
        self.web, self.clock = web, clock
        self.url = f"http://127.0.0.1:{web.port}"
        self.claims, self.told, self.key, self.header = {}, {}, KEY, {"alg": "RS256", "kid": "one"}
        self.nonce = ""
        web["/.well-known/openid-configuration"] = lambda _: self.json(self.discovery())
        web["/keys"] = lambda _: self.json({"keys": [KEY.as_dict(private=False)]})
        web["/token"] = self.token

    @staticmethod
    def json(value, status=200):
        body = json.dumps(value).encode()
        head = f"HTTP/1.1 {status} x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        return head.encode() + body

    def discovery(self):
        ends = {name: f"{self.url}/{path}" for name, path in PATHS.items()}
        return {"issuer": self.url} | ends | self.told

    def token(self, asked):
        self.sent = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
        self.authorization = asked.headers.get("authorization", "")
        now = int(self.clock().timestamp())
        claims = {
            "iss": self.url,
            "sub": "1",
            "aud": "hypewatch",
            "iat": now,
            "exp": now + 300,
            "nonce": self.nonce,
            "email": "ada@example.org",
            "email_verified": True,
        } | self.claims
        kept = {name: value for name, value in claims.items() if value is not None}
        algorithms = [self.header["alg"]]
        return self.json({"access_token": "x", "id_token": jwt.encode(self.header, kept, self.key, algorithms)})


PATHS = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}


@pytest.fixture
def issuer(web, clock):
    return Issuer(web, clock)


@pytest.fixture
def public(seeded, issuer):
    told = load(
        {
            "HYPEWATCH_OIDC_ISSUER": issuer.url,
            "HYPEWATCH_OIDC_CLIENT_ID": "hypewatch",
            "HYPEWATCH_OIDC_CLIENT_SECRET": "canary-of-the-issuer",
        }
    )
    names = ("oidc_issuer", "oidc_client_id", "oidc_client_secret")
    changed = {"base_url": BASE, "host": "0.0.0.0"} | {name: getattr(told, name) for name in names}
    seeded.settings = replace(seeded.settings, **changed)
    return seeded


@pytest.fixture
def visit(public):
    app = build_app(public)
    return lambda: TestClient(app, base_url=BASE, follow_redirects=False)


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def walk(client, issuer, onward="/mentions"):
    """To the issuer and back; returns where its answer leads, as it was asked."""
    begun = client.get("/sign-in/oidc/begin", params={"next": onward})
    assert begun.status_code == 303
    asked = {name: values[0] for name, values in parse_qs(urlsplit(begun.headers["location"]).query).items()}
    issuer.nonce = asked["nonce"]
    return f"/sign-in/oidc/back?code=c0de&state={asked['state']}", asked


def test_who_was_invited_comes_in_by_their_organisation(visit, public, issuer):
    invite(public.deps, "ada@example.org", role=Role.EDITOR)
    client = visit()
    assert "Sign in with 127.0.0.1" in client.get("/sign-in").text
    back, asked = walk(client, issuer)
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert asked["redirect_uri"] == f"{BASE}/sign-in/oidc/back"
    assert client.get(back).status_code == 200
    assert public.store.person(1).state is PersonState.INVITED, "coming back is no button that was pressed"
    answer = client.post(back)
    assert (answer.status_code, answer.headers["location"]) == (303, "/mentions")
    assert client.get("/subscribers").status_code == 200
    assert public.store.person(1).state is PersonState.ACTIVE
    challenge = base64.urlsafe_b64encode(hashlib.sha256(issuer.sent["code_verifier"].encode()).digest()).rstrip(b"=")
    assert challenge.decode() == asked["code_challenge"]
    assert base64.b64decode(issuer.authorization.split()[1]) == b"hypewatch:canary-of-the-issuer"
    assert client.post(back).status_code == 400, "the browser's half is gone"


def test_who_was_not_invited_or_was_removed_stays_out(visit, public, issuer):
    client = visit()
    back, _ = walk(client, issuer)
    answer = client.post(back)
    assert (answer.status_code, "Nobody was invited here" in answer.text) == (400, True)
    invite(public.deps, "ada@example.org", role=Role.READER)
    public.store.remove_person(1, public.clock())
    back, _ = walk(client, issuer)
    assert client.post(back).status_code == 400
    assert client.get("/").status_code == 401


@pytest.mark.parametrize(
    "claims",
    [
        {"email_verified": None},
        {"email_verified": False},
        {"email_verified": "true"},
        {"email": None},
        {"email": ["ada@example.org"]},
        {"email": "ada@example.org, bob@example.org"},
        {"aud": "another"},
        {"aud": ["another"]},
        {"aud": ["hypewatch", "another"], "azp": "another"},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"exp": 1},
        {"exp": None},
        {"iat": None},
        {"nonce": "of-another-sign-in"},
        {"nonce": None},
    ],
)
def test_a_token_that_is_not_for_us_now_and_this_lets_nobody_in(visit, public, issuer, claims):
    invite(public.deps, "ada@example.org", role=Role.OWNER)
    client = visit()
    back, _ = walk(client, issuer)
    issuer.claims = claims
    assert client.post(back).status_code == 400
    assert client.get("/").status_code == 401
    assert public.store.sessions(public.clock())[0].opened_at is None


def test_a_signature_that_is_not_the_issuers_lets_nobody_in(visit, public, issuer):
    invite(public.deps, "ada@example.org", role=Role.OWNER)
    for key, header in (
        (OTHERS, {"alg": "RS256", "kid": "one"}),
        (OctKey.import_key("canary-of-the-issuer"), {"alg": "HS256", "kid": "one"}),
    ):
        client = visit()
        back, _ = walk(client, issuer)
        issuer.key, issuer.header = key, header
        answer = client.post(back)
        assert (answer.status_code, "cannot be trusted" in answer.text) == (400, True), header
    now = int(public.clock().timestamp())
    claims = {"iss": issuer.url, "sub": "1", "aud": "hypewatch", "iat": now, "exp": now + 300}
    for algorithm, secret in (
        ("none", None),
        ("HS256", KEY.as_pem(private=False)),
    ):  # the public key, taken for a secret
        back, _ = walk(client, issuer)
        body = claims | {"nonce": issuer.nonce, "email": "ada@example.org", "email_verified": True}
        signed = ".".join(encoded(json.dumps(part).encode()) for part in ({"alg": algorithm, "kid": "one"}, body))
        seal = encoded(hmac.digest(secret, signed.encode(), "sha256")) if secret else ""
        issuer.web["/token"] = issuer.json({"id_token": f"{signed}.{seal}"})
        assert client.post(back).status_code == 400, algorithm
    assert client.get("/").status_code == 401


def test_an_answer_to_what_another_browser_began_is_refused(visit, public, issuer):
    """Else somebody could sign others in as themselves, or use a code that they saw."""
    invite(public.deps, "ada@example.org", role=Role.OWNER)
    ours, other = visit(), visit()
    back, _ = walk(ours, issuer)
    assert [other.get(back).status_code, other.post(back).status_code] == [400, 400]
    walk(other, issuer)
    assert other.post(back).status_code == 400
    for wrong in ("/sign-in/oidc/back", back.replace("state=", "state=x"), back.replace("code=c0de", "code=")):
        assert [ours.get(wrong).status_code, ours.post(wrong).status_code] == [400, 400], wrong
    assert ours.post(back, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


@pytest.mark.parametrize("onward", ["https://evil.example/", "//evil.example", "/x\r\nSet-Cookie: a=b"])
def test_it_never_leads_elsewhere(visit, public, issuer, onward):
    invite(public.deps, "ada@example.org", role=Role.OWNER)
    client = visit()
    back, _ = walk(client, issuer, onward)
    assert client.post(back).headers["location"] == "/"


def test_an_issuer_that_answers_wrongly_is_told_in_words(visit, public, issuer, caplog):
    for told in (
        {"issuer": "https://evil.example"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"token_endpoint": 1},
    ):
        issuer.told = told
        client = visit()
        answer = client.get("/sign-in/oidc/begin")
        if answer.status_code == 303:
            answer = client.post(
                f"/sign-in/oidc/back?code=c&state={parse_qs(urlsplit(answer.headers['location']).query)['state'][0]}"
            )
        assert (answer.status_code, "did not work" in answer.text) == (400, True), told
        assert "canary-of-the-issuer" not in answer.text + caplog.text
    issuer.told = {}
    issuer.web["/.well-known/openid-configuration"] = b"HTTP/1.1 500 x\r\nContent-Length: 0\r\n\r\n"
    assert "does not answer as it should" in visit().get("/sign-in/oidc/begin").text


def test_without_it_there_is_no_such_page_and_half_of_it_is_an_error(seeded):
    client = TestClient(build_app(seeded), base_url="http://127.0.0.1:8080", follow_redirects=False)
    for path in ("/sign-in/oidc/begin", "/sign-in/oidc/back?code=x&state=y"):
        assert client.get(path).status_code == 404
    seeded.__dict__.pop("single_sign_on", None)
    seeded.settings = replace(seeded.settings, oidc_issuer="https://login.example.org")
    with pytest.raises(SettingError, match="all three"):
        _ = seeded.single_sign_on
    with pytest.raises(SettingError, match="https"):
        load({"HYPEWATCH_OIDC_ISSUER": "http://login.example.org"})
