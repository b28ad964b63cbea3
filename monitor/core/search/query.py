"""The query language, the same in page, API and command. Parsing is pure; storage turns a Query into SQL.

    iPS cure             both words           "walking again"      these words, in this order
    cure OR 治療          either               cure NEAR patient    at most ten words apart (NEAR/3: three)
    -miracle             not this             walk*                words that begin so
    NOT miracle          not this             cure AND patient     both, as without it
    source:example.org   a field              (a OR b) c           brackets group

Words bind more tightly than OR. An unclosed quote or bracket closes at the end, and an operator with nothing beside it
is left out: a person who is still typing gets no error. What is an error is a field that does not exist, a value
that a field cannot have, and a search of signs alone; each says what would be right. Only an empty search finds everything.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

from monitor.core.errors import QueryError
from monitor.core.judgement import Drift, Severity, Tier
from monitor.core.model import Network

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: Terms in one query; more is a text that was pasted, and databases bound the depth of what they are asked.
TERMS_MAX = 100
#: Characters in one query: more than a hundred terms, and what is read of a hostile one stays small.
CHARACTERS_MAX = 4_000
#: Characters of a search that a sentence about it shows.
SHOWN_MAX = 40
#: Brackets within brackets.
DEPTH_MAX = 20
#: Words between the two sides of NEAR, unless NEAR/n says otherwise (after FTS5's default).
NEAR_DEFAULT = 10
NEAR_MAX = 50


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it was typed (`iPS-cell`, `#MedicalMiracle`); with `prefix`, any word that begins so."""

    text: str
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that follow each other."""

    text: str


@dataclass(frozen=True, slots=True)
class Near:
    """Two words or phrases with at most `distance` words between them, in any order."""

    left: Word | Phrase
    right: Word | Phrase
    distance: int = NEAR_DEFAULT


@dataclass(frozen=True, slots=True)
class Field:
    """`name:value`. Values of network, lang, drift, severity, flagged and reviewed are in lower case; story's is digits."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Since:
    """Published at this moment (UTC) or later."""

    moment: datetime


@dataclass(frozen=True, slots=True)
class Until:
    """Published before this moment (UTC). `until:2025-03-24` includes that day: its moment is the next midnight."""

    moment: datetime


@dataclass(frozen=True, slots=True)
class Read:
    """First read here at this moment (UTC) or later, whenever it was published."""

    moment: datetime


@dataclass(frozen=True, slots=True)
class Not:
    node: Node


@dataclass(frozen=True, slots=True)
class And:
    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    nodes: tuple[Node, ...]


Node: TypeAlias = Word | Phrase | Near | Field | Since | Until | Read | Not | And | Or


@dataclass(frozen=True, slots=True)
class Query:
    """A search that was understood. `root` None finds everything; `text` is what was typed, for titles of exports."""

    text: str = ""
    root: Node | None = None


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # word | phrase | field | near | or | minus | open | close
    text: str = ""
    value: str = ""


#: In order: a bracket; a field with a quoted value; a quoted phrase; anything else up to a space, quote or bracket.
#: Curly and Japanese quotation marks are what phones and input methods type. A minus counts only before a term.
_TOKEN = re.compile(
    r"""(?:
      (?P<open>[(（]) | (?P<close>[)）])
    | (?P<minus>[-−－]+)(?=[^\s)）])
    | (?P<name>[A-Za-z]+):["“„「](?P<quoted>[^"”“」]*)["”“」]?
    | ["“„「](?P<phrase>[^"”“」]*)["”“」]?
    | (?P<word>[^\s"“”„「」()（）]+(?:\([^\s()"]*\)[^\s()"]*)*)
    | (?P<other>\S) | (?P<space>\s+)
    )""",
    re.VERBOSE,
)
_FIELD = re.compile(r"([A-Za-z]+):(?!//)(.+)", re.DOTALL)
_NEAR = re.compile(r"NEAR(?:/([0-9]{1,4}))?")
_AGO = re.compile(r"([0-9]{1,6})(h|d|w)")
_AGO_UNIT = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def parse_query(text: str, now: datetime) -> Query:
    """Read a search as a person types it. `now` (aware) is what `since:7d` counts back from.

    Raises QueryError, and nothing else, with a sentence that says what would be right.
    """
    if len(text) > CHARACTERS_MAX:
        raise QueryError(
            f"A search may have at most {CHARACTERS_MAX:,} characters; this one has {len(text):,}.",
            "Leave some out, or search for a phrase of it.",
        )
    tokens = _tokens(text)
    if sum(token.kind in {"word", "phrase", "field"} for token in tokens) > TERMS_MAX:
        raise QueryError(
            f"A search may have at most {TERMS_MAX} words and fields.", "Leave some out, or search for a phrase of it."
        )
    root = _Parser(tokens, now).whole()
    if root is None and text.strip():  # it must not find everything, least of all for an export
        place = len(text) - len(text.lstrip()) + 1
        shown = text.strip() if len(text.strip()) <= SHOWN_MAX else f"{text.strip()[:SHOWN_MAX]}…"
        raise QueryError(
            f"There is no word to search for: {shown!r} at character {place} is only brackets, quotes and operators.",
            "Write a word beside them; an empty search shows everything.",
        )
    return Query(text=text.strip(), root=root)


