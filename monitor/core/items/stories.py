"""Which mentions carry the same news? Retelling makes a story: copies, near-copies and close paraphrases.

Two ways to be one story, after what readers of other tools ask for (miniflux#797, worldmonitor#3195): the words are
copied (three-word runs of one text are found in the other), or headline and first words say the same, counting
what is particular to the news and not what every text about the study shares. A post that quotes a headline retells it.

Decided, and labelled so in tests/data/pairs: the same news told again is the same story only if it retells the same
text or closely paraphrases it. Two reporters who write about one press conference in words of their own make two
stories, as do result and follow-up, company news, interview, warning, comment and protocol. Old news carried along as
the background of other news, a newsletter that lists many headlines, and a translation are not retellings.

Stories are the connected components of "is copied from" and "is a paraphrase of" (single linkage, as in record linkage).
Both ask the two texts alone, in no order, so the same texts make the same stories in whatever order they arrive; a text that links two
stories makes them one. Only texts that share a key are asked: MinHash-LSH bands of their runs (Broder 1997, by rensa)
at any distance in time, words of headline and opening within days.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING

from rensa import RMinHash

from monitor.core.text.content_words import STOPWORDS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from collections.abc import Set as AbstractSet

    from monitor.core.mention import StoryText

#: How much of the smaller text's runs must be in the other for a copy.
COPIED = 0.5
#: Unless three quarters are, both openings must be copied: other news carries the old one along as its background.
COPIED_ANYWHERE, OPENING_WORDS, OPENING_COPIED = 0.75, 30, 0.4
#: And unless the copy is so much of the longer text, or the shorter tells the longer's headline or opening: a newsletter
#: that holds a whole headline, and news that holds a whole short report, would glue all that they hold together.
COPY_OF_LONGER = 0.5
#: In a headline or a short post half of the words are what everybody says of the study; there it takes nearly all.
COPIED_SHORT, SHORT_RUNS = 0.8, 20
#: Fewer runs than this are no evidence: "cures spinal cord injury" is said by everyone.
RUNS_LEAST = 5
#: A post retells the headline that it quotes: nearly all its runs, in a text without a headline and not much longer.
QUOTED, QUOTED_RUNS_LEAST, QUOTING_WORDS = 0.8, 4, 60
#: How alike headline and first words must be for a paraphrase, found on half of the pairs in tests/data/pairs.
PARAPHRASE = 0.5
#: Where the headlines have no word of the news in common, first words alone are a paraphrase only from here on.
OPENING_ALONE = 0.6
#: Two headlines with numbers, none in common, tell two results in one frame ("kidney works for 130 days", "10 days").
OTHER_NUMBERS = 0.75
#: Fewer content words in common are no evidence.
WORDS_LEAST = 3
#: Paraphrases further apart than this are other news in the same words; copies are copies whenever they appear.
PARAPHRASE_WINDOW = timedelta(days=5)
#: What is compared: a retelling begins as its model does, and long texts cost.
WORDS_MOST = 400
#: Characters that are looked at; nobody needs to read more of a stored text.
TEXT_MOST = WORDS_MOST * 20
LEDE_WORDS = 40
#: In so many characters stands what a paraphrase is known by.
BEGINNING_MOST = 1000
#: A word that tells what the study is about names no news.
SHARED_WEIGHT = 0.15
#: Bands of a text's sketches, and rows of each: two texts with Jaccard similarity s share a band with 1 - (1 - s^3)^8,
#: 0.97 at 0.7, 0.01 at 0.1. A retelling is mostly alike in two sketches of three (all runs, opening, headline).
BANDS, ROWS = 8, 3
#: Words that are keys: so many of a headline and of the opening behind it, or of the opening of a text that has none. Of
#: 152 retellings among the texts of tests/data/pairs, 151 share a band or three of these words.
HEADLINE_KEYS, OPENING_KEYS, WORDS_SHARED = 12, 8, 3
#: Changes whenever keys are made otherwise: stored ones are then made anew (`Store.key_stories`).
KEYS_VERSION = 1

#: Texts whose features are kept, about 60 kB each at most: candidates of a story that grows are asked again and again.
REMEMBERED = 2048

_LINK = re.compile(r"https?://\S+|\bpic\.twitter\.com/\S+|\bt\.co/\S+")
_HANDLE = re.compile(r"(?:^|(?<=\s))(?:RT\s+)?@\w+:?")
_WORD = re.compile(r"[^\W_]+")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff66-\uff9f]")
_CONTENT_RUN = re.compile(r"[\u30a0-\u30ff\u3400-\u9fff\uf900-\ufaff]+")
_SUFFIXES = ("ations", "ation", "ingly", "ments", "ment", "ings", "ing", "edly", "ies", "ed", "es", "ly", "s", "e")


@dataclass(frozen=True, slots=True)
class _Runs:
    """What a copy is known by: runs of three words, of the whole text, of its opening and of its headline."""

    runs: frozenset[str]
    opening: frozenset[str]
    headline: frozenset[str]
    #: How many runs another text must have for a copy.
    needed: float


@dataclass(frozen=True, slots=True)
class _Beginning:
    """What a paraphrase is known by: content words of headline and opening, in their order; `words` are all of them."""

    title: tuple[str, ...]
    lede: tuple[str, ...]
    words: frozenset[str]
    numbers: frozenset[str]
    #: The runs of its headline, and those of the text if it is a post without one that is short enough to quote another's.
    headline: frozenset[str]
    post: frozenset[str]


@dataclass(frozen=True, slots=True)
class StoryKeys:
    """What candidates are found by, signed 64-bit numbers: texts of one study with one of `copies`, or with
    WORDS_SHARED of `words` within PARAPHRASE_WINDOW, are to be asked whether they retell each other.
    """

    copies: frozenset[int]
    words: frozenset[int]


@dataclass(frozen=True, slots=True)
class StoryRelation:
    """What storage needs to make stories: how candidates are found, and which of them are one story. All pure, and asked in no
    order: texts that share one of `StoryKeys.copies` are asked whether they are `copied` (or otherwise the same), those that share words whether
    they are `paraphrased`. `version` changes with `keys`.
    """

    keys: Callable[[StoryText], StoryKeys]
    copied: Callable[[StoryText, StoryText], bool]
    paraphrased: Callable[[StoryText, StoryText], bool]
    version: int


def copied(one: StoryText, other: StoryText) -> bool:
    """Is one of them a copy of the other, with cuts or additions? Symmetric, and of nothing but the two, as `paraphrased`."""
    mine, theirs = _runs_of(one.title, one.text), _runs_of(other.title, other.text)
    less, more = (mine, theirs) if len(mine.runs) <= len(theirs.runs) else (theirs, mine)
    common = len(less.runs & more.runs)
    if common < less.needed:
        return False
    if _found(mine.opening, theirs.runs) and _found(theirs.opening, mine.runs):
        return True
    if common < COPIED_ANYWHERE * len(less.runs):
        return False
    return common >= COPY_OF_LONGER * len(more.runs) or _begins_as(more, less)


def paraphrased(one: StoryText, other: StoryText) -> bool:
    """Do headline and first words say the same, within PARAPHRASE_WINDOW, or does one quote the other's headline?"""
    if abs(one.published - other.published) > PARAPHRASE_WINDOW:
        return False
    mine, theirs = _beginning(one), _beginning(other)
    if _quotes(mine, theirs) or _quotes(theirs, mine):
        return True
    if len(mine.words & theirs.words) < WORDS_LEAST:
        return False
    return _alike(mine, theirs, _study_words(one.because) | _study_words(other.because)) >= PARAPHRASE


