"""The words of one text: where each stands, the numbers among them, and what of all phrases they lack."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from monitor.core.text.doc import is_cjk
from monitor.core.text.numbers import BEGINNINGS, TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from monitor.core.rules.gates import Gates
    from monitor.core.text.doc import Doc


class TextWords:
    """What a Matcher looks up: by word and hashtag the places of a text, by place its numbers, and the bits (`gates`) that the text and
    each of its sentences lack.
    """

    def __init__(self, doc: Doc, gates: Gates) -> None:
        """What the text lacks is looked up when it is first asked for."""
        self._doc, self._gates = doc, gates
        self.texts = [word.text for word in doc.words]
        self.positions: dict[str, list[int]] = defaultdict(list)
        self.tagged: dict[str, list[int]] = defaultdict(list)
        for at, text in enumerate(self.texts):
            self.positions[text].append(at)
        for at in doc.tagged:
            self.tagged[doc.words[at].tag].append(at)
        self.vocabulary = frozenset(self.positions)
        #: Is anything of it written without spaces? Else no phrase in such a script is looked for.
        self.holds_unspaced = is_cjk(doc.folded)
        self.lacks_of: list[int] = []  # of each sentence
        self.bits_behind: list[int] = []  # of each word, those of the next one in its sentence
        self._numbers: dict[str, dict[int, tuple[float, int]]] = {}
        self._twos: dict[str, list[str]] | None = None
        self._known_bits = -1  # of so many bits of the gates it is known whether the text lacks them
        self._lacks = 0

    @property
    def lacks(self) -> int:
        """The bits (`Lexicon.plan`) that the text lacks: a phrase that needs one of them does not stand in it."""
        return self.lacks_among(0)

    def lacks_among(self, bits: int) -> int:
        """The bits that the text lacks, of at least the first so many."""
        if self._known_bits < bits:
            self._look_at_words()
        return self._lacks

    def may_hold(self, need: int) -> bool:
        """Has the text what a phrase needs (`Lexicon.plan`)? If not, it does not hold it."""
        return not need & self.lacks_among(need.bit_length())

    def _look_at_words(self) -> None:
        """Put together the bits that the text and its sentences lack of those given out so far. Of later ones nobody says that
        they are lacking.
        """
        gates, words, texts = self._gates, self._doc.words, self.texts
        self._known_bits = gates.size  # before the words are asked: what is given out meanwhile is looked at again
        every = (1 << self._known_bits) - 1
        of_word = gates.of_words(self.vocabulary)
        unspaced = gates.unspaced if self.holds_unspaced else 0
        have = 0
        bits_of: list[int] = []
        behind: list[int] = []
        for sentence in self._doc.sentences:
            bits = unspaced
            each = [of_word[text] for text in texts[sentence.first : sentence.last]]
            for one in each:
                bits |= one
            bits_of.append(bits)
            if each:
                behind += (*each[1:], 0)
        for at in self._doc.tagged:
            bits_of[words[at].sentence] |= gates.of_tag(words[at].tag)
        for bits in bits_of:
            have |= bits
        self._lacks, self.lacks_of = every & ~have, [every & ~bits for bits in bits_of]
        self.bits_behind = behind

    def beginning(self, prefix: str) -> Iterator[str]:
        """The words that begin so; a prefix has at least two letters."""
        if self._twos is None:
            self._twos = {}
            for text in self.vocabulary:
                self._twos.setdefault(text[:2], []).append(text)
        return (word for word in self._twos.get(prefix[:2], ()) if word.startswith(prefix))

    def numbers_of(self, kind: str) -> Mapping[int, tuple[float, int]]:
        """Where numbers of a type begin: word -> (value, end). Found once a text, never past a sentence."""
        known = self._numbers.get(kind)
        if known is None:
            read, known = TYPES[kind], {}
            sentences, words, texts = self._doc.sentences, self._doc.words, self.texts
            beginnings = BEGINNINGS[kind]
            places = (
                at for text in self.vocabulary if text in beginnings or text[0].isdigit() for at in self.positions[text]
            )
            for at in sorted(places):
                number = read(texts, at, sentences[words[at].sentence].last)
                if number:
                    known[at] = number
            self._numbers[kind] = known
        return known
