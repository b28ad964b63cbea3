"""Letters through our own server: one hand at a time, nothing noted that was not sent; drafts that take further words in."""

from __future__ import annotations

import threading
from dataclasses import replace
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

import pytest

from monitor.core.errors import MailTemporaryError, StorageBusyError, UsageError
from monitor.core.letters.letter import LetterState
from monitor.core.letters.points import Signer
from monitor.core.search.nodes import Query
from monitor.pipeline.letters import draft_for, send_letter, set_signature, signer_of
from monitor.pipeline.poll import poll_feed

if TYPE_CHECKING:
    from monitor.core.letters.letter import Letter
    from monitor.ports import Deps

ADA = Signer(name="Ada", contact="press@example.org")


class Server:
    """Takes mails, when it is let; `refuses` is what it says instead."""

    def __init__(self, refuses: Exception | None = None) -> None:
        self.mails: list[bytes] = []
        self.refuses, self.asked, self.let = refuses, threading.Event(), threading.Event()
        self.let.set()

    def send(self, *, mime: bytes, sender: str, recipient: str) -> str:
        assert sender
        assert recipient == "desk@example.org"
        self.asked.set()
        self.let.wait(10)
        if self.refuses:
            raise self.refuses
        self.mails.append(mime)
        return "250 taken"


@pytest.fixture
def letter(deps, outside, entry, feed_id) -> Letter:
    outside.entries = (entry(1),)
    poll_feed(deps, feed_id)
    (mention,) = deps.store.search(Query())
    made = draft_for(deps, mention.flags[0].id, signer=ADA, by="ada")
    return deps.store.rewrite_letter(made.id, recipient="desk@example.org")


def with_server(deps: Deps, server: Server) -> Deps:
    return replace(deps, mailer=server)


def test_a_letter_that_is_being_sent_is_not_sent_by_another_hand(deps, letter):
    server = Server()
    server.let.clear()
    given = with_server(deps, server)
    first = threading.Thread(target=send_letter, args=(given, letter.id), kwargs={"signer": ADA, "by": "ada"})
    first.start()
    assert server.asked.wait(10)
    with pytest.raises(StorageBusyError):
        send_letter(given, letter.id, signer=ADA, by="bo")
    server.let.set()
    first.join(10)
    held = deps.store.letter(letter.id)
    assert (held.state, held.last.by, len(server.mails)) == (LetterState.ASKED, "ada", 1)
    mail = message_from_bytes(server.mails[0], policy=policy.default)
    assert (mail["Message-ID"], mail["Reply-To"]) == (held.message_id, "press@example.org")


def test_what_the_server_did_not_take_is_not_noted_and_can_be_sent_again_as_the_same_mail(deps, letter):
    refusing, taking = Server(MailTemporaryError("Later.", "It is tried again.")), Server()
    with pytest.raises(MailTemporaryError):
        send_letter(with_server(deps, refusing), letter.id, signer=ADA, by="ada")
    assert deps.store.letter(letter.id) == letter
    send_letter(with_server(deps, taking), letter.id, signer=ADA, by="ada")
    deps.store.undo_letter(letter.id, by="ada", now=deps.clock())
    send_letter(with_server(deps, taking), letter.id, signer=ADA, by="ada")
    first, again = (message_from_bytes(mail)["Message-ID"] for mail in taking.mails)
    assert first == again


def test_a_second_sending_is_the_reminder_and_a_closed_letter_is_not_sent(deps, letter):
    server = Server()
    for state in (LetterState.ASKED, LetterState.REMINDED):
        assert send_letter(with_server(deps, server), letter.id, signer=ADA, by="ada").state is state
    first, second = (message_from_bytes(mail, policy=policy.default) for mail in server.mails)
    assert second["Subject"] == f"Reminder: {first['Subject']}"
    assert first["Message-ID"] != second["Message-ID"]
    deps.store.step_letter(letter.id, LetterState.REFUSED, by="ada", now=deps.clock())
    with pytest.raises(UsageError, match="closed already"):
        send_letter(with_server(deps, server), letter.id, signer=ADA, by="ada")
    assert len(server.mails) == 2


def test_a_letter_without_an_address_is_not_sent(deps, letter):
    deps.store.rewrite_letter(letter.id, recipient="")
    with pytest.raises(UsageError, match="not known where"):
        send_letter(with_server(deps, Server()), letter.id, signer=ADA, by="ada")


def test_a_contact_that_is_no_address_is_no_reply_to(deps, letter):
    server = Server()
    send_letter(with_server(deps, server), letter.id, signer=Signer(name="Ada", contact="https://x.example"), by="ada")
    assert message_from_bytes(server.mails[0])["Reply-To"] == "hypewatch@localhost"


def test_a_draft_takes_further_words_in_and_a_closed_letter_is_followed_by_another(deps, letter):
    mention = deps.store.mention(letter.mention_id)
    first = next(stored for stored in mention.flags if stored.flag.finding == "walking")
    other = next(stored for stored in mention.flags if stored.flag.finding not in {None, "walking"})
    deps.store.rewrite_letter(letter.id, flag_ids=[first.id])
    wider = draft_for(deps, other.id, signer=ADA, by="ada")
    assert (wider.id, {first.id, other.id} <= set(wider.flag_ids)) == (letter.id, True)
    assert other.flag.found in wider.body
    deps.store.rewrite_letter(letter.id, flag_ids=[first.id], body="Mine\n", edited=True)
    assert draft_for(deps, other.id, signer=ADA, by="bo").body == "Mine\n"
    for state in (LetterState.ASKED, LetterState.REFUSED):
        deps.store.step_letter(letter.id, state, by="ada", now=deps.clock())
    again = draft_for(deps, first.id, signer=ADA, by="ada")
    assert (again.id > letter.id, again.state) == (True, LetterState.DRAFT)


def test_how_one_signs_is_kept_for_oneself(deps):
    set_signature(deps.store, "ada", " Ada Byron\nPress Office ")
    assert signer_of(deps.store, "ada", "press@example.org").lines == ("Ada Byron", "Press Office", "press@example.org")
    assert signer_of(deps.store, "bo", "").lines == ("bo",)
    set_signature(deps.store, "ada", "")
    assert signer_of(deps.store, "ada", "").lines == ("ada",)
