"""Say of an outlet what people know of it: where letters to it go, in which language, and how far it reaches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.core.digests.address import check_address
from monitor.core.errors import UsageError
from monitor.core.wording import LANGUAGES

if TYPE_CHECKING:
    from monitor.core.mention import Source
    from monitor.ports import Outlets

LEAST_WEIGHT, MOST_WEIGHT = 1, 5


def set_outlet(
    outlets: Outlets,
    outlet_id: int,
    *,
    contact: str | None = None,
    language: str | None = None,
    weight: int | None = None,
) -> Source:
    """None leaves a value as it is, "" takes contact or language away; a reach that is set here no feed changes any more.

    Raises UsageError for what is no address, no language of letters or no reach; NotFoundError for an unknown outlet.
    """
    if language and language not in LANGUAGES:
        raise UsageError(f"There are no letters in {language!r}.", f"There are: {', '.join(LANGUAGES)}.")
    if weight is not None and not LEAST_WEIGHT <= weight <= MOST_WEIGHT:
        raise UsageError("A reach is a number from 1 to 5.", "5 is a national paper or broadcaster, 1 a small blog.")
    if contact is not None:
        contact = check_address(contact) if contact.strip() else ""
    return outlets.set_outlet(outlet_id, contact=contact, language=language, weight=weight)