def _tokens(text: str) -> list[_Token]:
    found = []
    for match in _TOKEN.finditer(text):
        if match["open"]:
            found.append(_Token("open"))
        elif match["close"]:
            found.append(_Token("close"))
        elif match["minus"]:
            found.append(_Token("minus"))
        elif match["name"]:
            found.append(_Token("field", match["name"].lower(), match["quoted"].strip()))
        elif match["phrase"] is not None:
            found.append(_Token("phrase", match["phrase"]))
        elif match["word"]:
            found.append(_word(match["word"]))
    return [token for token in found if token.kind not in {"phrase", "word"} or token.text.strip()]


def _word(word: str) -> _Token:
    if word in {"OR", "|", "||"}:
        return _Token("or")
    if word == "NOT":
        return _Token("minus")
    if word in {"AND", "&", "&&"}:
        return _Token("word")  # words are joined by "and" anyway; an empty word is left out
    near = _NEAR.fullmatch(word)
    if near:
        return _Token("near", value=near[1] or "")
    parts = _FIELD.fullmatch(word)
    if parts:
        return _Token("field", parts[1].lower(), parts[2])
    return _Token("word", word)


class _Parser:
    """Recursive descent: whole -> either (OR either)*, either -> term+, term -> - term | ( whole ) | word [NEAR word]."""

    def __init__(self, tokens: list[_Token], now: datetime) -> None:
        self._tokens = tokens
        self._at = 0
        self._now = now

    def whole(self) -> Node | None:
        nodes = []
        while self._at < len(self._tokens):
            node = self._either(0)
            if node is not None:
                nodes.append(node)
            self._skip("close")  # one that was never opened
        return _joined(And, nodes)

    def _either(self, depth: int) -> Node | None:
        if depth > DEPTH_MAX:
            raise QueryError(f"Brackets may be nested at most {DEPTH_MAX} deep.", "Take some of them out.")
        sides = []
        while True:
            node = self._all(depth)
            if node is not None:
                sides.append(node)
            if not self._skip("or"):
                return _joined(Or, sides)

    def _all(self, depth: int) -> Node | None:
        nodes = []
        while self._at < len(self._tokens) and self._tokens[self._at].kind not in {"or", "close"}:
            node = self._term(depth)
            if node is not None:
                nodes.append(node)
        return _joined(And, nodes)

    def _term(self, depth: int) -> Node | None:
        negative = False
        while self._skip("minus"):
            negative = True
        if self._at >= len(self._tokens):
            return None
        token = self._tokens[self._at]
        if token.kind in {"or", "close"}:
            return None
        self._at += 1
        if token.kind == "open":
            node = self._either(depth + 1)
            self._skip("close")
        elif token.kind == "field":
            node = _field(token.text, token.value, self._now)
        elif token.kind == "near":
            node = None  # nothing stands before it
        else:
            node = self._maybe_near(_leaf(token))
        return Not(node) if negative and node is not None else node

    def _maybe_near(self, left: Word | Phrase) -> Node:
        """`left`, or `left NEAR right [NEAR right ...]`: each pair must be near."""
        pairs: list[Node] = []
        while self._at + 1 < len(self._tokens) and self._tokens[self._at].kind == "near":
            following = self._tokens[self._at + 1]
            if following.kind not in {"word", "phrase"}:
                break
            given = self._tokens[self._at].value
            right = _leaf(following)
            pairs.append(Near(left, right, min(int(given), NEAR_MAX) if given else NEAR_DEFAULT))
            left = right
            self._at += 2
        return _joined(And, pairs) or left

    def _skip(self, kind: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at].kind == kind:
            self._at += 1
            return True
        return False


def _leaf(token: _Token) -> Word | Phrase:
    if token.kind == "phrase":
        return Phrase(token.text.strip())
    bare = token.text.rstrip("*")
    return Word(bare, prefix=True) if bare and bare != token.text else Word(token.text)


def _joined(kind: type[And | Or], nodes: list[Node]) -> Node | None:
    if len(nodes) < 2:
        return nodes[0] if nodes else None
    return kind(tuple(nodes))


