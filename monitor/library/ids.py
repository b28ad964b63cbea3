"""What a rule or a fact sheet may be called: the id is a file's name, a word in searches and a part of addresses."""

from __future__ import annotations

import re

_ID = re.compile(r"[a-z0-9][a-z0-9-]{1,63}")


def id_problem(written: str) -> str | None:
    """Why this cannot be an id, in words that go on behind it; None if it can."""
    if _ID.fullmatch(written):
        return None
    if re.fullmatch(r"[a-z0-9]", written):
        return "is too short for an id: one letter is easily another's, so an id has 2 to 64 characters"
    return (
        "is no id: it names a file and stands in addresses, so it holds only small letters (a-z), digits and hyphens, "
        "2 to 64 of them, and begins with no hyphen"
    )
