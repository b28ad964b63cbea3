"""Deciding about flags: verdicts by form, with their undo; the list of decisions, and taking them along."""

from __future__ import annotations

import json
import re
from io import StringIO
from itertools import islice
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlencode, urlsplit, urlunsplit

from fastapi import APIRouter, Form, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from monitor.core.errors import UsageError
from monitor.core.mention import Verdict
from monitor.export.lists import review_line
from monitor.export.rows import review_row
from monitor.pipeline.review import Imported, bring_reviews, decide, take_back, to_decide
from monitor.web.exports import as_file, list_as, unsigned
from monitor.web.render import local_path, page
from monitor.web.request import OptionalIdOrZero, service_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


router = APIRouter(default_response_class=HTMLResponse)

PAGE = 50
#: Flags and mentions of one form: a page shows no more.
MOST = 500
#: Bytes of a file of decisions.
FILE_MAX = 20_000_000
#: Problems of an imported file that a page shows.
PROBLEMS_SHOWN = 50
#: Flags that the address after a form names for its "Undo"; those beyond were decided with them or are on the list.
NAMED_MAX = 60
_IDS = re.compile(r"[0-9]{1,18}(?:\.[0-9]{1,18})*")


@router.get("/reviews")
def reviews(request: Request, rule: str = "", before: OptionalIdOrZero = None) -> str:
    """What was decided, newest first, and how often each rule was right."""
    store = service_of(request).store
    found = store.decisions(rule=rule or None, limit=PAGE + 1, before=before)
    records = store.rule_records()
    by_doubt = sorted(records.values(), key=lambda record: (record.precision if record.judged else 2, record.rule))
    return page(
        request,
        "reviews.html",
        title="Reviews",
        rule=rule,
        found=found[:PAGE],
        more=found[PAGE - 1].review.id if len(found) > PAGE else None,
        records=by_doubt,
        counts=store.decision_counts(),
    )


@router.get("/reviews.{form}")
def export(request: Request, form: str) -> Response:
    """Every decision in force, oldest first, as jsonl, json or csv; as atom the newest."""
    rows = unsigned(
        [review_row(one) for one in reversed(service_of(request).store.decisions(limit=None))], request.state.who
    )
    if form == "jsonl":
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        return as_file(lines, "application/jsonl", "reviews.jsonl")
    return list_as(request, form, "reviews", rows, lines=lambda: map(review_line, rows), others=["jsonl"])


@router.post("/reviews")
def review(
    request: Request,
    verdict: Annotated[str, Form()],
    flag: Annotated[list[str] | None, Form()] = None,
    mention: Annotated[list[str] | None, Form()] = None,
    why: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",  # noqa: A002 - the form's word
) -> Response:
    """Decide about flags, or about all that is marked in mentions; then back to where the form stood."""
    service = service_of(request)
    said = _verdict(verdict)
    ids = list(_numbers(flag or ()))
    for number in _numbers(mention or ()):
        ids.extend(to_decide(service.store.mention(number)))
    if not ids:
        raise UsageError(
            "Nothing was ticked that could be decided about.",
            "Go back, and tick mentions in which something is marked.",
        )
    held = decide(service.store, ids, said, by=request.state.who.name, why=why, now=service.clock())
    return _back(next, said.value, held)


@router.post("/reviews/undo")
def undo(
    request: Request,
    flag: Annotated[list[str], Form()],
    verdict: Annotated[str, Form()] = "",
    whole: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",  # noqa: A002 - the form's word
) -> Response:
    """Take the newest decisions about flags back, as they stood on the page: a `verdict` that is no longer in force is not. With
    `whole` also those that were made with them and not named.
    """
    service = service_of(request)
    take_back(
        service.store,
        _numbers(flag),
        by=request.state.who.name,
        now=service.clock(),
        verdict=_verdict(verdict) if verdict else None,
        whole=bool(whole),
    )
    return _back(next, "undone", [])


@router.post("/reviews/import")
def bring(request: Request, file: UploadFile) -> str:
    """Take over decisions that another installation exported; every line that could not be is told."""
    data = file.file.read(FILE_MAX + 1)
    if len(data) > FILE_MAX:
        raise UsageError("The file is larger than 20 MB.", "Bring it in in parts.")
    service, count = service_of(request), Imported()
    lines = StringIO(data.decode("utf-8-sig", errors="replace"), newline="\n")  # a line at a time: they may be millions
    found = bring_reviews(service.store, lines, count, source="", now=service.clock())
    problems = list(islice(found, PROBLEMS_SHOWN))
    more = sum(1 for _ in found)
    return page(
        request,
        "imported.html",
        title="Decisions taken over",
        sentence=str(count),
        more=more,
        problems=problems,
        back="",
    )


def _verdict(given: str) -> Verdict:
    try:
        return Verdict(given)
    except ValueError:
        raise UsageError(f"{given[:40]!r} is no verdict.", f"There are: {', '.join(Verdict)}.") from None


def _numbers(given: Iterable[str]) -> Iterator[int]:
    """The numbers of a form's fields, several in one parted by dots; raises UsageError for anything else, or too many."""
    seen: dict[int, None] = {}
    for value in given:
        if not _IDS.fullmatch(value):
            raise UsageError("The form holds a number that is none.", "Load the page again.")
        seen.update(dict.fromkeys(map(int, value.split("."))))
        if len(seen) > MOST:
            raise UsageError(f"These are more than {MOST} at once.", "Decide about them in parts.")
    yield from seen


def _back(target: str, said: str, ids: Sequence[int]) -> Response:
    """On to a path of ours, with what was said in its address, for the notice and its "Undo"."""
    parts = urlsplit(local_path(target))
    told = {"said": said} | ({"of": ".".join(map(str, ids[:NAMED_MAX]))} if ids else {})
    told |= {"many": str(len(ids))} if len(ids) > NAMED_MAX else {}
    query = "&".join(part for part in (parts.query, urlencode(told)) if part)
    return RedirectResponse(urlunsplit(("", "", parts.path, query, parts.fragment)), status_code=303)