def retells(one: StoryText, other: StoryText) -> bool:
    """Are they one story, as copies or as paraphrases? A post may share a band with the headline that it quotes, and few words."""
    return copied(one, other) or paraphrased(one, other)


def story_keys(told: StoryText) -> StoryKeys:
    """The keys of a text, the same in every process and on every machine."""
    mine, begins = _runs_of(told.title, told.text), _beginning(told)
    study = _study_words(told.because)
    headline = [word for word in begins.title if word not in study][:HEADLINE_KEYS]
    opening = [word for word in begins.lede if word not in study][: OPENING_KEYS if headline else HEADLINE_KEYS]
    # A post's opening may be another text's headline: the two are of one kind.
    sketched = (("text", mine.runs), ("opening", mine.opening), ("opening", mine.headline))
    return StoryKeys(
        copies=frozenset(
            _key(told.study_id, kind, *band)
            for kind, runs in sketched
            if len(runs) >= RUNS_LEAST
            for band in _bands(runs)
        ),
        words=frozenset(_key(told.study_id, "word", word) for word in {*headline, *opening}),
    )


#: What the product makes stories by.
RETELLING = StoryRelation(story_keys, retells, paraphrased, KEYS_VERSION)


#: A node of a graph of mentions and stories.
Node = tuple[int, int]


