"""Which mentions carry the same news? Retelling makes a story: copies, near-copies and close paraphrases.

Two ways to be one story, after what readers of other tools ask for (miniflux#797, worldmonitor#3195): the words are
copied (three-word runs of one text are found in the other), or headline and first words say the same, counting
what is particular to the news and not what every text about the study shares. A post that quotes a headline retells it.

Decided, and labelled so in tests/data/pairs: the same news told again is the same story only if it retells the same
text or closely paraphrases it. Two reporters who write about one press conference in words of their own make two
stories, as do result and follow-up, company news, interview, warning, comment and protocol. Old news carried along as
the background of other news, a newsletter that lists many headlines, and a translation are not retellings.

A text is joined to a story when it arrives and stays there; two stories are never made one afterwards.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING

from monitor.core.text.content_words import STOPWORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from collections.abc import Set as AbstractSet

    from monitor.core.mention import MentionDraft, StoryMember

#: How much of the smaller text's runs must be in the other for a copy.
COPIED = 0.5
#: Unless three quarters are, both openings must be copied: other news carries the old one along as its background.
COPIED_ANYWHERE, OPENING_WORDS, OPENING_COPIED = 0.75, 30, 0.4
#: In a headline or a short post half of the words are what everybody says of the study; there it takes nearly all.
COPIED_SHORT, SHORT_RUNS = 0.8, 20
#: Fewer runs than this are no evidence: "cures spinal cord injury" is said by everyone.
RUNS_LEAST = 5
#: A post retells the headline that it quotes: nearly all its runs, in a text without a headline and not much longer.
QUOTED, QUOTED_RUNS_LEAST, QUOTING_WORDS = 0.8, 4, 60
#: How alike headline and first words must be for a paraphrase, found on half of the pairs in tests/data/pairs.
PARAPHRASE = 0.5
#: Two headlines with numbers, none in common, tell two results in one frame ("kidney works for 130 days", "10 days").
OTHER_NUMBERS = 0.75
#: Fewer content words in common are no evidence.
WORDS_LEAST = 3
#: Paraphrases further apart than this are other news in the same words; copies are copies whenever they appear.
PARAPHRASE_WINDOW = timedelta(days=5)
COPY_WINDOW = timedelta(days=60)
#: What is compared: a retelling begins as its model does, and long texts cost.
WORDS_MOST = 400
LEDE_WORDS = 40
#: Of the numbers that stand for sets of runs: ten times the runs, so that chance bits in common are few.
BITS = 4096
#: A word that most stories contain names the study, not the news.
SHARED_WEIGHT = 0.15
#: With fewer stories than this nothing can be said about what they share.
STORIES_LEAST = 4

#: Texts whose features are kept, about 60 kB each at most; a study's newest 500 are compared at each call.
REMEMBERED = 2048

_LINK = re.compile(r"https?://\S+|\bpic\.twitter\.com/\S+|\bt\.co/\S+")
_HANDLE = re.compile(r"(?:^|(?<=\s))(?:RT\s+)?@\w+:?")
_WORD = re.compile(r"[^\W_]+")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff66-\uff9f]")
_CONTENT_RUN = re.compile(r"[\u30a0-\u30ff\u3400-\u9fff\uf900-\ufaff]+")
_SUFFIXES = ("ations", "ation", "ingly", "ments", "ment", "ings", "ing", "edly", "ies", "ed", "es", "ly", "s", "e")


@dataclass(frozen=True, slots=True)
class _Features:
    """What is compared of a text. Runs are of three words; `words` are the content words of headline and opening."""

    runs: frozenset[int]
    opening: frozenset[int]
    headline: frozenset[int]
    bits: int
    #: How many runs share their bit with another.
    crowded: int
    #: How many runs another text must have for a copy.
    needed: float
    length: int
    title: frozenset[str]
    words: frozenset[str]
    numbers: frozenset[str]


def assign(draft: MentionDraft, members: Sequence[StoryMember]) -> int | None:
    """The story that a draft belongs to, or None if it begins one. Pure; `members` are stored mentions, newest first.

    The most alike member decides; of equals the newest.
    """
    when = draft.entry.published
    mine = _features(draft.title, draft.text)
    others = [
        (member.story_id, _features(member.title, member.text), abs(when - member.published) if when else timedelta(0))
        for member in members
    ]
    copies = ((_copied(mine, theirs), story) for story, theirs, apart in others if apart <= COPY_WINDOW)
    if (copy := _best(copies)) is not None:
        return copy
    near = [
        (story, theirs)
        for story, theirs, apart in others
        if apart <= PARAPHRASE_WINDOW and (_in_common(mine.words, theirs.words) or _quotes(mine, theirs))
    ]
    if not near:
        return None
    shared = _shared_words((story, theirs.words) for story, theirs, _ in others)
    shared |= _words(" ".join(draft.relevance.because))
    return _best((_paraphrased(mine, theirs, shared), story) for story, theirs in near)


def copied_share(one: tuple[str, str], other: tuple[str, str]) -> float:
    """The share (0 to 1) of the shorter text's three-word runs that the other has; each is a title and a text."""
    less, more = sorted((_features(*one).runs, _features(*other).runs), key=len)
    return len(less & more) / len(less) if less else 0.0


def _best(scored: Iterable[tuple[float, int]]) -> int | None:
    """The story with the highest score above 0; of equals the first."""
    best, best_story = 0.0, None
    for score, story in scored:
        if score > best:
            best, best_story = score, story
    return best_story


