"""The second reader: a linear model over readable features. It judges a sentence apart from the rules and says why.

Trained by `python -m monitor.training.train` on sentences and whole pieces written for the project; its weights are data
(`monitor/library/classifier/weights.json.gz`), a logistic regression (Cox 1958) whose features `features.py` names. It
cannot see what the rules say, so that its agreement is a second opinion. How both are joined to one probability, at the
share of drift that coverage has, was fitted on pieces of writers that it had not learned from, and stands beside the weights.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor.core.drift.features import COUNTED, RUNS, WORD, words_of_runs
from monitor.core.text.content_words import FUNCTION_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from monitor.core.drift.features import Names

_FUNCTION_WORDS = frozenset(FUNCTION_WORDS["en"])
#: How many words are told as the reason.
MOST_REASONS = 4
#: Shorter ones ("d", "'s") tell nobody anything.
LEAST_REASON = 3
#: What a rule without a record is taken to have: right three times in four, as rules are on average.
PRIOR_RIGHT, PRIOR_FOUND = 3, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """How the reading and the rules are joined, and from which probability on a flag counts, is mailed, is shown.

    The probability that a sentence drifts is a logistic regression over the reading (log-odds), whether rules hit, the
    record of the rule, and whether several hit. All of it is fitted at the natural share of drift and stands in the file of
    the weights, so that neither changes without the other.
    """

    intercept: float
    reading: float  # weight of the classifier's log-odds
    ruled: float  # weight of a rule's hit
    record: float  # weight of the log-odds that the rule was right before
    several: float  # weight of more than one rule's hits
    records: Mapping[str, tuple[int, int]]  # rule -> (how often it was right, how often it spoke) in ordinary coverage
    share: float  # of the sentences that all this was fitted on, the share that drifts
    drifts: float  # from this probability on a flag counts as drift
    mailed: float  # and from this one on a rule's flag is mailed
    mailed_alone: float  # and a flag that the classifier raises by itself
    look_here: float  # from this probability on the classifier raises a sentence by itself, for a person to look at
    unlikely: float  # a flag whose type the classifier gives less than this is a candidate,
    likely: float  # where another flag's type on the same sentence has more than this

    def probability(self, reading: float, rule: str | None, *, several: bool) -> float:
        """How likely it is that a sentence drifts that the classifier reads so; `rule` flags it, and `several` do."""
        odds = self.intercept + self.reading * reading
        if rule is not None:
            right, found = self.records.get(rule, (0, 0))
            before = (right + PRIOR_RIGHT) / (found + PRIOR_FOUND)
            odds += self.ruled + self.record * math.log(before / (1 - before)) + self.several * several
        return sigmoid(odds)


@dataclass(frozen=True)
class Classifier:
    """Weights of the probability that a sentence drifts, and of each drift type given that it does."""

    bias: float
    weights: Mapping[str, float]
    types: Mapping[str, float]  # drift slug -> bias
    typed: Mapping[str, Mapping[str, float]]  # feature -> its weights for types, by their slug
    digest: str
    calibration: Calibration
    calibration_elsewhere: Calibration  # of studies that it never learned from
    studies: frozenset[str]  # those that it learned from, by id

    def calibration_for(self, study: str) -> Calibration:
        """How its reading is joined and used for the study of this id. Of a study that it never learned from it reads every
        sentence as tamer than it is, so less is asked of it there.
        """
        return self.calibration if study in self.studies else self.calibration_elsewhere

    def reading(self, names: Names) -> float:
        """The log-odds that a sentence drifts, as it reads. Features weigh by presence, words and runs of letters by how many
        there are too.
        """
        words, runs, cues = (_summed(self.weights, some) for some in (names.words, names.runs, names.cues))
        return self.bias + (words * _scale(names.counted) + runs * _scale(len(names.runs))) * WORD_FACTOR + cues

    def type_probabilities(self, names: Names, slugs: Iterable[str] | None = None) -> dict[str, float]:
        """The probability of each drift type it knows, or of those of these slugs, of a sentence that drifts; a sentence may have several."""
        size = _scale(names.counted) * WORD_FACTOR
        words, cues = ([*filter(None, map(self.typed.get, some))] for some in ((*names.words, *names.runs), names.cues))
        return {
            slug: sigmoid(_added(cues, slug, self.types[slug]) + _added(words, slug) * size)
            for slug in (self.types if slugs is None else self.types.keys() & slugs)
        }

    def reasons(self, names: Names) -> tuple[str, ...]:
        """The words that spoke loudest for drift, as a person reads them: neither the study's own nor "the" and "'s"."""
        heard = (name for name in names.words if name.startswith(WORD) and "§" not in name)
        loud = sorted((name for name in heard if self.weights.get(name, 0) > 0), key=lambda n: (-self.weights[n], n))
        words = (name.removeprefix(WORD) for name in loud)
        return tuple(word for word in words if all(map(_tells, word.split())))[:MOST_REASONS]

    def heat(self, features: Mapping[str, Sequence[int]]) -> dict[int, float]:
        """How much each word (by index) speaks for drift."""
        heat: dict[int, float] = {}
        one, run = scale(features), scale(features, (RUNS,))
        for name, words in {**features, **words_of_runs(features)}.items():
            weight = self.weights.get(name, 0.0) * (run if name.startswith(RUNS) else one)
            for word in words:
                heat[word] = heat.get(word, 0.0) + weight / max(1, len(words))
        return heat


def _summed(weights: Mapping[str, float], names: Iterable[str]) -> float:
    """The sum of the weights of these features, one after the other: `sum` corrects its rounding from Python 3.12 on, and a sentence
    would read otherwise there in its last digit.
    """
    total = 0.0
    for weight in filter(None, map(weights.get, names)):
        total += weight
    return total


def _added(weights: Iterable[Mapping[str, float]], slug: str, total: float = 0.0) -> float:
    """The total with the weights of a type, one after the other."""
    for of_types in weights:
        total += of_types.get(slug, 0.0)
    return total


def _tells(word: str) -> bool:
    return len(word) >= LEAST_REASON and word not in _FUNCTION_WORDS


def scale(features: Iterable[str], counted: tuple[str, ...] = COUNTED) -> float:
    """Word features of long sentences count less each: L2 normalisation over presence, cues left whole. Runs of letters are
    normalised by themselves (`counted`): there are four times as many.
    """
    return _scale(sum(1 for name in features if name.startswith(counted)))


def _scale(words: int) -> float:
    return 1 / math.sqrt(words) if words else 0.0


#: Words against cues, as in training: the sentence's words together weigh about as much as four cues.
WORD_FACTOR = 4.0


def sigmoid(value: float) -> float:
    """The probability that log-odds say."""
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, value))))
