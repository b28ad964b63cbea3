"""Signing in at one's own organisation (OpenID Connect Core 1.0): authorisation code with PKCE (RFC 7636), state and nonce.

Authlib checks the claims and joserfc, on which it stands, the signature; what is asked of the issuer goes through the one door.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

from monitor.core.errors import SettingError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from monitor.core.feed import Fetched
    from monitor.ports import Caller

#: Signatures that are taken: those of key pairs alone. "none", and sums of a secret that both sides know, are not.
_ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
#: How far two clocks may be apart, seconds.
_LEEWAY = 60
_FORM = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}


@dataclass(frozen=True, slots=True)
class Begun:
    """One sign-in that was begun. All of it is made of one secret that the browser keeps; without that no answer fits."""

    secret: str = field(repr=False)

    @property
    def state(self) -> str:
        return self._made("state")

    @property
    def nonce(self) -> str:
        return self._made("nonce")

    @property
    def verifier(self) -> str:
        return self._made("verifier")

    def _made(self, what: str) -> str:
        return hashlib.sha256(f"{what}|{self.secret}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class SingleSignOn:
    """One issuer. `back` is our address that it leads back to. Can be used from many threads."""

    caller: Caller
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    back: str
    clock: Callable[[], datetime]

    def __post_init__(self) -> None:
        """Raises SettingError if the extra is not installed."""
        try:
            import authlib.oidc.core.claims  # noqa: F401
        except ImportError:
            raise SettingError(
                "HYPEWATCH_OIDC_ISSUER is set, but Authlib is not installed.",
                "`pip install 'hypewatch[oidc]'` installs it.",
            ) from None

    @property
    def name(self) -> str:
        """What people call it: its host."""
        return urlsplit(self.issuer).hostname or self.issuer

    def begin(self, begun: Begun) -> str:
        """Where the browser goes. Raises UsageError if the issuer does not answer as one."""
        from authlib.oauth2.rfc7636 import create_s256_code_challenge

        asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.back,
            "scope": "openid email",
            "state": begun.state,
            "nonce": begun.nonce,
            "code_challenge": create_s256_code_challenge(begun.verifier),
            "code_challenge_method": "S256",
        }
        where = self._endpoint("authorization_endpoint")
        return f"{where}{'&' if urlsplit(where).query else '?'}{urlencode(asked)}"

    def finish(self, code: str, begun: Begun) -> str:
        """The mail address of who came back, as the issuer warrants it. Raises UsageError for anything that is not right."""
        sent = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.back,
            "code_verifier": begun.verifier,
        }
        # The two are encoded as a form's fields before they are joined (RFC 6749, 2.3.1).
        pair = f"{quote(self.client_id, safe='')}:{quote(self.client_secret, safe='')}"
        basic = {"authorization": f"Basic {base64.b64encode(pair.encode()).decode('ascii')}"}
        answer = self.caller.request(
            "POST", self._endpoint("token_endpoint"), headers=_FORM | basic, content=urlencode(sent).encode()
        )
        return self._address(self._checked(str(self._object(answer).get("id_token", "")), begun))

    def _checked(self, token: str, begun: Begun) -> Mapping[str, Any]:
        """The claims of an ID token that is the issuer's, for us, of now, and for this sign-in."""
        from authlib.oidc.core.claims import CodeIDToken
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        keys = self._object(self.caller.request("GET", self._endpoint("jwks_uri"), headers={"accept": _FORM["accept"]}))
        try:
            read = jwt.decode(token, KeySet.import_key_set(keys), algorithms=list(_ALGORITHMS))  # type: ignore[arg-type]
            claims = CodeIDToken(
                read.claims,
                read.header,
                {
                    "iss": {"essential": True, "value": self.issuer_as_told()},
                    "aud": {"essential": True, "value": self.client_id},
                },
                {"nonce": begun.nonce, "client_id": self.client_id},
            )
            claims.validate(now=int(self.clock().timestamp()), leeway=_LEEWAY)
        except (JoseError, ValueError, TypeError, KeyError):
            raise self._trouble("its answer cannot be trusted") from None
        return dict(claims)

    def _address(self, claims: Mapping[str, Any]) -> str:
        address = claims.get("email")
        if not isinstance(address, str) or not address or claims.get("email_verified") is not True:
            raise self._trouble("it does not warrant your mail address")
        return address

    def issuer_as_told(self) -> str:
        """The issuer's own spelling of its name, which may end in a slash; anything else than ours is none of ours."""
        return str(self._discovered()["issuer"])

    def _endpoint(self, name: str) -> str:
        where = self._discovered().get(name)
        if not isinstance(where, str) or not where.startswith(("https://", f"{self.issuer}/")):
            raise self._trouble("it does not say where to sign in")
        return where

    def _discovered(self) -> Mapping[str, Any]:
        told = self._object(
            self.caller.request(
                "GET", f"{self.issuer}/.well-known/openid-configuration", headers={"accept": _FORM["accept"]}
            )
        )
        if str(told.get("issuer", "")).rstrip("/") != self.issuer:
            raise self._trouble("it calls itself by another name")
        return told

    def _object(self, answer: Fetched) -> dict[str, Any]:
        try:
            value = json.loads(answer.body) if answer.status == 200 else None
        except ValueError:
            value = None
        if not isinstance(value, dict):
            raise self._trouble("it does not answer as it should")
        return value

    def _trouble(self, why: str) -> UsageError:
        return UsageError(f"Signing in with {self.name} did not work: {why}.", "Try again, or sign in another way.")
