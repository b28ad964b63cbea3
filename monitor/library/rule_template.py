"""What a rule of one's own begins as. What it leaves to be written is refused when it is saved."""

from __future__ import annotations

import json
import re

WHY = "Write here why these words mislead."
CORRECTION = "Write here what could be said instead."
#: The phrase that a rule begins with when none is named.
WORDS = "words to flag"
_TEMPLATE = """\
id: {id}
message: "“{{match}}” needs a look."
why: {why}
severity: medium
status: trial
kind: phrase
drift: sensational-language
ignores: [reader]  # flag these words whatever the second reader thinks of the sentence
match:
  any: [{words}]
correction: {correction}
mistaken-when: ""
flags:
  - {first}
  - {second}
passes:
  - "Two of the four patients improved."
"""


_LETTERS = re.compile(r"[^\W_]+")
_WRITE_HERE = "write here"
_FIRST, _SECOND = "Experts speak of [{}].", "It was [{}], they said."
_EXAMPLES = frozenset(" ".join(_LETTERS.findall(text.format(WORDS).casefold())) for text in (_FIRST, _SECOND))


def rule_template(rule_id: str, words: str) -> str:
    """YAML of a rule on trial that flags these words."""

    def quoted(text: str) -> str:
        return json.dumps(text, ensure_ascii=False)

    return _TEMPLATE.format(
        id=rule_id,
        words=quoted(words),
        why=WHY,
        correction=CORRECTION,
        first=quoted(_FIRST.format(words)),
        second=quoted(_SECOND.format(words)),
    )


def blank(key: str, value: str) -> bool:
    """Is this value of a rule still to be written? `key` is the key that it stands under.

    It is if the template left it so, if nobody changed but its case or stops, and if a reason or a correction is empty:
    both are read by people.
    """
    plain = " ".join(_LETTERS.findall(value.casefold()))
    if key in {"why", "correction"}:
        return not plain or plain.startswith(_WRITE_HERE)
    return key in {"any", "flags"} and (plain == WORDS or plain in _EXAMPLES)
