"""Back-tests and saves judge only what a change can reach, and end as if everything had been judged. On both databases."""

from __future__ import annotations

import itertools
import json
import random
from collections import Counter
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations

from monitor.core.drift import assess
from monitor.core.entry import Entry
from monitor.core.errors import ChangedError, LibraryError, StorageError
from monitor.core.evaluation.backtest import BacktestState, ChangeKind, Tally, grade_of
from monitor.core.items.aliases import names_of
from monitor.core.items.stories import StoryKeys, StoryRelation
from monitor.core.mention import About, FlagState, MentionDraft, Relevance, Review, Step, TextFrom, Verdict
from monitor.core.model import DateConfidence, Kind, Network
from monitor.core.search.query import parse_query
from monitor.pipeline import backtests
from monitor.pipeline.backtests import begin_backtest, continue_backtest, save_backtest, stop_backtest
from monitor.pipeline.rejudge import (
    JUDGING,
    abandoned,
    holding,
    judge_again,
    judge_all,
    judged_by_somebody,
    rejudging,
    waits,
)
from monitor.pipeline.tune import move_rules, save_rules
from monitor.storage import search_index
from monitor.storage.database import Database
from monitor.storage.migrations.versions import v0010_changed_flags
from monitor.storage.store import open_store
from monitor.storage.tables import flags

#: Each mention is a story of its own.
ALONE = StoryRelation(
    lambda _: StoryKeys(frozenset(), frozenset()), lambda _one, _other: False, lambda _one, _other: False, version=1
)
STUDY = "keio-ips-sci"
LABELLED = Path(__file__).parents[1] / "data" / "labelled"
#: What the index does not hold as it is read, and what marks run words together.
ODD = (
    "See #MoonshotForMankind and #iPS now: they are walking again.",
    "A moon­shot for man­kind, they say, and patients walk.",
    "A moonshot for mankind, written on a line\nthat goes on for long enough to be broken\nto a width, as mails do it; patients fly.",
    "ＡＢＣ moonshot for ﬁne mankind",
    "慶応大学のiPS細胞で患者が歩けるようになった。奇跡の治療だ。",
    "El paciente vuelve a caminar: un milagro, dicen.",
    "#Okano spoke in Tokyo.",
)
MOON = (
    'id: our-moon\nmessage: "“{match}” is much."\nwhy: It is.\nseverity: high\nkind: phrase\ndrift: sensational-language\n'
    "ignores: [reader]\nmatch:\n  any: [moonshot ... mankind]\n"
    'flags: ["A moonshot for mankind.", "It is a moonshot for mankind."]\npasses: ["Two of four improved."]\n'
)
MOONSHOT = {"our-moon.yaml": MOON}
CHANGES = (
    MOONSHOT,
    {"our-moon.yaml": MOON.replace("drift:", "finding: walking\ndrift:")},
    {"_changes.yaml": "miracle:\n  status: retired\nabove-outcome:\n  severity: medium\n"},
    {"_changes.yaml": 'above-outcome:\n  unless: {any: ["<patients>"]}\nja-outcome:\n  status: trial\n'},
    {"_classes.yaml": 'guard-aim: ["they say"]\npatients: [they]\n'},
    {"_changes.yaml": "second-reader:\n  status: retired\n"},
)


def draft(deps, number: int, text: str, lang: str) -> MentionDraft:
    """A mention as it comes in, judged by the rules in use."""
    study = deps.library.study(STUDY)
    entry = Entry(
        guid=f"g{number}",
        url=f"https://paper{number}.example/news",
        title="",
        text=text,
        source=f"paper{number % 7}.example",
        kind=Kind.POST,
        network=Network.WEB,
        published=deps.clock() - timedelta(hours=number),
        date_confidence=DateConfidence.EXACT,
    )
    ruleset = deps.library.ruleset(STUDY)
    return MentionDraft(
        study_id=STUDY,
        identity=f"url:paper{number}.example/news",
        entry=entry,
        title="",
        text=text,
        text_from=TextFrom.IMPORT,
        lang=lang,
        relevance=Relevance(verdict=About.ABOUT),
        assessment=assess("", text, study, ruleset, kind=Kind.POST, lang=lang, on=entry.told_on),
        names=names_of(entry, f"url:paper{number}.example/news", text=text),
    )


