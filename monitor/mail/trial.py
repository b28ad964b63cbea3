"""The test mail: does what Hypewatch sends arrive? Short, and the same for everybody."""

from __future__ import annotations

from markupsafe import escape

SUBJECT = "Hypewatch: a test mail"
_FIRST = "Somebody who looks after Hypewatch asked for this test mail. Since you read it, its mails arrive here."
_LAST = "Nothing is to be done, and nothing was subscribed to."


def trial_parts(base_url: str) -> tuple[str, str]:
    """Its text part and its HTML part; `base_url` is where the pages are."""
    text = f"{_FIRST}\n\n{_LAST}\n\n{base_url}/\n"
    link = escape(f"{base_url}/")
    body = f'<p>{_FIRST}</p><p>{_LAST}</p><p><a href="{link}">{link}</a></p>'
    head = f'<meta charset="utf-8"><title>{SUBJECT}</title>'
    return text, f'<!DOCTYPE html><html lang="en"><head>{head}</head><body>{body}</body></html>\n'
