"""A search that names what there is not says so, and what may be meant."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from monitor.core.errors import QueryError
from monitor.pipeline.ask import ask

NOW = datetime(2025, 3, 24, 9, 0, tzinfo=UTC)


class Stored:
    """A store that knows two sources, a story, and a rule that is no longer in use."""

    names = ("nhk.or.jp", "The Daily Echo")

    def knows(self, field, value):
        return (field, value) in {("source", "nhk"), ("rule", "old-rule"), ("story", "3")}

    def source_names(self):
        return self.names


class Empty(Stored):
    names = ()


def library():
    return SimpleNamespace(
        rules=lambda: [SimpleNamespace(id="walking-again"), SimpleNamespace(id="cure-word")],
        studies=lambda: [SimpleNamespace(id="keio-ips-sci")],
    )


def no_library():
    raise AssertionError("the rules were loaded for a search that needs none")


@pytest.mark.parametrize("text", ["", "cure lang:ja", "source:nhk", "-rule:old-rule OR story:3"])
def test_what_is_stored_needs_no_rules(text):
    assert ask(text, now=NOW, store=Stored(), library=no_library).text == text


@pytest.mark.parametrize("text", ["rule:walking-again", "study:keio-ips-sci", "rule:(cure-word OR old-rule)"])
def test_a_rule_or_study_without_mentions_is_known(text):
    assert ask(text, now=NOW, store=Stored(), library=library).root is not None


@pytest.mark.parametrize(
    ("text", "said", "at"),
    [
        ("cure rule:walking", "There is no rule 'walking'. Did you mean walking-again?", (5, 17)),
        ("rule:zzz", "There is no rule 'zzz'. There are: cure-word, walking-again.", (0, 8)),
        ("-(cure OR source:nkh.or.jp)", "There is no outlet or account 'nkh.or.jp'. Did you mean nhk.or.jp?", (10, 26)),
        ("outlet:'x'", "There is no outlet or account \"'x'\". There are: nhk.or.jp, The Daily Echo.", (0, 10)),
        ("study:kei", "There is no study 'kei'. There are: keio-ips-sci.", (0, 9)),
        (
            "story:4",
            "There is no story '4'. It may have gone into another; the list of stories has those there are.",
            (0, 7),
        ),
    ],
)
def test_what_there_is_not_is_said_with_its_place(text, said, at):
    with pytest.raises(QueryError) as told:
        ask(text, now=NOW, store=Stored(), library=library)
    assert str(told.value) == said
    assert told.value.at == at


def test_before_anything_was_read_no_source_is_known():
    with pytest.raises(QueryError, match=r"There is no outlet or account 'nhk\.or'. No source was read yet\."):
        ask("source:nhk.or", now=NOW, store=Empty(), library=library)
