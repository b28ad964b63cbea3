"""How long judging takes: `python tests/benchmarks/judging.py`. Prints two tables; pytest never runs it.

The yardstick of judging is one plain regular expression for each word of the rules, searched in the same text: what a keyword
alert does, without classes, guards, claims or a second reader.

The second table is 500 rules of a phrase each on texts of 40 words, with exact places, beside what somebody would write instead. All of
them are asked for the same phrases in the same texts, in one process, and each has to find the same places or says how many it finds.
The others come with `pip install 'hypewatch[bench]'`; one that is not installed is named and left out.
"""

from __future__ import annotations

import gc
import importlib
import json
import random
import re
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from monitor.core.drift import assess
from monitor.core.model import Kind
from monitor.core.relevance import find_mention
from monitor.core.rules.lexicon import Lexicon
from monitor.core.rules.matcher import Matcher
from monitor.core.rules.phrase import parse
from monitor.core.rules.scan import Scanner
from monitor.core.text.doc import read
from monitor.library.load import Library

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    #: (rule, start, end) of every match in a text.
    Spans = Callable[[str], Sequence[tuple[int, int, int]]]

    from monitor.core.drift.ruleset import RuleSet

HYPE = "A paralysed man is walking again after Keio University put iPS cells into his injured spinal cord. "
MILD = "Two of the four patients improved, the team said, and the results have not been reviewed yet. "
FILLER = "The hospital stands by the river, and the newspaper asked the people who work there what they expect of it. "


def article(words: int = 500) -> str:
    """A text of so many words with one overstated sentence in ten."""
    sentences: list[str] = []
    while sum(len(sentence.split()) for sentence in sentences) < words:
        sentences += [HYPE, *[MILD] * 2, *[FILLER] * 7]
    return " ".join(" ".join(sentences).split()[:words])


def plain_expressions(ruleset: RuleSet) -> list[re.Pattern[str]]:
    """One for each word of the rules, as a keyword alert has them."""
    words = sorted({word for rule in ruleset.rules for word in re.findall(r"[a-z]{4,}", rule.source.lower())})
    return [re.compile(rf"\b{word}\b", re.IGNORECASE) for word in words]


def milliseconds(act: Callable[[], object], rounds: int) -> tuple[float, float]:
    """Median and slowest of so many rounds, in ms of CPU time: what else the machine does is not counted."""
    act()
    gc.collect()
    took = []
    for _ in range(rounds):
        began = time.process_time()
        act()
        took.append((time.process_time() - began) * 1000)
    return median(took), max(took)


#: How many rules, and how many texts of how many words they are tried on.
RULES, TEXTS, WORDS = 500, 2_000, 40
PIECES = Path(__file__).parents[2] / "monitor" / "training" / "pieces"


def mentions() -> tuple[list[str], list[str]]:
    """Phrases of two or three words as coverage has them, and texts by other writers to look for them in. The same each time."""
    chance = random.Random(500)
    sentences = [
        json.loads(line)["text"] for path in sorted(PIECES.glob("*.jsonl")) for line in path.open(encoding="utf-8")
    ]
    chance.shuffle(sentences)
    half = len(sentences) // 2
    words = " ".join(sentences[half:]).split()
    texts = [" ".join(words[at : at + WORDS]) for at in range(0, WORDS * TEXTS, WORDS)]
    runs = [
        " ".join(run)
        for sentence in sentences[:half]
        for size in (2, 3)
        for run in zip(*(sentence.split()[at:] for at in range(size)), strict=False)
        if all(word.isalpha() and word.isascii() for word in run) and max(map(len, run)) > 4
    ]
    return sorted(chance.sample(sorted({run.lower() for run in runs}), RULES)), texts


def engines(phrases: list[str]) -> Iterator[tuple[str, Spans | None]]:
    """By name what finds the phrases in a text; None for one that is not installed."""
    lexicon = Lexicon({})
    parts = [lexicon.resolve(parse(phrase)) for phrase in phrases]

    def one_by_one(text: str) -> list[tuple[int, int, int]]:
        doc = read(text)
        matcher = Matcher(doc, lexicon)
        return [
            (at, *doc.span(found.start, found.end)[:2]) for at, each in enumerate(parts) for found in matcher.find(each)
        ]

    yield "hypewatch", Scanner(parts, lexicon).spans
    yield "hypewatch, each text read first", one_by_one
    patterns = [re.compile(rf"\b{re.escape(phrase)}\b", re.IGNORECASE) for phrase in phrases]

    def confirmed(text: str, at: int) -> Iterator[tuple[int, int, int]]:
        return ((at, found.start(), found.end()) for found in patterns[at].finditer(text))

    def stdlib(text: str) -> list[tuple[int, int, int]]:
        lowered = text.lower()
        return [span for at, phrase in enumerate(phrases) if phrase in lowered for span in confirmed(text, at)]

    yield "`phrase in text.lower()`, then `re`", stdlib
    yield "`re` one by one", lambda text: [span for at in range(len(patterns)) for span in confirmed(text, at)]
    for name, made in (
        ("pyahocorasick, then `re`", _ahocorasick),
        ("Hyperscan, then `re`", _hyperscan),
        ("spaCy PhraseMatcher", _spacy),
    ):
        try:
            yield name, made(phrases, confirmed)
        except ImportError:
            yield name, None


