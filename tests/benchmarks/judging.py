"""How long judging takes: `python tests/benchmarks/judging.py`. Prints a table; pytest never runs it.

The yardstick is one plain regular expression for each phrase of the rules, searched in the same text: what a keyword
alert does, without classes, guards, claims or a second reader.
"""

from __future__ import annotations

import gc
import re
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from monitor.core.drift import assess
from monitor.core.model import Kind
from monitor.core.relevance import find_mention
from monitor.library.load import Library

if TYPE_CHECKING:
    from collections.abc import Callable

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
    """Median and slowest of so many rounds, in ms."""
    act()
    gc.collect()
    took = []
    for _ in range(rounds):
        began = time.perf_counter()
        act()
        took.append((time.perf_counter() - began) * 1000)
    return median(took), max(took)


def main() -> None:
    library = Library(Path("no folder"), {})
    began = time.perf_counter()
    study = library.studies()[0]
    ruleset = library.ruleset(study.id)
    loaded = (time.perf_counter() - began) * 1000
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


if __name__ == "__main__":
    main()
