"""What else a searched word can be written as: German umlauts, short names of Japanese universities, English forms. Pure.

What is one spelling to everybody - capitals, accents, full width, ligatures, old forms of kanji - is one in the index
(`tokens.py`). What is asked here costs a search another word, and so only where it was written:

    Rückenmark    also Rueckenmark                慶應     also 慶大
    Rueckenmark   in German texts also Rückenmark  patient~ also patients (`forms`)
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from monitor.core.search.nodes import And, Field, Near, Not, Or, Phrase, Word, joined
from monitor.core.search.tokens import folded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.core.search.nodes import Node

_UMLAUT = {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"}
_WRITTEN_OUT = re.compile(r"(?<![qQaAeE])([aouAOU])e")  # "quer" and "neue" hold no umlaut

#: Japanese universities and institutes by all the names that news uses, in the forms of today's kanji, the short one last.
_NAMES = (
    ("慶応義塾大学", "慶応大学", "慶応大", "慶応", "慶大"),
    ("早稲田大学", "早大"),
    ("東京大学", "東大"),
    ("京都大学", "京大"),
    ("大阪大学", "阪大"),
    ("名古屋大学", "名大"),
    ("九州大学", "九大"),
    ("北海道大学", "北大"),
    ("東京科学大学", "東京科学大", "科学大"),
    ("理化学研究所", "理研"),
)
_NAMED = {name: names for names in _NAMES for name in names}

#: Plurals that no ending makes.
_IRREGULAR = (
    ("man", "men"), ("woman", "women"), ("child", "children"), ("person", "people"), ("foot", "feet"), ("tooth", "teeth"),
    ("mouse", "mice"), ("datum", "data"), ("medium", "media"), ("criterion", "criteria"), ("phenomenon", "phenomena"),
    ("analysis", "analyses"), ("hypothesis", "hypotheses"), ("diagnosis", "diagnoses"), ("prognosis", "prognoses"),
    ("nucleus", "nuclei"), ("stimulus", "stimuli"), ("life", "lives"), ("half", "halves"), ("leaf", "leaves"),
)  # fmt: skip
_FORMS = {form: pair for pair in _IRREGULAR for form in pair}
#: How British and American English write the same ending.
_ENDINGS = (("ise", "ize"), ("yse", "yze"), ("isation", "ization"), ("our", "or"), ("tre", "ter"), ("ogue", "og"))


def widened(node: Node) -> Node:
    """The same search, in which each word may be written in another way."""
    match node:
        case Word() | Phrase():
            return joined(Or, list(_ways(node)))
        case Near(left, right, distance):
            pairs: list[Node] = [
                Near(one, other, distance) for one in _plain_ways(left) for other in _plain_ways(right)
            ]
            return joined(Or, pairs)
        case Not(inner):
            return Not(widened(inner))
        case And(nodes):
            return And(tuple(map(widened, nodes)))
        case Or(nodes):
            return Or(tuple(map(widened, nodes)))
    return node


def _ways(leaf: Word | Phrase) -> Sequence[Node]:
    """The leaf, then what else it can be written as."""
    ways: list[Node] = [*_plain_ways(leaf)]
    if (umlaut := _WRITTEN_OUT.sub(r"\1", leaf.text)) != leaf.text:
        # In other languages those letters are themselves: "poet" is no "pot".
        ways.append(And((_with(leaf, umlaut), Field("lang", "de"))))
    return ways


@lru_cache(maxsize=1024)
def _plain_ways(leaf: Word | Phrase) -> Sequence[Word | Phrase]:
    texts = dict.fromkeys((leaf.text,))
    if any(char in leaf.text for char in _UMLAUT):
        texts["".join(_UMLAUT.get(char, char) for char in leaf.text)] = None
    texts |= dict.fromkeys(_NAMED.get(folded(leaf.text), ()))
    if isinstance(leaf, Word) and leaf.forms:
        texts |= dict.fromkeys(english_forms(leaf.text))
    return [_with(leaf, text) for text in texts]


def _with(leaf: Word | Phrase, text: str) -> Word | Phrase:
    return replace(leaf, text=text, forms=False) if isinstance(leaf, Word) else replace(leaf, text=text)


def english_forms(word: str) -> Sequence[str]:
    """Singular and plural of an English noun, British and American; a form that does not exist finds nothing and harms nothing."""
    lower = folded(word)
    spelled = dict.fromkeys((lower,))
    for british, american in _ENDINGS:
        for one, other in ((british, american), (american, british)):
            for ending in ("", "s", "d", "r"):
                if lower.endswith(one + ending):
                    spelled[lower.removesuffix(one + ending) + other + ending] = None
    forms = dict.fromkeys(form for each in spelled for form in (each, *_FORMS.get(each, ()), *_counted(each)))
    return list(forms)


def _counted(word: str) -> Sequence[str]:
    """The plural of a singular, and the singulars that a plural can be of."""
    if word.endswith("ies") and len(word) > 4:
        return (f"{word[:-3]}y",)
    if word.endswith(("ses", "xes", "zes", "ches", "shes")):
        return (word[:-2], word[:-1])
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return (word[:-1],)
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return (f"{word[:-1]}ies",)
    return (f"{word}es",) if word.endswith(("s", "x", "z", "ch", "sh")) else (f"{word}s",)