# --- fields ----------------------------------------------------------------------------------------------------------


def _field(name: str, value: str, now: datetime) -> Node:
    if name not in FIELDS:
        near = difflib.get_close_matches(name, FIELDS, n=1)
        meant = f"Did you mean {near[0]}:? " if near else ""
        raise QueryError(
            f"There is no field {name}: to search in.",
            f'{meant}There are: {", ".join(sorted(FIELDS))}. To search for the words, write them in quotes: "{name} ...".',
        )
    return FIELDS[name].read(name, value, now)


def _free(name: str, value: str, _now: datetime) -> Node:
    return Field(name, value)


def _folded(name: str, value: str, _now: datetime) -> Node:
    return Field(name, value.lower())


def _number(name: str, value: str, _now: datetime) -> Node:
    # 18 digits always fit a 64-bit column.
    if not (value.isascii() and value.isdigit() and len(value) <= 18):
        raise QueryError(f"{name}:{value} is no number.", f"Write it as {name}:12.")
    return Field(name, value)


def _one_of(*allowed: str) -> Callable[[str, str, datetime], Node]:
    def read(name: str, value: str, _now: datetime) -> Node:
        # The pages print "overstated outcome" where the value is overstated-outcome: what is printed can be typed.
        folded = "-".join(value.lower().split())
        if folded not in allowed:
            near = difflib.get_close_matches(folded, allowed, n=1)
            meant = f"Did you mean {name}:{near[0]}? " if near else ""
            raise QueryError(f"{name}:{value} is not known.", f"{meant}There are: {', '.join(allowed)}.")
        return Field(name, folded)

    return read


def _since(name: str, value: str, now: datetime) -> Node:
    return Since(read_moment(name, value, now, day_ends=False))


def _until(name: str, value: str, now: datetime) -> Node:
    return Until(read_moment(name, value, now, day_ends=True))


def _read(name: str, value: str, now: datetime) -> Node:
    return Read(read_moment(name, value, now, day_ends=False))


def read_moment(name: str, value: str, now: datetime, *, day_ends: bool) -> datetime:
    """A moment in UTC from `7d`, `24h`, `2w`, a UTC day, or an ISO time; with `day_ends` a day means its end."""
    try:
        ago = _AGO.fullmatch(value)
        if ago:
            return now.astimezone(UTC) - int(ago[1]) * _AGO_UNIT[ago[2]]
        if _DAY.fullmatch(value):
            return datetime.fromisoformat(value).replace(tzinfo=UTC) + timedelta(days=int(day_ends))
        moment = datetime.fromisoformat(value)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise QueryError(
            f"{name}:{value} is no time.", f"Write {name}:7d, {name}:24h, or a day: {name}:2025-03-24."
        ) from None


@dataclass(frozen=True, slots=True)
class FieldHelp:
    """How a field's value is read, and what it finds, as the help page tells it."""

    read: Callable[[str, str, datetime], Node] = field(repr=False)
    finds: str


FIELDS: Mapping[str, FieldHelp] = {
    "source": FieldHelp(_folded, "an outlet by its domain or name, an account by its handle"),
    "network": FieldHelp(_one_of(*(network.value for network in Network)), "where it was said"),
    "lang": FieldHelp(_folded, "language (en, ja, zh ...)"),
    "drift": FieldHelp(_one_of(*(drift.value for drift in Drift)), "mentions with a standing flag of this drift type"),
    "rule": FieldHelp(_folded, "mentions with a standing flag of this rule"),
    "severity": FieldHelp(
        _one_of(*(severity.value for severity in Severity)), "mentions with a standing flag this severe"
    ),
    "flagged": FieldHelp(_one_of("yes", "no"), "whether a flag that is drift stands"),
    "reviewed": FieldHelp(_one_of("yes", "no"), "whether somebody reviewed one of its flags"),
    "tier": FieldHelp(
        _one_of(*(tier.value for tier in Tier)),
        "mentions with a standing flag so sure: confirmed is mailed, drift is shown, look-here is worth a look",
    ),
    "story": FieldHelp(_number, "the mentions of one story, by its number"),
    "study": FieldHelp(_folded, "the mentions of one study, by its id"),
    "author": FieldHelp(_free, "a part of the author's name or handle"),
    "title": FieldHelp(_free, "words of the headline"),
    "since": FieldHelp(_since, "published then or later (7d, 24h, 2025-03-24)"),
    "read": FieldHelp(_read, "first read here then or later, whenever it was published (24h, 7d, 2025-03-24)"),
    "until": FieldHelp(_until, "published before then; a day is included"),
}
