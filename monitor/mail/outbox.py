"""The outbox: every mail becomes an .eml file that any mail program opens. The default, and the tests' mailbox."""

from __future__ import annotations

import hashlib
import os
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

from monitor.core.errors import MailTemporaryError

if TYPE_CHECKING:
    from pathlib import Path


class Outbox:
    """Writes each message once, named by its Message-ID, so that handing the same bytes over again adds nothing."""

    def __init__(self, folder: Path) -> None:
        """`folder` is made when the first mail comes."""
        self.folder = folder

    def path_of(self, message_id: str, recipient: str) -> Path:
        """Where the message with this Message-ID is or will be."""
        key = hashlib.sha256(message_id.encode()).hexdigest()[:12]
        return self.folder / f"{recipient.replace('/', '_')}-{key}.eml"

    def send(self, *, mime: bytes, sender: str, recipient: str) -> str:
        """Store the message; returns where. `sender` and `recipient` are in its headers already."""
        del sender
        head = message_from_bytes(mime, policy=policy.SMTP)
        path = self.path_of(str(head["Message-ID"]), recipient)
        partial = path.with_suffix(f".{os.getpid()}.part")
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Who gets mail, and what, is nobody else's business on this machine.
            with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(mime)
            partial.replace(path)  # whole or not at all
        except OSError as error:
            raise MailTemporaryError(
                f"The outbox {self.folder} cannot be written ({error.strerror}).",
                "Check its permissions and free space.",
            ) from None
        return f"It was written to {path}."

    def forget(self, message_id: str, recipient: str) -> bool:
        """Take a message away; False if it is not there. Raises MailTemporaryError if it cannot be taken away."""
        path = self.path_of(message_id, recipient)
        try:
            path.unlink()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise MailTemporaryError(f"{path} cannot be removed ({error.strerror}).", "Remove it by hand.") from None
        return True
