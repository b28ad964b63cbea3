"""How often somebody who has not signed in may ask in a minute, by where they are: sign-in, links from mails, keys that do not work.

Counted in memory by each process for itself, as the keys of the API are (`api/allowance.py`): a row for each request would make every
look a write, and whoever floods the pages would fill the database. The tries of passwords are rows (`pipeline/people.py`): there a
handful must count over all processes and a restart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.web.doors import ONE_CLICK, place_of
from monitor.web.request import service_of

if TYPE_CHECKING:
    from fastapi import Request

    from monitor.web.api.allowance import Allowance, Left

#: Asked by machines that must always hear something: a monitoring system each few seconds, and style sheets with each page. Mail
#: providers unsubscribe thousands from one place, and may not try again; a link that is not signed costs them one sum.
_UNCOUNTED = ("/static/", "/healthz", "/readyz", ONE_CLICK)


def counted(request: Request) -> Left | None:
    """Count a request of somebody who has not signed in; None if it is of somebody else, or of what is not counted."""
    state = request.state
    if state.who is not None or state.trouble is not None or request.url.path.startswith(_UNCOUNTED):
        return None
    allowance: Allowance[str] = request.app.state.strangers
    return allowance.take(place_of(request), service_of(request).clock())
