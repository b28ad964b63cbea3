"""Is a text about a study? And because of which words?"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor.core.mention import About, Relevance
from monitor.core.rules.lexicon import Lexicon
from monitor.core.rules.matcher import Matcher
from monitor.core.rules.phrase import Choice, Exact, OneOf, Prefix, Substring
from monitor.core.text.doc import PERCENT, fold, read, spell

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from monitor.core.rules.matcher import Match
    from monitor.core.rules.phrase import Part, Parts
    from monitor.core.study import Study

#: Words of the text that are told as the reason, at most.
MOST_REASONS = 8
#: Where a text says what it is about: the title and its first words. Another study named here weighs double.
LEAD_WORDS = 60

#: So many terms of a combination make a sentence one about the study, where the whole text holds all of them.
ENOUGH = 2
#: A sentence that begins so goes on about what the one before was about.
POINTS_BACK = (
    "it|its|they|their|he|his|she|her|this|that|these|those",
    "the (patient|patients|man|men|woman|team|trial|study|cells|treatment|therapy|operation|results|group|others|two|four)",
    "él|ella|ellos|su|sus|esto|esta|este|estos|estas",
    "これ|それ|同",
)
#: Words that name a study to say that another is meant.
SET_APART = (
    "(unlike|in contrast to|in contrast with|(different|separate|another) (study|trial|treatment|group|) from|unrelated to|not to be confused with|other than|apart from|nothing to do with|not the work of|instead of)",
    "(a diferencia de|distinto de|nada que ver con|aparte de)",
    "とは(別|異なり|違い|無関係)",
)


@dataclass(frozen=True, slots=True)
class _Terms:
    """A study's terms, compiled. Classes: `must-<group>`, `also`, `never`, `other-<id>`."""

    study: Study
    lexicon: Lexicon
    letters: dict[str, frozenset[str] | None]  # class -> letters one of which stands in any text that holds it


def may_concern(title: str, text: str, study: Study) -> bool:
    """False if `find_mention` cannot say anything but "no": a hundred times quicker than asking it, and most texts are so.

    Only letters of the study's terms are looked for, not words, so True says little.
    """
    folded = fold(spell(f"{title}\n{text}").text)
    terms = _compiled(study)
    known: dict[str, bool] = {}

    def stands(name: str) -> bool:
        if name not in known:
            letters = terms.letters[name]
            known[name] = letters is None or any(word in folded for word in letters)
        return known[name]

    groups = (*study.terms.about_if, *study.terms.maybe_if)
    return stands("also") or any(all(stands(f"must-{name}") for name in group) for group in groups)


def find_mention(title: str, text: str, study: Study, *, on_its_page: bool = False) -> Relevance:
    """Decide whether a text is about the study, in whatever language: its terms are known in every one at once.

    `on_its_page` is a text that is quoted on a page about the study: it is "maybe" about it with the first term of a `maybe-if`
    combination alone ("Walking again thanks to stem cells"). Another study that is taken for ours (see the fact sheet's `confusable`) wins if the text speaks more of it than of us.
    """
    terms = _compiled(study)
    matcher = Matcher(read(f"{title}\n{text}"), terms.lexicon)
    evidence = {name: _words(matcher, f"must-{name}") for name in study.terms.must}
    also = _words(matcher, "also")
    because = tuple(dict.fromkeys([*also, *(word for words in evidence.values() for word in words)]))[:MOST_REASONS]
    if matcher.class_found("never"):
        return Relevance(verdict=About.NO, because=because)
    other = _confused(matcher, study, bool(also))
    if other is not None:
        return Relevance(verdict=About.NO, because=because, confusable=other)
    if also or any(all(evidence[group] for group in groups) for groups in study.terms.about_if):
        return Relevance(verdict=About.ABOUT, because=because)
    if any(all(evidence[group] for group in groups) for groups in study.terms.maybe_if):
        return Relevance(verdict=About.MAYBE, because=because)
    if on_its_page and any(evidence[groups[0]] for groups in study.terms.maybe_if):
        return Relevance(verdict=About.MAYBE, because=because)
    return Relevance(verdict=About.NO, because=because)


def lacking(title: str, text: str, study: Study) -> Mapping[str, tuple[str, ...]]:
    """What a text would have to name as well to be about the study: of the combination that it holds most of, the groups it
    holds nothing of, with their phrases. Empty for one that holds a whole combination.
    """
    matcher = Matcher(read(f"{title}\n{text}"), _compiled(study).lexicon)
    absent = [
        [group for group in groups if not matcher.class_found(f"must-{group}")] for groups in study.terms.about_if
    ]
    return {group: study.terms.must[group] for group in min(absent, key=len, default=[])}


