"""The links of a mail that are signed for one person. A mail is rendered once for all who are told the same, with a place where each
link goes; then the places are filled for one person after the other.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from monitor.core.digests.signed_links import LIVES, Action, sign

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Places:
    """`base_url` is where the pages are, `key` signs links. `about` says which mail it is, so that each has marks of its own."""

    base_url: str
    key: str = field(repr=False)
    about: str = ""

    def place(self, action: Action, number: int = 0) -> str:
        """Where a link goes; `number` is that of the flag or mention."""
        return f"{self.base_url}/l/{action.value}/{self.mark}-{number}"

    @property
    def mark(self) -> str:
        """Nobody can say it in a headline, since nobody knows the key: it would become a link of each reader."""
        return hashlib.sha256(f"places|{self.about}|{self.key}".encode()).hexdigest()

    def filler(self, subscription_id: int, mail: int, now: datetime) -> Callable[[str], str]:
        """Fills the places of a text with the links of one person. `mail` is the number of the mail (`mail_number`), `now` when it
        is made.
        """
        made: dict[tuple[str, str], str] = {}

        def link(found: re.Match[str]) -> str:
            known = made.get((found[1], found[2]))
            if known is None:
                known = made[found[1], found[2]] = self._token(
                    Action(found[1]), int(found[2]), subscription_id, mail, now
                )
            return f"/l/{found[1]}/{known}"

        places = re.compile(f"/l/([a-z]+)/{self.mark}-([0-9]+)")
        return lambda text: places.sub(link, text)

    def _token(self, action: Action, number: int, subscription_id: int, mail: int, now: datetime) -> str:
        if action in LIVES:
            # With the time of the mail: a number may be given again when a flag is gone.
            ids = (number, subscription_id, int(now.timestamp()))
            return sign(self.key, action, ids, expires=now + LIVES[action])
        return sign(self.key, action, (subscription_id, mail) if action is Action.ISSUE else (subscription_id,))
