"""The second reader: a linear model over readable features. It judges a sentence apart from the rules and says why.

Trained by `python -m monitor.training.train` on sentences written for the project; its weights are data
(`monitor/library/classifier/weights.json.gz`), a logistic regression (Cox 1958) whose features `features.py` names.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from monitor.core.drift.features import WORDY
from monitor.core.text.content_words import FUNCTION_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

#: Features whose number is a sentence's length: words, and neighbouring words.
COUNTED = ("w:", "begin:")
_FUNCTION_WORDS = frozenset(FUNCTION_WORDS["en"])
#: How many words are told as the reason.
MOST_REASONS = 4
#: Shorter ones ("d", "'s") tell nobody anything.
LEAST_REASON = 3


@dataclass(frozen=True, slots=True)
class Weighed:
    """A sentence's features as one reader weighs them, those without a weight left out; `counted` make up its length."""

    words: Mapping[str, float]
    cues: Mapping[str, float]
    counted: frozenset[str]

    def __or__(self, other: Weighed) -> Weighed:
        """Both sentences together: what stands in both counts once."""
        return Weighed({**self.words, **other.words}, {**self.cues, **other.cues}, self.counted | other.counted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """What the probabilities of one training mean, as measured on labelled sets that it has not seen; all are 0 to 1 but
    `slope`. They are fitted with the weights and stand in their file, so that neither changes without the other.
    """

    agrees: float  # from this probability on the classifier agrees with a rule's flag
    contradicts: float  # below this one it contradicts it
    contradicted: float  # confidence of a flag of mere words that it contradicts
    candidate: float  # confidence of what a person is to look at
    unlikely: float  # a flag whose type it gives less than this is a candidate,
    likely: float  # where another flag's type on the same sentence has more than this
    look_here: float  # from this probability on it raises a sentence by itself;
    quoted: float  # of the team's own words, of critics' and of other studies from this one on;
    headline: float  # and of a headline, which has few words and no neighbours, from this one on
    most_alone: float  # it is never surer than this by itself
    slope: float  # how often a sentence of some probability drifts is a logistic curve, so much steeper,
    tips: float  # which is one half at this probability

    def share(self, probability: float) -> float:
        """How often a sentence of this probability drifts: its training sentences drift more often than what is written,
        and the penalty holds it back from saying how sure it is.
        """
        if probability >= 1:
            return 1.0
        odds: float = (probability / (1 - probability) * (1 - self.tips) / self.tips) ** self.slope
        return odds / (1 + odds)


@dataclass(frozen=True)
class Classifier:
    """Weights of the probability that a sentence drifts, and of each drift type given that it does."""

    bias: float
    weights: Mapping[str, float]
    types: Mapping[str, tuple[float, Mapping[str, float]]]  # drift slug -> (bias, weights)
    digest: str
    calibration: Calibration

    def weigh(self, features: Iterable[str]) -> Weighed:
        """The weights of a sentence's features."""
        words: dict[str, float] = {}
        cues: dict[str, float] = {}
        counted = []
        for name in features:
            if name.startswith(COUNTED):
                counted.append(name)
            weight = self.weights.get(name)
            if weight is not None:
                (words if name.startswith(WORDY) else cues)[name] = weight
        return Weighed(words, cues, frozenset(counted))

    def probability(self, sentence: Weighed) -> float:
        """The probability that the sentence drifts, 0 to 1. Features weigh by presence, scaled by the sentence's length."""
        size = _scale(len(sentence.counted)) * WORD_FACTOR
        return _sigmoid(self.bias + sum(sentence.words.values()) * size + sum(sentence.cues.values()))

    def type_probabilities(self, features: Mapping[str, Sequence[int]]) -> dict[str, float]:
        """The probability of each drift type it knows, of a sentence that drifts; a sentence may have several."""
        words: dict[str, float] = dict.fromkeys(self.types, 0.0)
        cues = {slug: bias for slug, (bias, _) in self.types.items()}
        for name in features:
            of_types = self._by_feature.get(name)
            if of_types:
                sums = words if name.startswith(WORDY) else cues
                for slug, weight in of_types:
                    sums[slug] += weight
        size = scale(features) * WORD_FACTOR
        return {slug: _sigmoid(cues[slug] + words[slug] * size) for slug in self.types}

    @cached_property
    def _by_feature(self) -> Mapping[str, Sequence[tuple[str, float]]]:
        """The weights of all types, by feature: a sentence has few of them."""
        found: dict[str, list[tuple[str, float]]] = {}
        for slug, (_, weights) in self.types.items():
            for name, weight in weights.items():
                found.setdefault(name, []).append((slug, weight))
        return found

    def reasons(self, features: Mapping[str, Sequence[int]]) -> tuple[str, ...]:
        """The words that spoke loudest for drift, as a person reads them: neither the study's own nor "the" and "'s"."""
        loud = sorted((name for name in features if self.weights.get(name, 0) > 0), key=lambda n: (-self.weights[n], n))
        words = [name.removeprefix("w:") for name in loud if name.startswith("w:") and "§" not in name]
        return tuple(word for word in words if all(map(_tells, word.split())))[:MOST_REASONS]

    def heat(self, features: Mapping[str, Sequence[int]]) -> dict[int, float]:
        """How much each word (by index) speaks for drift."""
        heat: dict[int, float] = {}
        for name, words in features.items():
            weight = self.weights.get(name, 0.0)
            for word in words:
                heat[word] = heat.get(word, 0.0) + weight / max(1, len(words))
        return heat


def _tells(word: str) -> bool:
    return len(word) >= LEAST_REASON and word not in _FUNCTION_WORDS


def scale(features: Mapping[str, Sequence[int]]) -> float:
    """Word features of long sentences count less each: L2 normalisation over presence, cues left whole."""
    return _scale(sum(1 for name in features if name.startswith(COUNTED)))


def _scale(words: int) -> float:
    return 1 / math.sqrt(words) if words else 0.0


#: Words against cues, as in training: the sentence's words together weigh about as much as four cues.
WORD_FACTOR = 4.0


def _sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, value))))