class Clusters:
    """Disjoint sets of nodes (union-find): whatever the order of joining, the same sets, each known by its least node."""

    def __init__(self) -> None:
        """Every node is a set of its own until it is joined."""
        self._above: dict[Node, Node] = {}

    def root(self, node: Node) -> Node:
        """The least node of the set that a node is in."""
        while (above := self._above.setdefault(node, node)) != node:
            self._above[node] = node = self._above[above]
        return node

    def together(self, one: Node, other: Node) -> bool:
        return self.root(one) == self.root(other)

    def join(self, one: Node, other: Node) -> None:
        low, high = sorted((self.root(one), self.root(other)))
        self._above[high] = low

    def roots(self) -> dict[Node, Node]:
        """Each node that was asked about or joined, with its root."""
        return {node: self.root(node) for node in list(self._above)}


def copied_share(one: tuple[str, str], other: tuple[str, str]) -> float:
    """The share (0 to 1) of the shorter text's three-word runs that the other has; each is a title and a text."""
    less, more = sorted((_runs_of(*one).runs, _runs_of(*other).runs), key=len)
    return len(less & more) / len(less) if less else 0.0


def _alike(mine: _Beginning, theirs: _Beginning, shared: AbstractSet[str]) -> float:
    """How alike headline and first words are, 0 to 1."""
    my_title, their_title = frozenset(mine.title), frozenset(theirs.title)
    titles = _overlap(my_title, their_title, shared)
    opening = _overlap(mine.words, theirs.words, shared)
    if my_title and their_title and opening < OPENING_ALONE and my_title & their_title <= shared:
        opening = 0.0
    score = max(opening, (titles + opening) / 2 if mine.title and theirs.title else 0.0, titles * 0.9)
    if mine.numbers and theirs.numbers and not mine.numbers & theirs.numbers:
        score *= OTHER_NUMBERS
    return score


def _begins_as(more: _Runs, less: _Runs) -> bool:
    """Are the headline or the opening of the longer text in the shorter?"""
    headline = more.headline
    return bool(headline and len(headline & less.runs) >= QUOTED * len(headline)) or _found(more.opening, less.runs)


def _found(opening: frozenset[str], runs: frozenset[str]) -> bool:
    return len(opening & runs) >= OPENING_COPIED * len(opening)


def _quotes(post: _Beginning, told: _Beginning) -> bool:
    """Does a short text without a headline repeat the headline of the other?"""
    if len(told.headline) < QUOTED_RUNS_LEAST:
        return False
    return len(told.headline & post.post) >= QUOTED * len(told.headline)


def _overlap(one: frozenset[str], other: frozenset[str], shared: AbstractSet[str]) -> float:
    """Dice's coefficient of two sets of words, with little weight for those that all stories share; 0 on few words."""
    common = one & other
    if len(common) < WORDS_LEAST or common <= shared:
        return 0.0

    def weigh(words: frozenset[str]) -> float:
        return len(words) - (1 - SHARED_WEIGHT) * len(words & shared)

    return 2 * weigh(common) / (weigh(one) + weigh(other))


@lru_cache(maxsize=REMEMBERED)
def _study_words(because: tuple[str, ...]) -> frozenset[str]:
    return _words(" ".join(because))


