"""A question that a fact sheet still asks: one thing that nobody can be sure of by reading a text. Pure data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Asked(StrEnum):
    """The kinds of answers."""

    TEXT = "text"
    CHOICE = "choice"
    YES_NO = "yes-no"
    LIST = "list"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a person is asked, in one sentence, and why. `key` is where in the sheet the answer goes: "classes.treatment".

    `proposal` is what is taken if the person agrees; of a list the items are parted by "; ". "" is none: then an answer has
    to be given. `choices` are the answers of a CHOICE. While a required one is open, the sheet is a draft.
    """

    id: str
    key: str
    asks: str
    why: str
    kind: Asked = Asked.TEXT
    proposal: str = ""
    choices: tuple[str, ...] = ()
    required: bool = True


#: Between the items of an answer to a question for a list, as a proposal shows them. A comma parts them as well.
BETWEEN = "; "