@pytest.fixture
def stored(deps):
    """Forty odd and ordinary mentions, judged by the shipped rules."""
    rows = [
        (row["text"], row.get("lang", lang))
        for name, lang in (("pieces.jsonl", "en"), ("pieces-ja.jsonl", "ja"), ("sentences.jsonl", "en"))
        for row in map(json.loads, (LABELLED / name).read_text(encoding="utf-8").splitlines())
    ]
    texts = [*random.Random(1).sample(rows, 34), *((text, "") for text in ODD)]
    drafts = [draft(deps, number, text, lang) for number, (text, lang) in enumerate(texts)]
    deps.store.import_mentions(drafts, ALONE, now=deps.clock())
    return deps


def everything(deps):
    return deps.store.search(parse_query("", deps.clock()), limit=500)


def judged(deps, mention, ruleset):
    found = assess(
        mention.title,
        mention.text,
        deps.library.study(STUDY),
        ruleset,
        kind=mention.kind,
        lang=mention.lang,
        on=mention.told_on,
    )
    return {flag.fingerprint: flag for flag in found.flags}


@pytest.mark.parametrize("files", CHANGES)
def test_it_tells_what_judging_everything_would(stored, files):
    deps = stored
    before, after = deps.library.ruleset(STUDY), deps.rules_with(files).ruleset(STUDY)
    wanted = set()
    for mention in everything(deps):
        was, now = judged(deps, mention, before), judged(deps, mention, after)
        for key in was.keys() | now.keys():
            if key not in now:
                wanted.add((mention.id, "lost", was[key].rule, was[key].span.quote))
            elif key not in was:
                wanted.add((mention.id, "gained", now[key].rule, now[key].span.quote))
            elif not grade_of(was[key]).told_as(grade_of(now[key])):
                wanted.add((mention.id, "changed", now[key].rule, now[key].span.quote))
    found = begin_backtest(deps, files, author="ada", budget=60)
    assert found.state is BacktestState.DONE
    assert {(c.mention_id, c.kind, c.rule, c.quote) for c in found.changes} == wanted
    assert Counter(one[1] for one in wanted) == {
        kind: count
        for kind, count in (("gained", found.gained), ("lost", found.lost), ("changed", found.changed))
        if count
    }
    assert all(change.sentence[change.start : change.end] == change.quote for change in found.changes)
    ids = [change.mention_id for change in found.changes]
    assert ids == sorted(ids, reverse=True), "newest first"
    if files is MOONSHOT:
        assert found.judged < found.total <= len(everything(deps)), "only what can hold the words is looked at"
        assert found.judged <= len(ODD)
        assert found.labelled_before == found.labelled_after
        assert 0 < found.labelled_before.right < found.labelled_before.drifting


@pytest.mark.parametrize("files", CHANGES)
def test_after_a_save_all_are_as_if_judged_again(stored, files):
    deps = stored
    study = deps.library.study(STUDY)
    version = save_rules(deps, files, author="ada", note="why")
    after = deps.library.ruleset(STUDY)
    done, total = rejudging(deps, study)
    assert (done < total, waits(deps, study)) == (True, True)
    if files is MOONSHOT:
        assert done >= total - len(ODD) - 20, "most take the new digest at once"
    judge_all(deps, study)
    assert rejudging(deps, study) == (total, total)
    assert not waits(deps, study)
    for mention in everything(deps):
        wanted = judged(deps, mention, after)
        assert {stored.flag.fingerprint: stored.flag for stored in mention.flags} == wanted
        assert {mention.ruleset, *(stored.ruleset for stored in mention.flags)} == {after.digest} == {version.digest}
    _, said = move_rules(deps, step=Step.UNDO, author="ada")
    assert said == "Version 1 is taken back"
    judge_all(deps, study)
    plain = deps.library.ruleset(STUDY)
    for mention in everything(deps):
        assert {stored.flag.fingerprint for stored in mention.flags} == set(judged(deps, mention, plain))
        assert mention.ruleset == plain.digest


