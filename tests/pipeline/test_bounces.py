"""Mail that comes back: a dead address gets no more, and nobody can cut somebody else off by a forged notice."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitor.core.digests.notices import Kind
from monitor.core.errors import MailPermanentError, MailTemporaryError, RefusedAt, UsageError
from monitor.pipeline.bounces import note_returned
from monitor.pipeline.deliver import deliver_digest, deliver_due
from monitor.pipeline.subscribe import Resumed, confirm, pause, resume, subscribe
from monitor.service import Service
from monitor.settings import load
from tests.fakes.studies import SHEET

NOW = datetime(2027, 3, 3, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)


class Refusing:
    """A mail server that says no, in a way of its own."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def send(self, *, mime, sender, recipient):
        raise self.error


@pytest.fixture
def service(database_url, tmp_path, clock):
    clock.now = NOW
    told = {
        "HYPEWATCH_HOME": str(tmp_path),
        "HYPEWATCH_DATABASE_URL": database_url,
        "HYPEWATCH_SECRET_KEY": "k",
        "HYPEWATCH_SMTP_URL": f"outbox:{tmp_path / 'outbox'}",
    }
    made = Service(load(told), clock=clock)
    yield made
    made.store.close()


@pytest.fixture
def ada(service):
    return subscribe(service.deps, "ada@example.org", study_id="keio-ips-sci", confirmed=True)


@pytest.fixture
def deps(service):
    """The use cases' world, from a store that is open."""
    return service.deps


def refused(code=550, status="", at=RefusedAt.RECIPIENT):
    return MailPermanentError(f"mx refused the mail: {code} {status} x.", "Check it.", status=status, at=at)


def notice(message_id, address="ada@example.org", status="5.1.1", action="failed"):
    return (
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\n"
        f"Final-Recipient: rfc822; {address}\nAction: {action}\nStatus: {status}\n"
        f"Diagnostic-Code: smtp; 550 {status} said the server\n\n"
        f"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: {message_id}\n\n--b--\n"
    ).encode()


def standing(deps, subscription):
    return deps.store.subscription(subscription.id).standing(deps.clock()).value


def became(told):
    return [one.became.value for one in told[1]]


def sent(deps, subscription, clock):
    """The Message-ID of a digest that goes out today."""
    clock.forward(days=1)
    digest = deliver_digest(deps, subscription.id)
    assert digest.state == "sent"
    return digest.message_id


@pytest.mark.parametrize(
    ("error", "kept", "state"),
    [
        (refused(550, "5.1.1"), [("5.1.1", True)], "suppressed"),
        (refused(550, "5.1.1", RefusedAt.CONTENT), [("5.1.1", True)], "suppressed"),
        (refused(550), [("", False)], "active"),  # also what a server says that relays nothing
        (refused(550, at=RefusedAt.CONTENT), [("", False)], "active"),
        (refused(552, "5.2.2"), [("5.2.2", False)], "active"),
        (refused(550, "5.7.1"), [("5.7.1", False)], "active"),
        (refused(550, "5.1.1", RefusedAt.SENDER), [], "active"),
        (MailTemporaryError("later"), [], "active"),
    ],
)
def test_what_the_mail_server_says_at_once_is_kept(deps, ada, error, kept, state):
    digest = deliver_digest(replace(deps, mailer=Refusing(error)), ada.id)
    found = deps.store.bounces(ada.subscriber.id)
    assert [(bounce.status, bounce.hard) for bounce in found] == kept
    assert {bounce.message_id for bounce in found} <= {digest.message_id, ""}
    assert standing(deps, ada) == state
    assert digest.sentence.endswith("Nothing is sent to this address any more until somebody resumes it.") is (
        state == "suppressed"
    )
    if state == "suppressed":
        assert deps.store.subscriber(ada.subscriber.id).suppressed_why.startswith(
            "The mail server says that this address takes no mail: mx refused the mail: 550"
        )


def test_a_dead_address_gets_nothing_while_others_go_on(deps, ada, clock):
    bob = subscribe(deps, "bob@example.org", study_id="keio-ips-sci", confirmed=True)
    deliver_digest(replace(deps, mailer=Refusing(refused(550, "5.1.1"))), ada.id)
    clock.forward(days=1)
    assert deliver_due(deps, ada.id) is None
    assert deliver_digest(deps, ada.id) is None
    assert deliver_due(deps, bob.id).state == "sent"


def test_three_soft_ones_on_different_days_are_enough(deps, ada, clock):
    full = replace(deps, mailer=Refusing(refused(552, "5.2.2")))
    for state in ("active", "active", "suppressed"):
        clock.forward(days=1)
        assert deliver_digest(full, ada.id).state == "failed"
        assert standing(deps, ada) == state


@pytest.mark.parametrize(("others", "state"), [(True, "suppressed"), (False, "active")])
def test_a_bare_refusal_counts_only_while_the_server_takes_the_mail_of_others(deps, ada, clock, others, state):
    """A bare 550 says: no such person, or a server that relays nothing for us. Then it is not their address."""
    bob = subscribe(deps, "bob@example.org", study_id="keio-ips-sci", confirmed=True)
    for _ in range(3):
        clock.forward(days=1)
        mailer = deps.mailer if others else Refusing(refused())
        deliver_digest(replace(deps, mailer=mailer), bob.id)
        deliver_digest(replace(deps, mailer=Refusing(refused())), ada.id)
    assert standing(deps, ada) == state


def test_a_server_that_wants_no_mail_of_ours_costs_nobody_theirs(deps, ada, clock):
    unwanted = replace(deps, mailer=Refusing(refused(550, "5.7.1")))
    for _ in range(5):
        clock.forward(days=1)
        deliver_digest(unwanted, ada.id)
    assert (len(deps.store.bounces(ada.subscriber.id)), standing(deps, ada)) == (5, "active")


