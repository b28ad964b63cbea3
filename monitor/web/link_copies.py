"""What a mail tells, read in a browser without an account: the mail itself as it was sent, and the text of a mention with its marks.
Nothing here writes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from monitor.core.digests.compose import when_words
from monitor.core.digests.signed_links import LIVES, Action, mail_name, sign
from monitor.core.entry import speaker
from monitor.core.errors import NotFoundError
from monitor.core.items.notes import notes
from monitor.core.judgement import Drift
from monitor.core.translation import Said, instead, said
from monitor.web.digests import as_page
from monitor.web.link_frame import ids_of, question, reader_of, reader_page, spoiled
from monitor.web.request import service_of

if TYPE_CHECKING:
    from monitor.core.items.notes import Note
    from monitor.service import Service
    from monitor.web.link_frame import Reader

router = APIRouter(default_response_class=HTMLResponse)


@router.get("/l/issue/{token}")
def issue(request: Request, token: str) -> Response:
    """A mail of the link's own person as it was sent, or what withdrawing left of it. Who has left may read it: it is theirs."""
    ids = ids_of(request, token, Action.ISSUE)
    if ids is None:
        return spoiled()
    service = service_of(request)
    mail = service.store.digest_named(ids[0], mail_name(ids[1]))
    if mail is None:
        say = reader_of(service, ids[0]).wording.say
        return question(
            reader_of(service, ids[0]),
            say("This mail is not kept any more."),
            say("What it told of was withdrawn, or it was kept as long as mails are kept here."),
            status=404,
        )
    if mail.withdrawn:
        reader = reader_of(service, ids[0])
        return question(
            reader, reader.wording.say("The text of this mail was removed: something it told of was withdrawn.")
        )
    return as_page(mail.html)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteCard:
    """A note with what the reader is told of it in their language, and where they can say that it is wrong or ask for a correction."""

    note: Note
    drifts: tuple[str, ...]
    found: Said | None
    correction: Said | None
    wrong: str
    letter: str


@router.get("/l/open/{token}")
def open_text(request: Request, token: str) -> Response:
    """The text of a mention that a mail tells of, with its marks and notes, for the mail's own reader."""
    ids = ids_of(request, token, Action.OPEN)
    if ids is None:
        return spoiled()
    service = service_of(request)
    reader = reader_of(service, ids[1])
    say = reader.wording.say
    try:
        mention = service.store.mention(ids[0])
    except NotFoundError:
        return question(reader, say("This text is not there any more: it was withdrawn."), status=404, own=False)
    told_by = speaker(mention.source.key, mention.source.name, reader.wording)
    told = notes(stored for stored in mention.flags if stored.stands and stored.flag.mailed)
    return reader_page(
        reader,
        "link_open.html",
        title=mention.title or told_by,
        mention=mention,
        speaker=told_by,
        when=when_words(mention, reader.wording, reader.zone, reader.now.astimezone(reader.zone).date()),
        silent="" if mention.judged else say("not judged ({language})", language=reader.wording.name_of(mention.lang)),
        notes=told,
        cards=[_card(service, note, reader) for note in told],
    )


def _card(service: Service, note: Note, reader: Reader) -> NoteCard:
    flag, study, language = note.lead.flag, reader.study, reader.wording.language
    ids = (note.lead.id, reader.subscription.id, int(reader.now.timestamp()))
    paths = {
        action: f"/l/{action}/{sign(service.key, action, ids, expires=reader.now + LIVES[action])}"
        for action in (Action.WRONG, Action.NOTE)
    }
    return NoteCard(
        note=note,
        drifts=tuple(reader.wording.say(Drift(drift).words) for drift in note.drifts),
        found=said(study, language, flag.found) if study and flag.found else None,
        correction=instead(study, language, flag) if study else None,
        wrong=paths[Action.WRONG],
        letter=paths[Action.NOTE] if flag.found and note.sure else "",
    )