def test_a_save_for_new_mentions_only_leaves_the_others(stored, clock):
    deps = stored
    study = deps.library.study(STUDY)
    before = {mention.id: {one.flag.fingerprint for one in mention.flags} for mention in everything(deps)}
    clock.forward(minutes=1)
    save_rules(deps, MOONSHOT, author="ada", note="", judge_old=False)
    assert not waits(deps, study)
    assert judge_again(deps, study) == 0
    done, total = rejudging(deps, study)
    assert done == total
    assert {mention.id: {one.flag.fingerprint for one in mention.flags} for mention in everything(deps)} == before
    version, _ = move_rules(deps, step=Step.UNDO, author="ada")
    assert version.judge_old
    again, _ = move_rules(deps, step=Step.REDO, author="ada")
    assert not again.judge_old, "for new mentions only, as it was saved"
    move_rules(deps, step=Step.UNDO, author="ada")
    save_rules(deps, MOONSHOT, author="ada", note="")
    judge_all(deps, study)
    assert any(one.flag.rule == "our-moon" for mention in everything(deps) for one in mention.flags)


def test_the_first_changes_come_at_once_and_others_go_on(stored, monkeypatch):
    deps = stored
    monkeypatch.setattr(backtests, "BLOCK", 2)
    files = {"_changes.yaml": "second-reader:\n  status: retired\n"}
    first = begin_backtest(deps, files, author="ada", budget=0.000_001)
    assert (first.running, first.seen) == (True, 2)
    assert first.total == 41
    lease = deps.store.claim_backtest(first.id, "another", deps.clock(), timedelta(minutes=1))
    assert lease is not None
    assert continue_backtest(deps, first.id, budget=60).seen == 2, "another process has it"
    deps.clock.forward(minutes=2)
    later = continue_backtest(deps, first.id, budget=60)
    assert (later.state, later.seen) == (BacktestState.DONE, 41), "after a crash whoever comes next goes on"
    whole = begin_backtest(deps, files, author="ada", budget=60)
    assert (whole.changes, whole.kept) == (later.changes, later.kept)
    assert deps.store.save_backtest(lease, (), now=deps.clock(), until=None) is False, "a late owner changes nothing"
    assert [one.id for one in deps.store.backtests()] == [whole.id, first.id]


def test_one_that_was_stopped_stays_so(stored):
    deps = stored
    found = begin_backtest(deps, {"_changes.yaml": "second-reader:\n  status: retired\n"}, author="ada", budget=0)
    assert found.running
    assert stop_backtest(deps, found.id).state is BacktestState.STOPPED
    assert continue_backtest(deps, found.id, budget=60).state is BacktestState.STOPPED
    assert found.remaining_seconds is None


def test_reviews_are_counted_before_and_after(stored):
    deps = stored
    save_rules(deps, MOONSHOT, author="ada", note="")
    judge_all(deps, deps.library.study(STUDY))
    raised = [one for mention in everything(deps) for one in mention.flags if one.flag.rule == "our-moon"]
    for one, verdict in zip(raised, (Verdict.UPHELD, Verdict.DISMISSED), strict=False):
        deps.store.review(Review(flag_id=one.id, verdict=verdict, by="ada", at=deps.clock()))
    found = begin_backtest(deps, {}, author="ada", budget=60)
    assert found.reviewed_before == Tally(1, 2)
    assert found.reviewed_after == Tally(0, 0)
    assert (found.lost_upheld, found.lost, found.kept) == (1, len(raised), 0)
    assert {change.review for change in found.changes if change.rule == "our-moon"} >= {Verdict.UPHELD}
    same = begin_backtest(deps, {"our-moon.yaml": MOON.replace("high", "low")}, author="ada", budget=60)
    assert (same.lost, same.changed, same.kept, same.reviewed_after) == (0, len(raised), 0, Tally(1, 2))
    assert {change.steps for change in same.changes} == {("milder: low, was high",)}
    words = begin_backtest(deps, {"our-moon.yaml": MOON.replace("is much", "is too much")}, author="ada", budget=60)
    assert (words.counted, words.kept, words.judged > 0) == (0, len(raised), True), "only what its flags say changes"


def test_what_is_withdrawn_goes_from_a_back_test(stored):
    deps = stored
    found = begin_backtest(deps, MOONSHOT, author="ada", budget=60)
    gone = found.changes[0].mention_id
    deps.store.purge(gone, now=deps.clock())
    assert gone not in {change.mention_id for change in deps.store.backtest(found.id).changes}


