"""What hostile texts cost beside honest ones: `python tests/benchmarks/hostile.py`. Prints a table; pytest never runs it.

For each text: milliseconds of judging 10, 20 and 40 thousand characters, how 40 grow over 20, and each beside an honest
text of the same length. `tests/core/drift/test_linear.py` holds the bounds.
"""

from __future__ import annotations

import gc
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "fakes"))
from hostile_texts import PHRASES, REPEATED, honest, repeated

from monitor.core.drift import assess
from monitor.core.model import Kind
from monitor.core.rules.lexicon import Lexicon
from monitor.core.rules.matcher import Matcher
from monitor.core.rules.phrase import parse
from monitor.core.text.doc import read
from monitor.library.load import Library

SIZES = (10_000, 20_000, 40_000)
ROUNDS = 3


def milliseconds(act: object) -> float:
    """The quickest of a few rounds: what else the machine does can only make a round longer."""
    took = []
    for _ in range(ROUNDS):
        began = time.process_time()
        act()  # type: ignore[operator]
        took.append((time.process_time() - began) * 1000)
    return min(took)


def main() -> None:
    library = Library(Path("no folder"), {})
    study = library.study("keio-ips-sci")
    ruleset = library.ruleset(study.id)
    gc.freeze()
    gc.disable()

    def judged(text: str) -> float:
        gc.collect()
        return milliseconds(lambda: assess("", text, study, ruleset, kind=Kind.ARTICLE, lang="en"))

    plain = [judged(honest(size)) for size in SIZES]
    heads = "".join(f"{size // 1000:>8} k" for size in SIZES)
    print(f"{'text':32}{heads}{'40/20':>8}{'beside honest':>30}")
    for name, text in {"honest": None, **REPEATED}.items():
        took = plain if text is None else [judged(repeated(text, size)) for size in SIZES]
        beside = "".join(f"{ours / theirs:>10.2f}" for ours, theirs in zip(took, plain, strict=True))
        print(f"{name:32}" + "".join(f"{ms:>10.0f}" for ms in took) + f"{took[2] / took[1]:>8.2f}{beside}", flush=True)
    print("\none phrase on 10 kB")
    lexicon = Lexicon({})
    for phrase, text in PHRASES.items():
        parts = lexicon.resolve(parse(phrase))
        took_ms = milliseconds(lambda parts=parts, text=text: list(Matcher(read(text), lexicon).find(parts)))
        print(f"{phrase[:60]:62}{took_ms:>8.0f} ms")


if __name__ == "__main__":
    main()
