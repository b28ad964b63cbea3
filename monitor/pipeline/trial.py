"""Send one short mail now, to see whether mails arrive. It is no digest: nothing is kept of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.core.digests.address import check_address
from monitor.core.digests.subscribers import Standing
from monitor.core.errors import NotFoundError

if TYPE_CHECKING:
    from monitor.ports import Deps


def send_trial(deps: Deps, address: str) -> str:
    """Hand a test mail to the mail server in the settings; returns what became of it, with the server's words.

    Raises UsageError for what is no address, MailError with the server's words if it did not take it.
    """
    recipient = check_address(address)
    mime = deps.printer.trial(recipient, now=deps.clock())
    return deps.mailer.send(mime=mime, sender=deps.mail_from, recipient=recipient)


def first_reader(deps: Deps) -> str:
    """The address of whoever began to get digests first: mostly the person who set Hypewatch up. Raises NotFoundError."""
    for subscription in deps.store.subscriptions():
        if subscription.standing(deps.clock()) in {Standing.ACTIVE, Standing.PAUSED}:
            return subscription.subscriber.email
    raise NotFoundError("Nobody gets digests yet, so there is no address to test with.", "Name one.")
