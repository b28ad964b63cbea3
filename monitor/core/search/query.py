"""Reading the query language, the same in page, API and command. Pure; storage turns a Query into SQL.

    iPS cure             both words           "walking again"      these words, in this order
    cure OR 治療          either               cure NEAR patient    at most ten words apart (NEAR/3: three)
    -miracle             not this             walk*                words that begin so
    NOT miracle          not this             cure AND patient     both, as without it
    source:example.org   a field              (a OR b) c           brackets group
    title:(a OR b)       a field of each      patient~             patients too: other English forms

NOT binds most tightly, then NEAR, then AND (written or not), then OR. Where that could surprise, a remark says how a search was
read. What means nothing - a quote or bracket that is not closed, an operator with nothing beside it, a field that does not
exist, a value that a field cannot have - is an error with its place and what would be right. Only an empty search finds all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NoReturn

from monitor.core.errors import QueryError
from monitor.core.search.fields import FIELDS, read_field
from monitor.core.search.nodes import (
    CLOSING_MARKS,
    NEAR_DEFAULT,
    NEAR_MAX,
    OPENING_MARKS,
    And,
    Field,
    Near,
    Not,
    Or,
    Phrase,
    Query,
    Word,
    joined,
    unescaped,
    written,
)
from monitor.core.search.tokens import wanted

if TYPE_CHECKING:
    from datetime import datetime

    from monitor.core.search.nodes import Node

#: Terms in one query; more is a text that was pasted, and databases bound the depth of what they are asked.
TERMS_MAX = 100
#: Characters in one query: more than a hundred terms, and what is read of a hostile one stays small.
CHARACTERS_MAX = 4_000
#: Characters of a search that a sentence about it shows.
SHOWN_MAX = 40
#: Brackets within brackets.
DEPTH_MAX = 20


@dataclass(frozen=True, slots=True)
class _Token:
    """A piece of what was typed, with its place. `text` of a field is its name, of an operator how it was written."""

    kind: str  # word | phrase | field | group (a field before a bracket) | near | and | or | not | open | close
    start: int
    end: int
    text: str = ""
    value: str = ""


#: In order: an operator before a bracket; a bracket; a minus; a field before a bracket or a quote; a quoted phrase; anything
#: else up to a space, quote or bracket. Curly, German, French and Japanese quotation marks are what phones and input methods
#: type. A minus counts only before a term.
_INSIDE = rf"(?:\\[\s\S]|[^{CLOSING_MARKS}\\])*"
_TOKEN = re.compile(
    rf"""(?:
      (?P<operator>AND|OR|NOT|NEAR(?:/[0-9]{{1,4}})?)(?=[(（])
    | (?P<open>[(（]) | (?P<close>[)）])
    | (?P<minus>[-−－]+)(?=[^\s)）])
    | (?P<name>[A-Za-z]+):(?:(?=[(（])|[{OPENING_MARKS}](?P<quoted>{_INSIDE})(?P<ends>[{CLOSING_MARKS}])?)
    | [{OPENING_MARKS}](?P<phrase>{_INSIDE})(?P<closes>[{CLOSING_MARKS}])?
    | (?P<stray>[{CLOSING_MARKS}])
    | (?P<word>[^\s{OPENING_MARKS}{CLOSING_MARKS}()（）]+(?:\([^\s()"]*\)[^\s()"]*)*)
    | (?P<space>\s+)
    )""",
    re.VERBOSE,
)
_FIELD = re.compile(r"([A-Za-z]+):(?!//)(.+)", re.DOTALL)
_FIELD_ALONE = re.compile(r"([A-Za-z]+):")
_NEAR = re.compile(r"NEAR(?:/([0-9]{1,4}))?")
_OPERATORS = {"OR": "or", "|": "or", "||": "or", "AND": "and", "&": "and", "&&": "and", "NOT": "not"}
#: Operators in small letters are words; a remark says so.
_SMALL = {"and": "AND", "or": "OR", "not": "NOT"}


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
    parser = _Parser(text, tokens, now)
    root = parser.whole()
    return Query(text=text.strip(), root=root, remarks=tuple(_remarks(tokens, root, mixed=parser.mixed)))


def _remarks(tokens: list[_Token], root: Node | None, *, mixed: bool) -> list[str]:
    remarks = []
    if mixed and root is not None:
        remarks.append(f"Read as: {written(root)}. Brackets change that.")
    inner = tokens[1:-1]
    small = dict.fromkeys(token.text for token in inner if token.kind == "word" and token.text in _SMALL)
    remarks += [f'"{word}" was looked for as a word; {_SMALL[word]} in capitals joins words.' for word in small]
    signs = dict.fromkeys(
        token.text for token in tokens if token.kind in {"word", "phrase"} and wanted(token.text) is None
    )
    remarks += [f'"{text}" holds no letter and no digit, and was left out.' for text in signs]
    return remarks


def _tokens(text: str) -> list[_Token]:
    return [_token(text, match) for match in _TOKEN.finditer(text) if match["space"] is None]


def _token(text: str, match: re.Match[str]) -> _Token:
    start, end = match.span()
    if match["operator"]:
        return _word(text, match["operator"], start, end)
    for kind, means in (("open", "open"), ("close", "close"), ("minus", "not")):
        if match[kind]:
            return _Token(means, start, end, match[kind])
    if match["stray"]:
        _refuse(
            text,
            start,
            end,
            f"The quotation mark {match['stray']} at {{place}} closes none.",
            "Take it out, or write one where the phrase begins.",
        )
    if match["name"]:
        if match["quoted"] is None:
            return _Token("group", start, end, match["name"].lower())
        if not match["ends"]:
            _unclosed(text, start + len(match["name"]) + 1, end, match["quoted"], before=f"{match['name']}:")
        return _Token("field", start, end, match["name"].lower(), unescaped(match["quoted"]).strip())
    if match["phrase"] is not None:
        if not match["closes"]:
            _unclosed(text, start, end, match["phrase"])
        # Quotes around nothing but signs ask for nothing, as signs alone do.
        return (
            _Token("phrase", start, end, unescaped(match["phrase"]))
            if match["phrase"].strip()
            else _empty(text, start, end)
        )
    return _word(text, match["word"], start, end)


def _empty(text: str, start: int, end: int) -> NoReturn:
    _refuse(
        text,
        start,
        end,
        "There is nothing between the quotation marks at {place}.",
        "Write a word between them, or take them out.",
    )


def _unclosed(text: str, start: int, end: int, phrase: str, before: str = "") -> NoReturn:
    words = " ".join(phrase.split())
    shown = words if len(words) <= SHOWN_MAX else f"{words[:SHOWN_MAX]}…"
    _refuse(
        text,
        start,
        end,
        "The quotation mark at {place} is not closed.",
        f'Write {before}"{shown}", with one at its end.',
    )


def _word(text: str, word: str, start: int, end: int) -> _Token:
    if word in _OPERATORS:
        return _Token(_OPERATORS[word], start, end, word)
    near = _NEAR.fullmatch(word)
    if near:
        if near[1] and int(near[1]) > NEAR_MAX:
            _refuse(text, start, end, f"{word} at {{place}} is too far.", f"At most {NEAR_MAX} words: NEAR/{NEAR_MAX}.")
        return _Token("near", start, end, word, near[1] or "")
    parts = _FIELD.fullmatch(word)
    if parts:
        return _Token("field", start, end, parts[1].lower(), parts[2])
    alone = _FIELD_ALONE.fullmatch(word)
    if alone and alone[1].lower() in FIELDS:
        _refuse(
            text,
            start,
            end,
            f"{word} at {{place}} has no value.",
            f"Write the value behind it without a space, such as {word}value.",
        )
    return _Token("word", start, end, word)


def _refuse(text: str, start: int, end: int, message: str, hint: str) -> NoReturn:
    raise QueryError(message.format(place=f"character {start + 1}"), hint, text=text, at=(start, end))


class _Parser:
    """Recursive descent: either -> all (OR all)*, all -> term ([AND] term)*, term -> NOT term | ( either ) | near | field."""

    def __init__(self, text: str, tokens: list[_Token], now: datetime) -> None:
        self._text = text
        self._tokens = tokens
        self._at = 0
        self._now = now
        #: Stood AND, written or not, and OR beside each other without brackets?
        self.mixed = False

    def whole(self) -> Node | None:
        if not self._tokens:
            return None
        root = self._either(0, None)
        if (token := self._next()) is not None:
            self._refuse(
                token, f"The bracket {token.text} at {{place}} closes none.", "Take it out, or write ( where it begins."
            )
        return root

    def _either(self, depth: int, name: str | None) -> Node:
        sides = [self._all(depth, name)]
        while (token := self._take("or")) is not None:
            if self._ends():
                self._refuse(token, f"{token.text} at {{place}} has nothing after it.", _joins(token))
            sides.append(self._all(depth, name))
        self.mixed |= len(sides) > 1 and any(len(side) > 1 for side in sides)
        return joined(Or, [joined(And, side) for side in sides])

    def _all(self, depth: int, name: str | None) -> list[Node]:
        """What must all hold, side by side."""
        nodes = [self._term(depth, name)]
        while (token := self._next()) is not None and token.kind not in {"or", "close"}:
            joins = self._take("and")
            if joins is not None and self._ends():
                self._refuse(joins, f"{joins.text} at {{place}} has nothing after it.", _joins(joins))
            nodes.append(self._term(depth, name))
        return nodes

    def _term(self, depth: int, name: str | None) -> Node:
        token = self._next()
        assert token is not None  # noqa: S101 - callers look first
        self._at += 1
        match token.kind:
            case "not":
                if self._ends():
                    self._refuse(
                        token,
                        f"{token.text} at {{place}} has nothing after it.",
                        "Write what is to be left out: -word.",
                    )
                return Not(self._term(depth, name))
            case "open":
                return self._group(token, depth, name)
            case "group":
                self._field(token, "x", check=True)
                bracket = self._take("open")
                assert bracket is not None  # noqa: S101 - a group is a field before one
                return self._group(bracket, depth, token.text)
            case "field":
                return self._field(token, token.value)
            case "word" | "phrase":
                return self._leaf_or_near(token, name)
            case _:
                return self._refuse(token, f"{token.text} at {{place}} has nothing before it.", _joins(token))

    def _group(self, opens: _Token, depth: int, name: str | None) -> Node:
        if depth >= DEPTH_MAX:
            self._refuse(opens, f"Brackets may be nested at most {DEPTH_MAX} deep.", "Take some of them out.")
        if (token := self._next()) is None:
            self._refuse(opens, "The bracket at {place} is not closed.", "Write ) where it ends.")
        if token.kind == "close":
            self._refuse(
                opens, "There is nothing in the brackets at {place}.", "Write a word into them, or take them out."
            )
        node = self._either(depth + 1, name)
        if self._take("close") is None:
            self._refuse(opens, "The bracket at {place} is not closed.", "Write ) where it ends.")
        return node

    def _field(self, token: _Token, value: str, *, check: bool = False) -> Node:
        """`check`: only whether there is such a field; its values follow in brackets."""
        try:
            if check and token.text in FIELDS:
                return Field(token.text, value)
            node = read_field(token.text, value, self._now)
        except QueryError as error:
            raise QueryError(error.message, error.hint, text=self._text, at=(token.start, token.end)) from None
        return replace(node, at=(token.start, token.end)) if isinstance(node, Field) else node

    def _leaf_or_near(self, first: _Token, name: str | None) -> Node:
        """A word or phrase, a value of the field around it, or `left NEAR right [NEAR right ...]`: each pair must be near."""
        if name is not None:
            return self._field(_Token("field", first.start, first.end, name), first.text)
        left = _leaf(first)
        pairs: list[Node] = []
        while (near := self._take("near")) is not None:
            token = self._next()
            if token is None or token.kind not in {"word", "phrase"}:
                self._refuse(
                    near,
                    f"{near.text} at {{place}} needs a word or a phrase on both sides.",
                    "Such as: cure NEAR patient.",
                )
            self._at += 1
            right = _leaf(token)
            pairs.append(Near(left, right, int(near.value) if near.value else NEAR_DEFAULT))
            left = right
        return joined(And, pairs) if pairs else left

    def _next(self) -> _Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _take(self, kind: str) -> _Token | None:
        token = self._next()
        if token is None or token.kind != kind:
            return None
        self._at += 1
        return token

    def _ends(self) -> bool:
        """Does nothing follow that could be a term?"""
        token = self._next()
        return token is None or token.kind == "close"

    def _refuse(self, token: _Token, message: str, hint: str) -> NoReturn:
        _refuse(self._text, token.start, token.end, message, hint)


def _joins(token: _Token) -> str:
    return (
        f'Write what it joins on both sides. To search for the sign or word itself, write it in quotes: "{token.text}".'
    )


def _leaf(token: _Token) -> Word | Phrase:
    if token.kind == "phrase":
        return Phrase(token.text.strip())
    bare = token.text.rstrip("*")
    if bare and bare != token.text:
        return Word(bare, prefix=True)
    bare = token.text.rstrip("~")
    return Word(bare, forms=True) if bare and bare != token.text else Word(token.text)
