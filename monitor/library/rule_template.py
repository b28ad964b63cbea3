"""What a rule of one's own begins as. What it leaves to be written is refused when it is saved."""

from __future__ import annotations

import json

WHY = "Write here why these words mislead."
CORRECTION = "Write here what could be said instead."
#: Values that a person has still to write.
BLANKS = frozenset({WHY, CORRECTION})
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


def rule_template(rule_id: str, words: str) -> str:
    """YAML of a rule on trial that flags these words."""

    def quoted(text: str) -> str:
        return json.dumps(text, ensure_ascii=False)

    return _TEMPLATE.format(
        id=rule_id,
        words=quoted(words),
        why=WHY,
        correction=CORRECTION,
        first=quoted(f"Experts speak of [{words}]."),
        second=quoted(f"It was [{words}], they said."),
    )