@lru_cache(maxsize=REMEMBERED)
def _runs_of(title: str, text: str) -> _Runs:
    titled, told = _tokens(title), _tokens(_plain(text[:TEXT_MOST]))
    runs = _runs((titled + told)[:WORDS_MOST])
    return _Runs(
        runs=runs,
        opening=_runs((told or titled)[:OPENING_WORDS]),
        headline=_runs(titled),
        needed=max(RUNS_LEAST, len(runs) * (COPIED if len(runs) >= SHORT_RUNS else COPIED_SHORT)),
    )


def _beginning(told: StoryText) -> _Beginning:
    return _beginning_of(told.title, told.text[: BEGINNING_MOST + 1])


@lru_cache(maxsize=2 * REMEMBERED)
def _beginning_of(title: str, text: str) -> _Beginning:
    body = _plain(text)
    first = " ".join(body.split()[: LEDE_WORDS * 2])[: LEDE_WORDS * 12]
    headline, lede = _ordered_words(title), _ordered_words(first)[:LEDE_WORDS]
    said = _tokens(body) if not title and len(text) <= BEGINNING_MOST else []
    return _Beginning(
        title=tuple(headline),
        lede=tuple(lede),
        words=frozenset(headline + lede),
        numbers=frozenset(filter(str.isdigit, headline or lede)),
        headline=_runs(_tokens(title)),
        post=_runs(said) if len(said) <= QUOTING_WORDS else frozenset(),
    )


def _plain(text: str) -> str:
    """The text without links and handles."""
    plain = unicodedata.normalize("NFKC", text)
    if "/" in plain:  # looking first is much quicker, and most texts have neither
        plain = _LINK.sub(" ", plain)
    return _HANDLE.sub(" ", plain) if "@" in plain else plain


def _runs(tokens: Sequence[str]) -> frozenset[str]:
    return frozenset(map(" ".join, zip(tokens, tokens[1:], tokens[2:], strict=False)))


def _bands(runs: frozenset[str]) -> list[tuple[int, ...]]:
    """The bands of the set's MinHash sketch, each with its place."""
    sketch = RMinHash(num_perm=BANDS * ROWS, seed=KEYS_VERSION)
    sketch.update(list(runs))
    values = sketch.digest()
    return [(at, *values[at * ROWS : (at + 1) * ROWS]) for at in range(BANDS)]


def _key(*parts: object) -> int:
    """A signed 64-bit number for these words and numbers, the same everywhere."""
    said = "\x1f".join(map(str, parts)).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(said, digest_size=8).digest(), "big", signed=True)


def _tokens(text: str) -> list[str]:
    """Words in order; in scripts without spaces each letter is one."""
    words: list[str] = _WORD.findall(text.casefold())
    if not _UNSPACED.search(text):
        return words
    tokens: list[str] = []
    for word in words:
        if _UNSPACED.search(word):
            tokens.extend(word[at : at + 3] for at in range(len(word)))
        else:
            tokens.append(word)
    return tokens


def _words(text: str) -> frozenset[str]:
    return frozenset(_ordered_words(text))


def _ordered_words(text: str) -> list[str]:
    """Content words by their stems; for Japanese and Chinese the pairs of letters within kanji and katakana runs."""
    found: dict[str, None] = {}
    plain = unicodedata.normalize("NFKC", text).casefold()
    unspaced = _UNSPACED.search(plain) is not None
    for word in _WORD.findall(plain):
        if unspaced and _UNSPACED.search(word):
            for run in _CONTENT_RUN.findall(word):
                found.update(dict.fromkeys(run[at : at + 2] for at in range(max(1, len(run) - 1))))
            found.update(dict.fromkeys(re.findall(r"[a-z0-9]+", word)))
        elif word not in STOPWORDS and (len(word) > 2 or word.isdigit()):
            found[_stem(word)] = None
    return list(found)


@lru_cache(maxsize=1 << 16)
def _stem(word: str) -> str:
    """Enough of a stem to match walk, walks, walked, walking, and paralysed with paralyzed."""
    word = word.replace("z", "s")
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 4:
            return word[: -len(suffix)]
    return word
