"""The fact sheets and rules in use, what is saved of people's own, and what a change would have done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime, timedelta

    from monitor.core.drift.difference import NearChange
    from monitor.core.drift.ruleset import RuleSet
    from monitor.core.errors import Problem
    from monitor.core.evaluation.backtest import Backtest
    from monitor.core.evaluation.backtest import Change as FlagChange
    from monitor.core.evaluation.candidates import Candidates
    from monitor.core.evaluation.examples import LabelledSentence
    from monitor.core.mention import (
        Mention,
        RuleSetVersion,
        StoredText,
    )
    from monitor.core.proposals import Proposal, ProposalDraft, ProposalState
    from monitor.core.rules.change import Change, Written
    from monitor.core.rules.rule import Rule
    from monitor.core.rules.statistics import RuleHits
    from monitor.core.sheet_version import SheetVersion
    from monitor.core.study import Study

T = TypeVar("T")
R = TypeVar("R")


class Library(Protocol):
    """Fact sheets and rules. Laws: `ruleset` and `study` return equal values until the files or stored versions change;
    raises LibraryError with every problem at once, NotFoundError for an unknown study.
    """

    def studies(self) -> Sequence[Study]:
        """Those that can be used: a broken fact sheet stops its own study, not the others."""
        ...

    def default(self) -> Study:
        """The study that is meant where none is named; raises LibraryError while any fact sheet is broken."""
        ...

    def broken(self) -> Mapping[str, tuple[Problem, ...]]:
        """Studies whose fact sheet cannot be used, with what is wrong in it."""
        ...

    def study(self, study_id: str) -> Study: ...
    def ruleset(self, study_id: str) -> RuleSet: ...
    def current(self) -> Library:
        """The library as it is now, for many texts in a row: it does not look again whether something was saved."""
        ...


class Judges(Protocol):
    """Whoever judges many texts. Laws: the answers are those of `act(library, item)`, in order, however many processes there
    are; a bounded number of items is read ahead; what `act` raises is raised here. Raises EndedError if a process is ended.
    """

    def each(self, library: Library, act: Callable[[Library, T], R], items: Iterable[T]) -> Iterator[R]:
        """`act` on each item. `act`, items and answers are sent between processes: `act` is a function of a module, or a
        `partial` of one.
        """
        ...


class RuleLibrary(Library, Protocol):
    """A Library that shows its rules, for tuning."""

    def ruleset_of(self, study: Study) -> RuleSet:
        """The rules in use for a study that need not be among those of this library; raises LibraryError."""
        ...

    def rules(self) -> Sequence[Rule]:
        """Every rule of every pack, also retired and draft ones; raises LibraryError with every problem."""
        ...

    def labelled(self, study_id: str) -> Sequence[LabelledSentence]:
        """Sentences on the study that people labelled, to measure rules with; none for most studies."""
        ...

    def changes(self) -> Sequence[Change]:
        """Your changes of rules, in the order of their files; raises LibraryError with every problem."""
        ...

    def refused(self, rules: Iterable[Rule]) -> Iterator[Problem]:
        """What rules that load are refused for when they are checked or saved, with its place: something of a template is still
        to be written, or there is no such language, finding or placeholder.
        """
        ...

    def phrases(self) -> Iterator[tuple[str, Written]]:
        """(path, phrase) of every phrase in your files, also in those that do not load."""
        ...


class Rules(Protocol):
    """The versions of the user's own rules. Laws: see Store."""

    def save_rules(self, version: RuleSetVersion) -> RuleSetVersion:
        """Store a version of the user's own pack. Its `parent` must be the newest id (None for the first), else StorageError:
        somebody saved in between.
        """
        ...

    def rules_history(self, limit: int | None = 50) -> Sequence[RuleSetVersion]:
        """Newest first, with their files; None: all of them."""
        ...

    def candidates(
        self, wanted: Candidates, *, since: datetime | None = None, before: int | None = None, limit: int = 200
    ) -> Sequence[StoredText]:
        """Mentions that a change of the rules can reach, newest first, published at `since` or later. `before` continues after
        the mention with that id.
        """
        ...

    def count_candidates(self, wanted: Candidates, *, since: datetime | None = None) -> int: ...
    def texts_of(self, ids: Sequence[int], near: NearChange | None = None) -> Sequence[StoredText]:
        """The texts of mentions, newest first; those that are gone are left out."""
        ...

    def mentions_of(self, ids: Sequence[int]) -> Sequence[Mention]:
        """Mentions with all their flags, closed ones too, in the order of `ids`; those that are gone are left out."""
        ...

    def stamp_others(self, wanted: Candidates, *, old: str, new: str) -> int:
        """Give the digest `new` to every mention of the study that was judged with `old` and that the change cannot reach, and to
        its flags: both judge it alike. Returns how many.
        """
        ...

    def stamp(self, ids: Collection[int], *, old: str, new: str) -> None:
        """Give the digest `new` to those of these mentions that are judged with `old`: both judge them alike."""
        ...

    def judged_by(self, study_id: str) -> Mapping[str, int]:
        """How many mentions of a study are judged with which ruleset's digest."""
        ...

    def rule_hits(
        self, now: datetime, *, study_id: str | None = None, rule: str | None = None, days: int = 30
    ) -> Mapping[str, RuleHits]:
        """By rule, its active flags on mentions published in the last `days` UTC days, whatever people said of them; rules without
        any are left out. `study_id`: None for all studies; `rule`: this one alone, without its overlaps.
        """
        ...

    def finding_hits(self, study_id: str, since: datetime) -> Mapping[str, int]:
        """By id of the finding, how many mentions of a study published since then have an active flag that contradicts it."""
        ...

    def standing_of(self, study_id: str, rules: Collection[str], since: datetime | None) -> tuple[int, int, int]:
        """Of the active flags of these rules on mentions published since then: how many there are (the same words of a mention
        count once), how many of them are upheld, and how many dismissed.
        """
        ...