def test_it_is_saved_unless_somebody_saved_in_between(stored):
    deps = stored
    one = begin_backtest(deps, MOONSHOT, author="ada", budget=60)
    other = begin_backtest(deps, CHANGES[2], author="eve", budget=60)
    version = save_backtest(deps, one.id, author="ada", note="because")
    assert (version.note, version.files) == ("because", MOONSHOT)
    with pytest.raises(ChangedError, match="in between"):
        save_backtest(deps, other.id, author="eve", note="")


def test_who_saves_between_the_look_and_the_save_is_not_written_over(stored, monkeypatch):
    deps = stored
    one = begin_backtest(deps, MOONSHOT, author="ada", budget=60)
    read = deps.store.rules_history

    def history(*, limit):
        found = read(limit=limit)
        monkeypatch.undo()
        save_rules(deps, CHANGES[2], author="eve", note="")
        return found

    monkeypatch.setattr(deps.store, "rules_history", history)
    with pytest.raises(ChangedError, match="in between"):
        save_backtest(deps, one.id, author="ada", note="")
    assert deps.store.rules_history(limit=1)[0].author == "eve"


def test_files_that_do_not_load_begin_nothing(deps):
    with pytest.raises(LibraryError):
        begin_backtest(deps, {"our-moon.yaml": "id: ["}, author="ada")
    assert deps.store.backtests() == ()


def test_one_whose_rules_load_no_more_fails_with_a_sentence(stored):
    deps = stored
    found = begin_backtest(deps, {"_changes.yaml": "second-reader:\n  status: retired\n"}, author="ada", budget=0)

    def refuse(_files):
        raise StorageError("The files went.", "Try again.")

    failed = continue_backtest(replace(deps, rules_with=refuse), found.id, budget=60)
    assert (failed.state, failed.sentence) == (BacktestState.FAILED, "The files went. Try again.")


def test_an_old_flag_stays_closed_in_the_count(stored):
    deps = stored
    save_rules(deps, MOONSHOT, author="ada", note="")
    judge_all(deps, deps.library.study(STUDY))
    move_rules(deps, step=Step.UNDO, author="ada")
    judge_all(deps, deps.library.study(STUDY))
    found = begin_backtest(deps, MOONSHOT, author="ada", budget=60)
    assert found.kept == 0
    assert any(change.kind is ChangeKind.GAINED and change.rule == "our-moon" for change in found.changes)
    states = {one.state for mention in deps.store.mentions_of([found.changes[0].mention_id]) for one in mention.flags}
    assert FlagState.WITHDRAWN in states


def test_a_draft_is_there_to_be_tried(stored):
    deps = stored
    files = {"our-moon.yaml": MOON.replace("kind:", "status: draft\nkind:")}
    found = begin_backtest(deps, files, author="ada", budget=60)
    assert any(change.kind is ChangeKind.GAINED and change.rule == "our-moon" for change in found.changes)
    save_backtest(deps, found.id, author="ada", note="")
    judge_all(deps, deps.library.study(STUDY))
    assert not any(one.flag.rule == "our-moon" for mention in everything(deps) for one in mention.flags)
    again = begin_backtest(deps, files, author="ada", budget=60)
    assert again.changes == found.changes, "saved or not"


def test_what_was_stored_before_the_index_knew_is_looked_through(deps, monkeypatch):
    """An old home: no mention says that the index holds it as it is read."""
    monkeypatch.setattr(search_index, "indexed_as_read", lambda *_: False)
    drafts = [draft(deps, number, text, "") for number, text in enumerate(ODD)]
    deps.store.import_mentions(drafts, ALONE, now=deps.clock())
    found = begin_backtest(deps, MOONSHOT, author="ada", budget=60)
    assert (found.total, found.state) == (len(ODD), BacktestState.DONE)
    assert 0 < found.judged < len(ODD)


