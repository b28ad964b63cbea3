"""What XML cannot hold. A post, a feed in JSON and a form can bring any character; an XML reader refuses a whole document for one."""

from __future__ import annotations

import re

#: The characters that XML 1.0 allows nowhere, not even escaped (section 2.2, Char): controls, halves of letters, two non-characters.
UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def for_xml(text: str) -> str:
    """The text with a space for each character that XML cannot hold."""
    return UNWRITABLE.sub(" ", text)