class Backtests(Protocol):
    """Back-tests. Laws: see Store; a back-test that was stopped or whose lease was lost is not written any more."""

    def add_backtest(self, found: Backtest) -> Backtest:
        """Store a new one, due at once; returns it with its id."""
        ...

    def backtest(self, backtest_id: int) -> Backtest: ...
    def backtests(self, limit: int = 20) -> Sequence[Backtest]:
        """Newest first."""
        ...

    def claim_backtest(self, backtest_id: int, owner: str, now: datetime, ttl: timedelta) -> Backtest | None:
        """Take the lease; None if it is held, or the back-test does not run any more."""
        ...

    def save_backtest(
        self, found: Backtest, more: Sequence[FlagChange], *, now: datetime, until: datetime | None
    ) -> bool:
        """Keep how far it is, with the changes found since it was saved last. The lease stays until then; None: it is given back,
        due again `now` if it still runs. False if it was stopped or the lease was lost.
        """
        ...

    def stop_backtest(self, backtest_id: int) -> Backtest:
        """End it where it is; one that has ended stays as it is."""
        ...


class Sheets(Protocol):
    """Versions of fact sheets that were saved on the pages. Laws: see Store."""

    def save_sheet(
        self, study_id: str, text: str, *, parent: int | None, author: str, now: datetime, note: str = ""
    ) -> int:
        """Save a version upon `parent`, the newest of that study (None: it has none); returns its id. Raises UsageError if somebody
        saved one since.
        """
        ...

    def newest_sheet(self) -> int:
        """The id of the version that was saved last, of whatever study; 0 if none was."""
        ...

    def sheets(self) -> Sequence[SheetVersion]:
        """The newest version of each study, also one that takes a sheet back, by id of the study."""
        ...

    def sheet_history(self, study_id: str, limit: int | None = 50) -> Sequence[SheetVersion]:
        """Newest first."""
        ...

    def sheet_digests(self) -> frozenset[str]:
        """The SHA-256 of every text that was ever saved."""
        ...


class Proposals(Protocol):
    """What may have happened to the study itself. Laws: see Store."""

    def propose(self, drafts: Sequence[ProposalDraft], *, now: datetime) -> tuple[int, ...]:
        """Open the proposals that are new, and note of the others who told them too; returns the ids that were opened."""
        ...

    def proposals(self, study_id: str | None = None, *, state: ProposalState | None = None) -> Sequence[Proposal]:
        """Newest first."""
        ...

    def decide_proposal(self, proposal_id: int, state: ProposalState, *, by: str, why: str, now: datetime) -> Proposal:
        """Decide a proposal, or open it again. It can be decided anew."""
        ...
