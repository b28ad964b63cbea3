"""Work that one process does at a time: the others leave it to whoever has its turn."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from monitor.ports import Deps

#: Longer than a task may take: a process that ended without a word holds it no longer than so.
LEASE = timedelta(minutes=5)


@contextmanager
def held(deps: Deps, name: str, owner: str, lease: timedelta) -> Iterator[Callable[[], bool]]:
    """Hold the lease `name`, renewed by calling what is given, which says whether it is this owner's; free with the end of the block."""

    def renew() -> bool:
        return deps.store.lock(name, owner, deps.clock(), lease)

    renew()
    try:
        yield renew
    finally:
        deps.store.lock(name, owner, deps.clock(), timedelta())  # free for the next; another's stays as it is


@contextmanager
def turn(deps: Deps, name: str) -> Iterator[bool]:
    """Is it this caller's turn? It ends with the block. Threads of one process take turns too."""
    with held(deps, name, f"{deps.owner}/{secrets.token_hex(8)}", LEASE) as renew:
        yield renew()
