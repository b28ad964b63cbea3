"""Ask for a correction: draft a letter, send it through our own server, note what came of it."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from monitor.core.digests.address import check_address
from monitor.core.errors import StorageBusyError, UsageError
from monitor.core.letters.letter import MOST_REMIND_DAYS, LetterDraft, LetterState, check_step
from monitor.core.letters.points import Signer, first_choice, letter_content, letter_language
from monitor.core.letters.reply import reply_to_post
from monitor.core.wording import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.core.letters.letter import Letter
    from monitor.core.letters.reply import Reply
    from monitor.core.mention import Mention, Source
    from monitor.ports import Deps, Store

logger = logging.getLogger(__name__)

#: Letters of a signature, a subject, a letter that a person wrote.
MOST_SIGNATURE, MOST_SUBJECT, MOST_BODY = 1_000, 500, 20_000
#: While one process sends a letter nobody else does; longer than a mail server may take.
SENDING = timedelta(minutes=3)
_SIGNATURE = "letter-signature:"


def signer_of(store: Store, name: str, contact: str) -> Signer:
    """How a person signs: as they said last, else by name; `contact` is how they are reached."""
    return Signer(name=store.setting(f"{_SIGNATURE}{name}") or name, contact=contact)


def set_signature(store: Store, name: str, words: str) -> None:
    """Keep how a person signs; "" is their name again. Raises UsageError if that is too long."""
    if len(words) > MOST_SIGNATURE:
        raise UsageError(f"A signature has at most {MOST_SIGNATURE:,} characters.", "Write name, post and telephone.")
    store.set_setting(f"{_SIGNATURE}{name}", words.strip())


def written_for(deps: Deps, flag_id: int, *, signer: Signer, language: str = "") -> LetterDraft:
    """The letter that would be drafted for a flag; nothing is stored. Raises UsageError if nothing can be asked for it."""
    mention = deps.store.mention(deps.store.flag(flag_id).mention_id)
    return _write(deps, mention, first_choice(mention, flag_id), signer, language)


def draft_for(deps: Deps, flag_id: int, *, signer: Signer, by: str, language: str = "") -> Letter:
    """The letter about a flag: the one that is open, else a new draft. A draft about other words of the text takes these in.

    Raises UsageError if nothing can be asked for the flag, and says why.
    """
    known = deps.store.letters_about([flag_id]).get(flag_id)
    if known is not None and not known.state.ended and not known.withdrawn:
        return known
    mention = deps.store.mention(deps.store.flag(flag_id).mention_id)
    chosen = first_choice(mention, flag_id)
    drafts = deps.store.letters(states=[LetterState.DRAFT], mention_id=mention.id)
    if drafts:
        chosen = tuple(dict.fromkeys((*drafts[0].flag_ids, *_its_finding(mention, flag_id, chosen))))
        language = language or drafts[0].language
    letter = deps.store.draft_letter(_write(deps, mention, chosen, signer, language), by=by, now=deps.clock())
    logger.info("letter %s about flags %s of mention %s", letter.id, letter.flag_ids, mention.id)
    return letter


def _its_finding(mention: Mention, flag_id: int, chosen: Sequence[int]) -> Sequence[int]:
    """Of the flags that a new letter would hold those that are about the same finding."""
    finding = {stored.id: stored.flag.finding for stored in mention.flags}
    return [one for one in chosen if finding[one] == finding[flag_id]]


def redraft(deps: Deps, letter_id: int, flag_ids: Sequence[int], *, signer: Signer, language: str) -> Letter:
    """Write a letter anew, about these flags and in this language: what a person changed in it is gone.

    Raises UsageError without any flag to ask for, in another language than there is, or once it was sent.
    """
    letter = deps.store.letter(letter_id)
    _check_draft(letter)
    if language not in LANGUAGES:
        raise UsageError(f"There are no letters in {language!r}.", f"There are: {', '.join(LANGUAGES)}.")
    mention = deps.store.mention(letter.mention_id or 0)
    wanted = [stored.id for stored in mention.flags if stored.id in set(flag_ids) and stored.stands]
    if not wanted:
        raise UsageError("Nothing is chosen that the letter could ask for.", "Tick at least one finding.")
    draft = _write(deps, mention, wanted, signer, language)
    return deps.store.rewrite_letter(
        letter.id,
        subject=draft.subject,
        body=draft.body,
        language=draft.language,
        flag_ids=draft.flag_ids,
        edited=False,
        recipient=letter.recipient or draft.recipient,
    )


def rewrite(deps: Deps, letter_id: int, *, recipient: str, subject: str, body: str, remind_days: int) -> Letter:
    """Keep a letter as a person wrote it. Raises UsageError for what is no address, empty or too long."""
    letter = deps.store.letter(letter_id)
    _check_draft(letter)
    words, address = body.strip().replace("\r\n", "\n") + "\n", check_address(recipient) if recipient.strip() else ""
    title = " ".join(subject.split())
    if not title or not words.strip():
        raise UsageError("A letter needs a subject and a text.", "Write both, or draft it again.")
    if len(title) > MOST_SUBJECT or len(words) > MOST_BODY:
        raise UsageError("The letter is too long.", f"At most {MOST_BODY:,} characters; an editor reads far fewer.")
    if not 1 <= remind_days <= MOST_REMIND_DAYS:
        raise UsageError("A reminder is due after 1 to 365 days.", "Write a number of days, as 7.")
    edited = letter.edited or (title, words) != (letter.subject, letter.body)
    return deps.store.rewrite_letter(
        letter.id, recipient=address, subject=title, body=words, edited=edited, remind_days=remind_days
    )


def send_letter(deps: Deps, letter_id: int, *, signer: Signer, by: str) -> Letter:
    """Hand a letter, or its reminder if it was sent before, to our own mail server, and note that they were asked.

    Raises UsageError without an address or if it is closed; MailError if the server does not take it: then nothing is noted.
    Sent twice by two hands it is one mail for whoever gets it: both have one Message-ID.
    """
    now, letter = deps.clock(), deps.store.letter(letter_id)
    to = LetterState.ASKED if letter.state is LetterState.DRAFT else LetterState.REMINDED
    check_step(letter, to)
    if not letter.recipient:
        raise UsageError("It is not known where this letter goes.", "Write the outlet's address into “To”, and save.")
    hand = f"{deps.owner}:{uuid4().hex}"  # two threads of one process are two hands
    if not deps.store.lock(f"letter:{letter.id}", hand, now, SENDING):
        raise StorageBusyError("This letter is being sent at this moment.", "Load the page again in a minute.")
    subject, text = (letter.subject, letter.body) if to is LetterState.ASKED else reminder(deps, letter, signer)
    message_id, mime = deps.letters.mail(
        subject=subject,
        text=text,
        recipient=letter.recipient,
        reply_to=_address_or_none(signer.contact),
        letter_id=letter.id,
        number=len([step for step in letter.steps if step.stands]) + 1,
        now=now,
    )
    try:
        reply = deps.mailer.send(mime=mime, sender=deps.mail_from, recipient=letter.recipient)
        logger.info("letter %s went to %s: %s", letter.id, letter.recipient, reply)
        return deps.store.step_letter(letter.id, to, by=by, now=deps.clock(), message_id=message_id)
    finally:
        deps.store.lock(f"letter:{letter.id}", hand, now, timedelta(0))


def reminder(deps: Deps, letter: Letter, signer: Signer) -> tuple[str, str]:
    """Subject and text of a reminder; the letter stands below it."""
    return deps.letters.remind(letter, signer.lines)


def replies_for(deps: Deps, letter: Letter | LetterDraft) -> Sequence[Reply]:
    """For a letter about a post: a reply for each of its points, as long as the network takes; none for an article."""
    if letter.mention_id is None:
        return ()
    mention = deps.store.mention(letter.mention_id)
    study, nobody = deps.library.study(letter.study_id), Signer(name="")
    content = letter_content(mention, letter.flag_ids, study, mention.source, letter.language, nobody)
    found = (reply_to_post(mention.network, point, letter.language) for point in content.points)
    return [reply for reply in found if reply is not None]


def _write(deps: Deps, mention: Mention, flag_ids: Sequence[int], signer: Signer, language: str) -> LetterDraft:
    outlet: Source = mention.source
    spoken = letter_language(outlet, mention, language)
    study = deps.library.study(mention.study_id)
    content = letter_content(mention, flag_ids, study, outlet, spoken, signer)
    subject, body = deps.letters.write(content)
    return LetterDraft(
        study_id=mention.study_id,
        mention_id=mention.id,
        source_id=outlet.id,
        flag_ids=tuple(flag_ids),
        language=spoken,
        recipient=outlet.contact,
        subject=subject,
        body=body,
    )


def _check_draft(letter: Letter) -> None:
    if letter.withdrawn:
        raise UsageError("What this letter was about was withdrawn.", "Nothing more can be done with it.")
    if letter.state is not LetterState.DRAFT:
        raise UsageError(
            "This letter was sent, so its words stay as they are.", "Take “asked” back first, if it was not."
        )


def _address_or_none(contact: str) -> str:
    """What a person can be reached by, if it is a mail address; a telephone number or a page is none."""
    try:
        return check_address(contact)
    except UsageError:
        return ""
