"""Letters that ask for corrections, and the outlets that get them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from monitor.core.judgement import Drift
    from monitor.core.letters.letter import Letter, LetterDraft, LetterState
    from monitor.core.letters.points import LetterContent
    from monitor.core.letters.record import OutletRecord
    from monitor.core.mention import Source


class Letters(Protocol):
    """Letters with the steps that were done with them. Laws: see Store."""

    def draft_letter(self, draft: LetterDraft, *, by: str, now: datetime) -> Letter:
        """Store a draft; if the mention has one, that one is returned: it takes over these words unless a person edited it."""
        ...

    def letter(self, letter_id: int) -> Letter: ...
    def letters(
        self,
        *,
        states: Collection[LetterState] = (),
        mention_id: int | None = None,
        source_id: int | None = None,
        limit: int = 500,
    ) -> Sequence[Letter]:
        """First those that wait, the longest first; then drafts, then those that ended, the newest first."""
        ...

    def letters_about(self, flag_ids: Collection[int]) -> Mapping[int, Letter]:
        """By flag the newest letter that asks to correct it; flags without any are left out."""
        ...

    def rewrite_letter(
        self,
        letter_id: int,
        *,
        recipient: str | None = None,
        subject: str | None = None,
        body: str | None = None,
        language: str | None = None,
        flag_ids: Sequence[int] | None = None,
        edited: bool | None = None,
        remind_days: int | None = None,
    ) -> Letter:
        """None leaves a value as it is. A letter whose mention was withdrawn takes no words."""
        ...

    def step_letter(self, letter_id: int, to: LetterState, *, by: str, now: datetime, message_id: str = "") -> Letter:
        """Note what was done. Raises UsageError if it cannot follow what was done before (`core.letters.letter.NEXT`)."""
        ...

    def undo_letter(self, letter_id: int, *, by: str, now: datetime) -> Letter:
        """Take the newest step back; raises UsageError if there is none."""
        ...

    def letters_waiting(self, now: datetime) -> tuple[int, int]:
        """How many wait for an answer, and how many of them may be reminded."""
        ...

    def withdrawn_letters(self) -> Sequence[Letter]:
        """Those that our mail server took, and whose mention was withdrawn later."""
        ...


class Outlets(Protocol):
    """Who speaks, with what people set of them. Laws: see Store."""

    def outlet(self, source_id: int) -> Source: ...
    def outlets(self, source_ids: Collection[int]) -> Mapping[int, Source]:
        """Several by number; those that are not there are left out."""
        ...

    def outlet_named(self, key: str) -> Source:
        """By its domain, or its network:handle."""
        ...

    def outlet_records(self, *, limit: int = 200, source_id: int | None = None) -> Sequence[OutletRecord]:
        """Those that go too far most often first."""
        ...

    def outlet_drifts(self, source_id: int) -> Mapping[Drift, int]:
        """In how many of an outlet's mentions each kind of drift stands and is mailed, the most first."""
        ...

    def outlet_mentions(self, source_id: int) -> Sequence[tuple[datetime, bool]]:
        """When each of its mentions was published, and whether it goes too far."""
        ...

    def last_said(self) -> Mapping[int, datetime]:
        """When the newest mention of each was published, by its number; those without any are left out."""
        ...

    def set_outlet(
        self, source_id: int, *, contact: str | None = None, language: str | None = None, weight: int | None = None
    ) -> Source:
        """None leaves a value as it is; a reach that is set here is no longer changed by a feed's."""
        ...


class LetterPrinter(Protocol):
    """From what is to be asked for to words, and from words to a mail. Laws: the same content gives the same words; at most one
    recipient; nothing said in a headline becomes a header.
    """

    def write(self, content: LetterContent) -> tuple[str, str]:
        """Subject and text, in the content's language."""
        ...

    def remind(self, letter: Letter, signer: Sequence[str]) -> tuple[str, str]:
        """Subject and text of a reminder of a letter that was sent, with the letter below."""
        ...

    def draft_file(self, *, subject: str, text: str, recipient: str) -> bytes:
        """A mail that programs open as a draft (`X-Unsent`): without sender, date and Message-ID."""
        ...

    def mail(
        self, *, subject: str, text: str, recipient: str, reply_to: str, letter_id: int, number: int, now: datetime
    ) -> tuple[str, bytes]:
        """The mail for our own server, with its Message-ID: the same for the same `number` of the letter."""
        ...
