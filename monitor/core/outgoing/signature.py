"""Signatures of Standard Webhooks (standardwebhooks.com, v1.0.0): who gets a call can see that it is ours, and whole."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING

from monitor.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

PREFIX = "whsec_"
#: The specification asks for 24 to 64 bytes.
SECRET_BYTES = 32


def secret_of(random: bytes) -> str:
    """A secret as both sides write it. `random`: SECRET_BYTES bytes that nobody can guess."""
    return PREFIX + base64.b64encode(random).decode("ascii")


def signed_headers(secret: str, message_id: str, at: datetime, body: bytes) -> Mapping[str, str]:
    """The headers of an attempt at `at` (aware): the id is the same at each attempt, the time is its own.

    Raises UsageError if the secret is none.
    """
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except ValueError:
        raise UsageError("The webhook's secret cannot be read.", "Remove the webhook and add it again.") from None
    seconds = str(int(at.timestamp()))
    told = b".".join((message_id.encode(), seconds.encode(), body))
    signature = base64.b64encode(hmac.new(key, told, hashlib.sha256).digest()).decode("ascii")
    return {"webhook-id": message_id, "webhook-timestamp": seconds, "webhook-signature": f"v1,{signature}"}
