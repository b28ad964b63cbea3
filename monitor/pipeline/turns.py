"""Work that one process does at a time: the others leave it to whoever has its turn."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitor.ports import Deps

#: Longer than a task may take: a process that ended without a word holds it no longer than so.
LEASE = timedelta(minutes=5)


@contextmanager
def turn(deps: Deps, name: str) -> Iterator[bool]:
    """Is it this caller's turn? It ends with the block. Threads of one process take turns too."""
    owner = f"{deps.owner}/{secrets.token_hex(8)}"
    mine = deps.store.lock(name, owner, deps.clock(), LEASE)
    try:
        yield mine
    finally:
        if mine:
            deps.store.lock(name, owner, deps.clock(), timedelta())  # free for the next