def test_a_notice_of_our_mail_to_that_address_counts_and_counts_once(deps, ada, clock):
    raw = notice(sent(deps, ada, clock))
    assert became(note_returned(deps, raw)) == ["suppressed"]
    assert standing(deps, ada) == "suppressed"
    assert became(note_returned(deps, raw)) == ["known"]
    assert len(deps.store.bounces()) == 1
    assert deps.store.lift_suppression(ada.subscriber.id)
    assert became(note_returned(deps, raw)) == ["known"]
    assert standing(deps, ada) == "active", "an old notice that is read again cuts nobody off"


def test_a_mail_that_was_late_first_and_dead_then_is_dead(deps, ada, clock):
    message_id = sent(deps, ada, clock)
    assert became(note_returned(deps, notice(message_id, status="4.4.1"))) == ["kept"]
    assert became(note_returned(deps, notice(message_id))) == ["suppressed"]
    assert became(note_returned(deps, notice(message_id))) == ["known"]


def test_a_soft_notice_is_kept_and_three_are_enough(deps, ada, clock):
    told = [became(note_returned(deps, notice(sent(deps, ada, clock), status="4.4.7"))) for _ in range(3)]
    assert told == [["kept"], ["kept"], ["suppressed"]]


def test_a_forged_notice_cuts_nobody_off(deps, ada, clock):
    mine = sent(deps, ada, clock)
    bob = subscribe(deps, "bob@example.org", study_id="keio-ips-sci", confirmed=True)
    for message_id in (mine, "<guessed@example.org>", "none", "<digest.0@localhost>"):
        for _ in range(4):
            clock.forward(days=1)
            assert became(note_returned(deps, notice(message_id, "bob@example.org"))) in (["unproven"], ["known"])
    kept = deps.store.bounces(bob.subscriber.id)
    assert {(bounce.hard, bounce.message_id) for bounce in kept} == {(False, "")}
    assert standing(deps, bob) == "active"
    assert deps.store.bounces(ada.subscriber.id) == ()


def test_whose_mail_it_was_is_told_by_the_address_we_wrote_to(deps, ada, clock):
    """A mailbox that hands on: the mail came back from where it went then."""
    raw = notice(sent(deps, ada, clock), "ada@elsewhere.example").replace(
        b"Action:", b"Original-Recipient: rfc822;Ada@Example.org\nAction:"
    )
    kind, (noted,) = note_returned(deps, raw)
    assert (kind, noted.address, noted.became) == (Kind.BOUNCE, "ada@example.org", "suppressed")


def test_what_is_no_bounce_of_ours_changes_nothing(deps, ada, clock):
    mine = sent(deps, ada, clock)
    assert became(note_returned(deps, notice(mine, "stranger@example.org"))) == ["nobody"]
    for raw, kind in (
        (notice(mine, action="delayed"), Kind.DELAYED),
        (b"Auto-Submitted: auto-replied\n\nI am away.\n", Kind.AUTO_REPLY),
        (b"", Kind.OTHER),
    ):
        assert note_returned(deps, raw) == (kind, ())
    assert deps.store.bounces() == ()


# --- sending there again ------------------------------------------------------------------------------------------------


@pytest.fixture
def both(service, ada):
    """Ada follows two studies, and her mail came back."""
    folder = service.make_home() / "studies"
    folder.mkdir()
    (folder / "mine.yaml").write_text(SHEET)
    other = subscribe(service.deps, "ada@example.org", study_id="mine", confirmed=True)
    service.store.suppress(ada.subscriber.id, "It came back.", service.clock())
    return ada, other


def asked(service):
    return len(list((service.settings.home / "outbox").glob("*.eml")))


def resumed(deps, ada):
    assert resume(deps, ada.id) is Resumed.ASKED


def added(deps, ada):
    assert subscribe(deps, "Ada@example.org", study_id=ada.study_id).is_asked


@pytest.mark.parametrize("how", [resumed, added])
def test_who_is_to_get_mail_again_is_asked_first_for_all_studies(service, both, how):
    ada, _other = both
    deps = service.deps
    assert [standing(deps, one) for one in both] == ["suppressed", "suppressed"]
    how(deps, ada)
    assert [standing(deps, one) for one in both] == ["pending", "pending"]
    assert asked(service) == 1
    assert confirm(deps, ada.subscriber.id, ada.id)
    assert [standing(deps, one) for one in both] == ["active", "active"]


def test_who_agreed_by_other_means_is_not_asked(service, both):
    subscribe(service.deps, "ada@example.org", study_id="mine", confirmed=True)
    assert ([standing(service.deps, one) for one in both], asked(service)) == (["active", "active"], 0)


def test_a_question_that_cannot_be_handed_over_is_asked_by_resuming_again(service, both):
    deps = service.deps
    with pytest.raises(MailTemporaryError):
        resume(replace(deps, mailer=Refusing(MailTemporaryError("later"))), both[0].id)
    assert [standing(deps, one) for one in both] == ["pending", "pending"], "nothing goes there meanwhile"
    assert (resume(deps, both[0].id), asked(service)) == (Resumed.ASKED, 1)


def test_a_pause_ends_and_what_was_not_stopped_goes_on(deps, ada, clock):
    pause(deps, ada.id, clock() + 7 * DAY)
    assert (resume(deps, ada.id), standing(deps, ada)) == (Resumed.GOES_ON, "active")
    assert resume(deps, ada.id) is Resumed.WENT_ON
    deps.store.end_subscription(ada.id, clock())
    with pytest.raises(UsageError, match="left, and mail comes again only if they want it"):
        resume(deps, ada.id)