def _words(matcher: Matcher, name: str) -> list[str]:
    return list(dict.fromkeys(matcher.doc.span(found.start, found.end)[2] for found in matcher.class_found(name)))


def _confused(matcher: Matcher, study: Study, also: bool) -> str | None:
    """The other study that the text is about, if more of its sentences speak of it than of ours.

    A sentence speaks of ours if it names it, or holds two terms of a combination that the whole text holds; one that names
    it only to set it apart ("unlike Keio's") does not. Those that go on about it ("It", "The patients") count with the one
    before.
    """
    others = {other.id: _sentences(matcher, f"other-{other.id}") for other in study.confusable}
    named = set().union(*others.values())
    apart = _sentences(matcher, "set-apart")
    ours = _sentences(matcher, f"must-{next(iter(study.terms.must))}") - apart
    if also:
        ours |= _sentences(matcher, "also")
    for groups in study.terms.about_if:
        places = [_sentences(matcher, f"must-{group}") for group in groups]
        if all(places):
            held = Counter(at for place in places for at in place)
            ours |= {at for at, count in held.items() if count >= ENOUGH} - apart - named
    # A sentence that names another study in passing is ours still, if it names ours first.
    weights = {name: _weight(matcher, _carried(matcher, at, ours)) for name, at in others.items() if at}
    if not weights:
        return None
    best = max(weights, key=lambda name: weights[name])
    return best if weights[best] > _weight(matcher, _carried(matcher, ours, named)) else None


def _sentences(matcher: Matcher, name: str) -> set[int]:
    return {found.sentence for found in matcher.class_found(name)}


def _carried(matcher: Matcher, found: set[int], ended: set[int]) -> set[int]:
    """These sentences and those right behind them that begin by pointing back and name nothing that ends the subject."""
    carried = set(found)
    back = {match.sentence for match in matcher.class_found("points-back") if _begins(matcher, match)}
    for at in range(1, len(matcher.doc.sentences)):
        if at - 1 in carried and at in back and at not in ended:
            carried.add(at)
    return carried


def _begins(matcher: Matcher, found: Match) -> bool:
    return found.first == matcher.doc.sentences[found.sentence].first


def _weight(matcher: Matcher, sentences: Iterable[int]) -> int:
    """How much these sentences weigh: what stands first, most often the title, says best what a text is about; then what
    stands among the first words.
    """
    return sum(3 if at == 0 else 2 if matcher.doc.sentences[at].first < LEAD_WORDS else 1 for at in sentences)


_COMPILED: dict[tuple[str, str], _Terms] = {}
#: Beyond this many fact sheets the compiled terms are made again.
MOST_COMPILED = 32


def _compiled(study: Study) -> _Terms:
    key = (study.id, study.digest)
    compiled = _COMPILED.get(key) if study.digest else None
    if compiled is None:
        lexicon = Lexicon(dict(_classes(study)))
        letters = {name: _letters(lexicon.options(name)) for name in lexicon.classes}
        compiled = _Terms(study, lexicon, letters)
        if len(_COMPILED) >= MOST_COMPILED:
            _COMPILED.clear()  # another thread may look here at any moment: what it finds or not, it goes on
        _COMPILED[key] = compiled
    return compiled


def _letters(options: Iterable[Parts]) -> frozenset[str] | None:
    """Letters one of which stands in every text that holds one of the phrases; None if that cannot be told."""
    found: set[str] = set()
    for parts in options:
        told = [letters for part in parts if (letters := _letters_of(part))]
        if not told:
            return None
        found |= max(told, key=lambda letters: min(len(word) for word in letters))  # of "K Pharma" take "pharma"
    return frozenset(found)


def _letters_of(part: Part) -> frozenset[str] | None:
    letters: frozenset[str] = frozenset()
    if isinstance(part, Choice) and all(part.options):  # an empty one may be passed over
        return _letters(part.options)
    if isinstance(part, Exact):
        letters = frozenset({part.word})
    elif isinstance(part, Prefix):
        letters = frozenset({part.prefix})
    elif isinstance(part, OneOf):
        letters = part.words.union(part.prefixes)
    elif isinstance(part, Substring):
        # A class or a number is no letters; of a group one stands there.
        told = [
            frozenset((piece,) if isinstance(piece, str) else piece)
            for piece in part.pieces
            if isinstance(piece, str | tuple)
        ]
        letters = max(told, key=lambda some: min(map(len, some)), default=letters)
    return None if PERCENT in letters else letters or None  # it may be written as a sign


def _classes(study: Study) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name, phrases in study.terms.must.items():
        yield f"must-{name}", phrases
    yield "also", study.terms.also
    yield "never", study.terms.never
    for other in study.confusable:
        yield f"other-{other.id}", other.says
    yield "points-back", POINTS_BACK
    yield "set-apart", SET_APART