def _paraphrased(mine: _Features, theirs: _Features, shared: AbstractSet[str]) -> float:
    """How alike headline and first words are, 0 to 1; 0 if that does not make them one story."""
    if _quotes(mine, theirs):
        return 1.0
    titles = _overlap(mine.title, theirs.title, shared)
    opening = _overlap(mine.words, theirs.words, shared)
    score = max(opening, (titles + opening) / 2 if mine.title and theirs.title else 0.0, titles * 0.9)
    if mine.numbers and theirs.numbers and not mine.numbers & theirs.numbers:
        score *= OTHER_NUMBERS
    return score if score >= PARAPHRASE else 0.0


def _copied(mine: _Features, theirs: _Features) -> float:
    """The share of the smaller text's runs that the other has, or 0 if that does not make it a copy."""
    less, more = (mine, theirs) if len(mine.runs) <= len(theirs.runs) else (theirs, mine)
    # The bits tell how many runs can be common at most; that spares most texts the count.
    if (less.bits & more.bits).bit_count() + less.crowded < less.needed:
        return 0.0
    common = len(less.runs & more.runs)
    if common < less.needed:
        return 0.0
    copied = common / len(less.runs)
    if copied >= COPIED_ANYWHERE or (_found(mine.opening, theirs.runs) and _found(theirs.opening, mine.runs)):
        return copied
    return 0.0


def _found(opening: frozenset[int], runs: frozenset[int]) -> bool:
    return len(opening & runs) >= OPENING_COPIED * len(opening)


def _quotes(one: _Features, other: _Features) -> bool:
    """Whether one of them is a short text without a headline that repeats the headline of the other."""
    post, told = (other, one) if one.title else (one, other)
    if post.title or post.length > QUOTING_WORDS or len(told.headline) < QUOTED_RUNS_LEAST:
        return False
    return len(told.headline & post.runs) >= QUOTED * len(told.headline)


def _in_common(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= WORDS_LEAST


def _overlap(one: frozenset[str], other: frozenset[str], shared: AbstractSet[str]) -> float:
    """Dice's coefficient of two sets of words, with little weight for those that all stories share; 0 on few words."""
    common = one & other
    if len(common) < WORDS_LEAST or common <= shared:
        return 0.0

    def weigh(words: frozenset[str]) -> float:
        return len(words) - (1 - SHARED_WEIGHT) * len(words & shared)

    return 2 * weigh(common) / (weigh(one) + weigh(other))


def _shared_words(told: Iterable[tuple[int, frozenset[str]]]) -> set[str]:
    """Words found in at least half of the stories. Counted by story: twenty copies of one text are one voice."""
    stories: dict[int, AbstractSet[str]] = {}
    for story, words in told:
        stories[story] = stories[story] | words if story in stories else words
    if len(stories) < STORIES_LEAST:
        return set()
    counts = Counter(chain.from_iterable(stories.values()))
    return {word for word, count in counts.items() if count * 2 >= len(stories)}


@lru_cache(maxsize=REMEMBERED)
def _features(title: str, text: str) -> _Features:
    body = _HANDLE.sub(" ", _LINK.sub(" ", unicodedata.normalize("NFKC", text[: WORDS_MOST * 20])))
    titled, told = _tokens(title), _tokens(body)
    tokens = (titled + told)[:WORDS_MOST]
    opening = (told or titled)[:OPENING_WORDS]
    first = " ".join(body.split()[: LEDE_WORDS * 2])[: LEDE_WORDS * 12]
    words, runs = _words(title), _runs(tokens)
    bits = _bits(runs)
    return _Features(
        runs=runs,
        opening=_runs(opening),
        headline=_runs(titled),
        bits=bits,
        crowded=len(runs) - bits.bit_count(),
        needed=max(RUNS_LEAST, len(runs) * (COPIED if len(runs) >= SHORT_RUNS else COPIED_SHORT)),
        length=len(tokens),
        title=words,
        numbers=frozenset(filter(str.isdigit, words)),
        words=words | frozenset(_ordered_words(first)[:LEDE_WORDS]),
    )


def _runs(tokens: Sequence[str]) -> frozenset[int]:
    return frozenset(hash(run) for run in zip(tokens, tokens[1:], tokens[2:], strict=False))


def _bits(runs: Iterable[int]) -> int:
    """The set as bits of one number: what two sets have in common has bits in common."""
    bits = bytearray(BITS // 8)
    for run in runs:
        bits[run % BITS >> 3] |= 1 << (run & 7)
    return int.from_bytes(bits, "little")


def _tokens(text: str) -> list[str]:
    """Words in order; in scripts without spaces each letter is one."""
    tokens: list[str] = []
    for word in _WORD.findall(text.casefold()):
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
    for word in _WORD.findall(unicodedata.normalize("NFKC", text).casefold()):
        if _UNSPACED.search(word):
            for run in _CONTENT_RUN.findall(word):
                found.update(dict.fromkeys(run[at : at + 2] for at in range(max(1, len(run) - 1))))
            found.update(dict.fromkeys(re.findall(r"[a-z0-9]+", word)))
        elif word not in STOPWORDS and (len(word) > 2 or word.isdigit()):
            found[_stem(word)] = None
    return list(found)


def _stem(word: str) -> str:
    """Enough of a stem to match walk, walks, walked, walking, and paralysed with paralyzed."""
    word = word.replace("z", "s")
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 4:
            return word[: -len(suffix)]
    return word