def test_one_of_before_changed_flags_were_told_is_told_as_it_was(stored, database_url):
    """A database at 0009: its rows know only what comes and goes."""
    told = begin_backtest(stored, MOONSHOT, author="ada", budget=60)
    assert {change.kind for change in told.changes} >= {ChangeKind.GAINED}
    db = Database(database_url)
    with db.write() as conn:
        if told.changed:
            conn.execute(sa.text("DELETE FROM backtest_changes WHERE severity_before IS NOT NULL"))
        conn.execute(sa.text("ALTER TABLE backtests DROP COLUMN changed"))
        for column in ("mailed", "severity_before", "confidence_before", "mailed_before"):
            conn.execute(sa.text(f"ALTER TABLE backtest_changes DROP COLUMN {column}"))
        (flag_id, other) = conn.scalars(sa.text("SELECT id FROM flags ORDER BY id LIMIT 2")).all()
        said = {"message": "It is {findng}; “{x}” too.", "correction": "Say {that}.", "quote": "{x}"}
        conn.execute(sa.update(flags).where(flags.c.id == flag_id).values(said))
    with db.write() as conn, Operations.context(MigrationContext.configure(conn)):
        v0010_changed_flags.upgrade()
    db.close()
    with closing(open_store(database_url)) as upgraded:
        now = upgraded.backtest(told.id)
        mended = upgraded.flag(flag_id).flag
        untouched = upgraded.flag(other).flag
    assert (mended.message, mended.correction) == ("It is …; “{x}” too.", "Say …."), "as an old rule said it"
    assert "…" not in untouched.message
    assert (now.changed, now.gained, now.lost) == (0, told.gained, told.lost)
    assert now.changes == tuple(change for change in told.changes if change.kind is not ChangeKind.CHANGED)


def test_a_few_changes_are_enough_while_somebody_waits(stored, monkeypatch):
    """Half of the time over, and there is something to look at: the rest goes on without them."""
    deps, clock = stored, itertools.count()
    monkeypatch.setattr(backtests, "FIRST_CHANGES", 3)
    monkeypatch.setattr(backtests, "time", SimpleNamespace(monotonic=lambda: next(clock) / 4))
    files = {"_changes.yaml": "second-reader:\n  status: retired\n"}
    found = begin_backtest(deps, files, author="ada", budget=10)
    assert (found.running, len(found.changes) >= backtests.FIRST_CHANGES) == (True, True)
    assert found.seconds < 10 * backtests.FIRST_SHARE + 1
    assert continue_backtest(deps, found.id, budget=1000).state is BacktestState.DONE


def test_one_whose_process_was_killed_waits_for_somebody_as_soon_as_its_lease_is_over(stored):
    deps = stored
    found = begin_backtest(deps, {"_changes.yaml": "second-reader:\n  status: retired\n"}, author="ada", budget=0)
    assert found.idle(deps.clock()), "nobody claimed it"
    assert deps.store.claim_backtest(found.id, "killed", deps.clock(), backtests.LEASE) is not None
    assert not deps.store.backtest(found.id).idle(deps.clock())
    assert timedelta(minutes=1) >= backtests.LEASE
    deps.clock.forward(seconds=backtests.LEASE.total_seconds() + 1)
    assert deps.store.backtest(found.id).idle(deps.clock())
    done = continue_backtest(deps, found.id, budget=60)
    assert (done.state, done.idle(deps.clock())) == (BacktestState.DONE, False)


def test_one_that_ends_its_process_again_and_again_says_what_to_do(stored):
    deps = stored
    found = begin_backtest(deps, {"_changes.yaml": "second-reader:\n  status: retired\n"}, author="ada", budget=0)
    for _ in range(3):
        assert deps.store.claim_backtest(found.id, "killed", deps.clock(), backtests.LEASE) is not None
        deps.clock.forward(minutes=2)
    failed = continue_backtest(deps, found.id, budget=60)
    assert (failed.state, "Begin it again" in failed.sentence) == (BacktestState.FAILED, True)


def test_it_is_known_whether_somebody_judges_stored_mentions_again(stored):
    deps = stored
    study = deps.library.study(STUDY)
    assert not abandoned(deps)
    save_rules(deps, MOONSHOT, author="ada", note="")
    assert (abandoned(deps), judged_by_somebody(deps)) == (False, False), "a worker has its time to begin"
    with holding(deps, "by hand") as renew:
        assert renew()
        assert judged_by_somebody(deps)
        assert not deps.store.lock(JUDGING, "a worker", deps.clock(), timedelta(minutes=1)), "it is left to this one"
    assert deps.store.lock(JUDGING, "killed", deps.clock(), timedelta(minutes=1))
    deps.clock.forward(seconds=61)
    assert (abandoned(deps), judged_by_somebody(deps)) == (False, False)
    deps.clock.forward(minutes=3)
    assert abandoned(deps)
    judge_all(deps, study, budget=60, chunk=3)
    assert not abandoned(deps)
