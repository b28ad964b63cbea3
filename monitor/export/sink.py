"""What a file is written into and taken from at once: it cannot go back, as a connection cannot."""

from __future__ import annotations

import io
from typing import Any


class Sink(io.RawIOBase):
    """Holds what was written since `take` was called last; `held` is how many bytes that are."""

    def __init__(self) -> None:
        """Empty."""
        super().__init__()
        self._parts: list[bytes] = []
        self._before = 0
        self.held = 0

    def writable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """How many bytes were written in all."""
        return self._before + self.held

    def write(self, data: Any) -> int:
        """Keep some bytes until they are taken."""
        part = bytes(data)
        self._parts.append(part)
        self.held += len(part)
        return len(part)

    def take(self) -> bytes:
        """What was written since."""
        taken = b"".join(self._parts)
        self._parts.clear()
        self._before += self.held
        self.held = 0
        return taken
