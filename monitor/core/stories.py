"""Which mentions carry the same news? Retelling makes a story: copies, near-copies and close paraphrases.

Two ways to be one story, after what readers of other tools ask for (miniflux#797, worldmonitor#3195): the words are
copied (three-word runs of one text are found in the other), or headline and first words say the same, counting
what is particular to the news and not what every text about the study shares.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from monitor.core.stopwords import STOPWORDS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from monitor.core.mention import MentionDraft, StoryMember

#: How much of the smaller text's runs must be in the other for a copy. Half: a rewritten first paragraph still is one.
COPIED = 0.5
#: In a headline or a short post half of the words are what everybody says of the study; there it takes nearly all.
COPIED_SHORT, SHORT_RUNS = 0.8, 20
#: Fewer runs than this are no evidence: "cures spinal cord injury" is said by everyone.
RUNS_LEAST = 5
#: How alike headline and first words must be for a paraphrase, found on pairs in tests/core/test_stories.py.
PARAPHRASE = 0.5
#: Paraphrases further apart than this are other news in the same words; copies are copies whenever they appear.
PARAPHRASE_WINDOW = timedelta(days=5)
COPY_WINDOW = timedelta(days=60)
#: What is compared: a retelling begins as its model does, and long texts cost.
WORDS_MOST = 400
LEDE_WORDS = 40
#: A word that most stories contain names the study, not the news.
SHARED_WEIGHT = 0.15
#: With fewer stories than this nothing can be said about what they share.
STORIES_LEAST = 4

_LINK = re.compile(r"https?://\S+|\bpic\.twitter\.com/\S+|\bt\.co/\S+")
_HANDLE = re.compile(r"(?:^|(?<=\s))(?:RT\s+)?@\w+:?")
_WORD = re.compile(r"[^\W_]+")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff66-\uff9f]")
_CONTENT_RUN = re.compile(r"[\u30a0-\u30ff\u3400-\u9fff\uf900-\ufaff]+")
_SUFFIXES = ("ations", "ation", "ingly", "ments", "ment", "ings", "ing", "edly", "ies", "ed", "es", "ly", "s", "e")


@dataclass(frozen=True, slots=True)
class _Features:
    runs: frozenset[int]
    title: frozenset[str]
    lede: frozenset[str]


def assign(draft: MentionDraft, members: Sequence[StoryMember]) -> int | None:
    """The story that a draft belongs to, or None if it begins one. Pure; `members` are stored mentions, newest first.

    The most alike member decides; of equals the newest.
    """
    when = draft.entry.published
    mine = _features(draft.title, draft.text)
    others = [(member, _features(member.title, member.text)) for member in members]
    shared = _shared_words(others) | _words(" ".join(draft.relevance.because))
    best, best_story = 0.0, None
    for member, theirs in others:
        apart = abs(when - member.published) if when else timedelta(0)
        score = _alike(mine, theirs, shared, apart)
        if score > best:
            best, best_story = score, member.story_id
    return best_story


def _alike(mine: _Features, theirs: _Features, shared: Collection[str], apart: timedelta) -> float:
    """0 if they are not one story; else how alike they are, copies (1 to 2) before paraphrases (below 1)."""
    if apart <= COPY_WINDOW and min(len(mine.runs), len(theirs.runs)) >= RUNS_LEAST:
        common, smaller = len(mine.runs & theirs.runs), min(len(mine.runs), len(theirs.runs))
        copied = common / smaller
        if common >= RUNS_LEAST and copied >= (COPIED if smaller >= SHORT_RUNS else COPIED_SHORT):
            return 1 + copied
    if apart > PARAPHRASE_WINDOW:
        return 0.0
    titles = _overlap(mine.title, theirs.title, shared)
    ledes = _overlap(mine.title | mine.lede, theirs.title | theirs.lede, shared)
    score = max(ledes, (titles + ledes) / 2 if mine.title and theirs.title else 0.0, titles * 0.9)
    return min(score, 0.99) if score >= PARAPHRASE else 0.0


def _overlap(one: frozenset[str], other: frozenset[str], shared: Collection[str]) -> float:
    """Dice's coefficient of two sets of words, with little weight for those that all stories share; 0 on few words."""
    common = one & other
    if len(common) < 3 or not common - set(shared):
        return 0.0

    def weigh(words: Iterable[str]) -> float:
        return sum(SHARED_WEIGHT if word in shared else 1.0 for word in words)

    return 2 * weigh(common) / (weigh(one) + weigh(other))


def _shared_words(members: Sequence[tuple[StoryMember, _Features]]) -> set[str]:
    """Words found in at least half of the stories. Counted by story: twenty copies of one text are one voice."""
    stories: dict[int, set[str]] = {}
    for member, features in members:
        stories.setdefault(member.story_id, set()).update(features.title, features.lede)
    if len(stories) < STORIES_LEAST:
        return set()
    counts: dict[str, int] = {}
    for words in stories.values():
        for word in words:
            counts[word] = counts.get(word, 0) + 1
    return {word for word, count in counts.items() if count * 2 >= len(stories)}


@lru_cache(maxsize=4096)
def _features(title: str, text: str) -> _Features:
    body = _HANDLE.sub(" ", _LINK.sub(" ", unicodedata.normalize("NFKC", text[: WORDS_MOST * 20])))
    tokens = _tokens(f"{title} {body}")[:WORDS_MOST]
    runs = frozenset(hash(run) for run in zip(tokens, tokens[1:], tokens[2:], strict=False))
    first = " ".join(body.split()[: LEDE_WORDS * 2])[: LEDE_WORDS * 12]
    return _Features(runs, _words(title), frozenset(list(_ordered_words(first))[:LEDE_WORDS]))


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
