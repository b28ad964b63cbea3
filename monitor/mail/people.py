"""The mails to who runs Hypewatch: an invitation, the sign-in link that somebody asked for, that a password was set, and that work
stands still. Short, with one link.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import escape

from monitor.core.text.excerpt import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

INVITATION, SIGN_IN = "You are invited to Hypewatch", "Your link to Hypewatch"
WAS_SET = "Your password for Hypewatch was set"
_WHAT = "It shows what is said about a study, and which words go beyond what the study found."


def invitation_parts(link: str, by: str) -> tuple[str, str]:
    """Text part and HTML part of an invitation; `by` is who invites, "" if that is not known."""
    first = f"{one_line(by)} invites you to Hypewatch." if one_line(by) else "You are invited to Hypewatch."
    last = "The link works once, within 7 days. If you expected no invitation, do nothing."
    return _parts(INVITATION, [f"{first} {_WHAT}"], link, "Come in", last)


def sign_in_parts(link: str, lasts: str) -> tuple[str, str]:
    """As above, of a sign-in link that works for so long ("an hour")."""
    last = f"The link works once, within {lasts}. If it was not you who asked for it, do nothing: nobody gets in without it."
    return _parts(SIGN_IN, ["Somebody, probably you, wants to sign in to Hypewatch."], link, "Sign in", last)


def password_parts(link: str) -> tuple[str, str]:
    """As above, to who has a new password; `link` leads to their account."""
    before = "A new password was set for your account on Hypewatch, and your other browsers were signed out."
    last = "If it was you, do nothing. If not: sign in with a link by mail, set another password, and tell whoever runs Hypewatch."
    return _parts(WAS_SET, [before], link, "Your account", last)


def alarm_parts(subject: str, lines: Sequence[str], link: str) -> tuple[str, str]:
    """As above, to an owner: what stands still, a sentence each; none if it goes on again. `link` leads to the pages."""
    if not lines:
        return _parts(subject, [f"{subject}. Nothing waits any more."], link, "Today", "You need not do anything.")
    last = "`hypewatch doctor` on the machine says what to do. You are told again once a day as long as it lasts, and when it goes on."
    return _parts(subject, [f"{subject}.", *lines], link, "Today", last)


def _parts(title: str, before: list[str], link: str, label: str, last: str) -> tuple[str, str]:
    text = "\n\n".join([*before, f"{label}: {link}", last]) + "\n"
    told = "".join(f"<p>{escape(words)}</p>" for words in before)
    body = f'{told}<p><a href="{escape(link)}">{label}</a></p><p>{escape(last)}</p>'
    head = f'<meta charset="utf-8"><title>{title}</title>'
    return text, f'<!DOCTYPE html><html lang="en"><head>{head}</head><body>{body}</body></html>\n'