def _ahocorasick(phrases: list[str], confirmed: Callable[[str, int], Iterator[tuple[int, int, int]]]) -> Spans:
    automaton = importlib.import_module("ahocorasick").Automaton()
    for at, phrase in enumerate(phrases):
        automaton.add_word(phrase, at)
    automaton.make_automaton()
    return lambda text: [
        span for at in sorted({at for _, at in automaton.iter(text.lower())}) for span in confirmed(text, at)
    ]


def _hyperscan(phrases: list[str], confirmed: Callable[[str, int], Iterator[tuple[int, int, int]]]) -> Spans:
    hyperscan = importlib.import_module("hyperscan")
    database = hyperscan.Database()
    flags = hyperscan.HS_FLAG_CASELESS | hyperscan.HS_FLAG_SINGLEMATCH
    database.compile(
        expressions=[re.escape(phrase).encode() for phrase in phrases],
        ids=list(range(len(phrases))),
        flags=[flags] * len(phrases),
    )
    scratch = hyperscan.Scratch(database)

    def find(text: str) -> list[tuple[int, int, int]]:
        met: list[int] = []
        database.scan(text.encode(), match_event_handler=lambda at, *_: met.append(at), scratch=scratch)
        return [span for at in sorted(met) for span in confirmed(text, at)]

    return find


def _spacy(phrases: list[str], _: object) -> Spans:
    spacy = importlib.import_module("spacy")
    nlp = spacy.blank("en")
    matcher = importlib.import_module("spacy.matcher").PhraseMatcher(nlp.vocab, attr="LOWER")
    ids = {}
    for at, phrase in enumerate(phrases):
        matcher.add(str(at), [nlp.make_doc(phrase)])
        ids[nlp.vocab.strings[str(at)]] = at

    def find(text: str) -> list[tuple[int, int, int]]:
        doc = nlp.make_doc(text)
        return sorted(
            (ids[key], doc[first].idx, doc[last - 1].idx + len(doc[last - 1])) for key, first, last in matcher(doc)
        )

    return find


def rules_on_mentions(rounds: int = 3) -> None:
    """Print what 500 phrase rules cost on short mentions, beside others."""
    phrases, texts = mentions()
    rows: list[tuple[str, float, int]] = []
    missing = []
    for name, find in engines(phrases):
        if find is None:
            missing.append(name)
            continue
        took, found = [], 0
        for _ in range(rounds):
            gc.collect()
            began = time.process_time()
            found = sum(len(find(text)) for text in texts)
            took.append(time.process_time() - began)
        rows.append((name, len(texts) / min(took), found))
    baseline = next(rate for name, rate, _ in rows if name.startswith("`phrase in"))
    print(f"\n{len(phrases)} phrase rules, {len(texts):,} texts of {WORDS} words, exact places, CPU time of one core")
    print(f"{'engine':40}{'texts a second':>16}{'beside stdlib':>15}{'places':>8}")
    for name, rate, found in rows:
        print(f"{name:40}{rate:>16,.0f}{rate / baseline:>15.2f}{found:>8}")
    for name in missing:
        print(f"{name:40}{'not installed: pip install hypewatch[bench]':>44}")


def main() -> None:
    library = Library(Path("no folder"), {})
    began = time.process_time()
    study = library.studies()[0]
    ruleset = library.ruleset(study.id)
    loaded = (time.process_time() - began) * 1000
    plain = plain_expressions(ruleset)
    print(
        f"library loaded and compiled in {loaded:.0f} ms; {len(ruleset.rules)} rules; yardstick: {len(plain)} expressions"
    )
    print(f"{'text':24}{'relevance':>12}{'assess':>12}{'slowest':>12}{'yardstick':>12}{'ratio':>8}")
    texts = {"post, 17 words": HYPE.strip(), "article, 500 words": article(), "article, 5,000 words": article(5000)}
    for name, text in texts.items():
        kind = Kind.POST if name.startswith("post") else Kind.ARTICLE
        gate, _ = milliseconds(lambda text=text: find_mention("", text, study), 30)
        ours, slowest = milliseconds(
            lambda text=text, kind=kind: assess("", text, study, ruleset, kind=kind, lang="en"), 30
        )
        theirs, _ = milliseconds(lambda text=text: [one.search(text) for one in plain], 10)
        print(f"{name:24}{gate:>9.2f} ms{ours:>9.2f} ms{slowest:>9.2f} ms{theirs:>9.2f} ms{ours / theirs:>8.2f}")
    rules_on_mentions()


if __name__ == "__main__":
    main()
