"""Templates to HTML. Everything that others wrote is escaped here; marks around flagged words are made from offsets."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from jinja2 import pass_context
from markupsafe import Markup, escape

from monitor.core.digests.ledger import ledger_words
from monitor.core.digests.periods import day_words, kind_of
from monitor.core.digests.subscribers import DeliveryOutcome, DigestKind, DigestState
from monitor.core.entry import unnamed
from monitor.core.errors import HypewatchError, NotFoundError
from monitor.core.feeds.remedies import for_page
from monitor.core.items.notes import marks, notes
from monitor.core.items.urls import http_link
from monitor.core.judgement import Drift, Tier
from monitor.core.mention import Verdict
from monitor.core.rules.rule import Status
from monitor.core.search.nodes import quoted
from monitor.core.sentences import closed
from monitor.core.text.excerpt import shortened
from monitor.core.text.lang import language_name, not_judged
from monitor.core.text.lines import levelled
from monitor.export import xlsx
from monitor.web.access import shown_name
from monitor.web.request import service_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from fastapi import Request
    from jinja2 import Environment
    from jinja2.runtime import Context

    from monitor.core.digests.subscribers import Delivery, FrozenDigest
    from monitor.core.errors import Problem
    from monitor.core.items.notes import Note
    from monitor.core.mention import StoredFlag
    from monitor.ports import Store
    from monitor.service import Service

PACKAGE = Path(__file__).parent
#: The cookie in which the browser's own time zone stands (`static/keys.js` puts it there).
ZONE = "zone"
#: The rule under which the second reader raises flags by itself, and languages whose packs begin their rules' ids with them.
SECOND_READER = "second-reader"
PACK_LANGUAGES = frozenset({"ja", "es"})
#: Flags whose outlets a notice looks up; of more it says "and others".
NAMES_LOOKED_UP = 12
#: What people are told of a digest, and of one attempt to hand it over.
DIGEST_WORDS: Mapping[str, str] = {
    DigestState.READY: "waits to be sent",
    DigestState.SENDING: "is being sent",
    DigestState.SENT: "sent",
    DigestState.UNKNOWN: "may have arrived",
    DigestState.FAILED: "not sent",
    DigestState.SKIPPED: "not wanted",
}
KIND_WORDS: Mapping[str, str] = {
    DigestKind.DAILY: "daily digest",
    DigestKind.WEEKLY: "weekly report",
    DigestKind.MONTHLY: "monthly report",
    DigestKind.URGENT: "urgent mail",
    DigestKind.SEARCH: "saved search",
}
ATTEMPT_WORDS: Mapping[str, str] = {
    DeliveryOutcome.SENDING: "goes on",
    DeliveryOutcome.SENT: "sent",
    DeliveryOutcome.TEMPORARY: "put off",
    DeliveryOutcome.PERMANENT: "refused",
    DeliveryOutcome.UNKNOWN: "may have arrived",
}
#: Signs of browsers and systems in a User-Agent, each before those whose sign it carries too.
_BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("Windows", "Windows"),
    ("Macintosh", "a Mac"),
    ("Linux", "Linux"),
)
#: What people are told of a flag's tier.
TIER_WORDS: Mapping[str, str] = {
    Tier.CONFIRMED: "mailed",
    Tier.DRIFT: "counts, not mailed",
    Tier.LOOK_HERE: "only worth a look",
}
#: What people are told of a rule's status.
USE_WORDS: Mapping[str, str] = {
    Status.DRAFT: "tried only",
    Status.TRIAL: "on trial: shown, not mailed",
    Status.ACTIVE: "in use",
    Status.RETIRED: "off",
}
#: What people are told of a verdict.
VERDICT_WORDS: Mapping[str, str] = {
    Verdict.UPHELD: "right",
    Verdict.DISMISSED: "wrong",
    Verdict.NOT_ABOUT: "not about the study",
}


def render(template: str, **values: Any) -> str:
    """Render a page template; an undefined name is an error, never an empty string."""
    given = {"who": None, "zone": None, "study_name": "", "said": None} | values
    return _environment().get_template(template).render(given)


def page(request: Request, template: str, **values: Any) -> str:
    """Render a page for the person who asks: with what they may do, in their time zone, under their study's name."""
    service = service_of(request)
    given = {
        "who": request.state.who,
        "zone": zone_of(request),
        "now": service.clock(),
        "study_name": _study_name(service),
        "said": _with_names(said_in_query(request), service.store),
    }
    return render(template, **given | values)


def zone_of(request: Request) -> ZoneInfo | None:
    """The reader's time zone, as their browser told; None before it did."""
    name = request.cookies.get(ZONE, "")
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError):  # none of that name, or no name of a zone at all
        return None


def local_path(target: str, otherwise: str = "/") -> str:
    """Where a form may lead on to: a path of ours and nothing else."""
    parts = urlsplit(target)
    ours = target.startswith("/") and not target.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    return target if ours and target.isprintable() else otherwise


def said_in_query(request: Request) -> Mapping[str, Any] | None:
    """What was just decided, as the address tells it after a form was sent: for the notice with its "Undo"."""
    verdict, of = request.query_params.get("said", ""), request.query_params.get("of", "")
    many = request.query_params.get("many", "")
    flags = [number for part in of.split(".") if (number := _number(part))]
    if verdict not in {*VERDICT_WORDS, "undone"}:
        return None
    return {
        "verdict": verdict,
        "words": VERDICT_WORDS.get(verdict, ""),
        "flags": flags,
        "many": _number(many),
        "back": _without_said(request),
    }


def _with_names(said: Mapping[str, Any] | None, store: Store) -> Mapping[str, Any] | None:
    """The notice with what was decided about, as `about`: "3 flags of Harbour Wire"."""
    if said is None or not said["flags"]:
        return said and {**said, "about": ""}
    names: dict[str, None] = {}
    step = max(1, len(said["flags"]) // NAMES_LOOKED_UP)  # spread over all: the first ones may be of one mention
    for flag_id in said["flags"][::step][:NAMES_LOOKED_UP]:
        try:
            names[store.mention(store.flag(flag_id).mention_id).source.name] = None
        except NotFoundError:  # withdrawn since: the count still holds it
            continue
    many = max(said["many"], len(said["flags"]))
    whose = " and ".join(list(names)[:2]) if len(names) < 3 else f"{', '.join(list(names)[:2])} and others"
    return {**said, "about": f"{many} {'flag' if many == 1 else 'flags'}{f' of {whose}' if whose else ''}"}


def _without_said(request: Request) -> str:
    kept = [(name, value) for name, value in request.query_params.multi_items() if name not in {"said", "of", "many"}]
    return str(request.url.replace(scheme="", netloc="", query="").path) + (
        "?" + "&".join(f"{_quoted_part(name)}={_quoted_part(value)}" for name, value in kept) if kept else ""
    )


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _quoted_part(text: str) -> str:
    return quote(text, safe="")


def _study_name(service: Service) -> str:
    try:
        studies = service.library.studies()
    except HypewatchError:  # the page itself tells what is broken
        return ""
    return studies[0].name if len(studies) == 1 else f"{len(studies)} studies" if studies else ""


def marked(text: str, found: Sequence[Note], where: str = "text", see: str = "see note") -> Markup:
    """The text, escaped, with each flagged span marked and followed by the numbers of its notes; `see` is what is read out there."""
    text = levelled(text)
    out, at, met = [], 0, set[int]()
    for mark in marks(found, where):
        out.append(escape(text[at : mark.start]))
        first = next((number for number in mark.numbers if number not in met), None)
        met.update(mark.numbers)
        kind = "sure" if mark.sure else "look"
        anchor = Markup(' id="m{}{}"').format("" if where == "text" else "t", first) if first else Markup("")
        out.append(Markup('<mark class="{}"{}>{}</mark>').format(kind, anchor, text[mark.start : mark.end]))
        # A word joiner keeps the number on the line of its words.
        out.extend(
            Markup('&#8288;<a class="n{}" href="#n{}"><span class="vh">{} </span>{}</a>').format(
                "" if mark.sure else " look", number, see, number
            )
            for number in mark.numbers
        )
        at = mark.end
    out.append(escape(text[at:]))
    # Page texts part their paragraphs by one line break; a reader wants to see them apart.
    return Markup(re.sub(r"\n+", "\n\n", Markup("").join(out)))  # noqa: S704 - escaped above


def standing(flags: Iterable[StoredFlag]) -> Sequence[Note]:
    """The notes that a mention's page would show of the flags that nobody called wrong: what goes too far comes first."""
    return notes(stored for stored in flags if stored.stands)


def said_in(context: str, said: str) -> Markup:
    """The flagged words, marked, within the sentence around them."""
    before, found, after = context.partition(said)
    if not found:
        return Markup('<mark class="sure">{}</mark>').format(said)
    return Markup('{}<mark class="sure">{}</mark>{}').format(before, found, after)


def rule_name(rule_id: str) -> str:
    """What a reader calls a rule: its id in words, the language of its pack behind it."""
    if rule_id == SECOND_READER:
        return "a second check, less certain"
    language, dash, rest = rule_id.partition("-")
    if dash and language in PACK_LANGUAGES:
        return f"{rest.replace('-', ' ')}, in {language_name(language)}"
    return rule_id.replace("-", " ")


def left(seconds: float) -> str:
    """How long something still takes, as a sentence."""
    if seconds >= 90:
        return f"About {round(seconds / 60)} minutes are left."
    return "About a second is left." if seconds < 1.5 else f"About {round(seconds)} seconds are left."


def browser_name(agent: str) -> str:
    """What a reader calls the browser that sent this User-Agent: "Firefox on Windows"; as it named itself if it is none of these."""
    name = next((name for sign, name in _BROWSERS if sign in agent), "")
    system = next((name for sign, name in _SYSTEMS if sign in agent), "")
    return f"{name}{f' on {system}' if system else ''}" if name else agent[:60] or "a browser without a name"


def field_problem(problem: Problem) -> str:
    """A problem as it is told at its field: in the form's words, or without the file's name of the field, which stands before it
    in a file.
    """
    told = problem.plain or re.sub(r"^`[a-z-]+` ", "", problem.what)
    return told[:1].upper() + told[1:]


def with_code(text: str) -> Markup:
    """A sentence with what stands in backticks as code."""
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if at % 2 else escape(part) for at, part in enumerate(text.split("`"))
    )


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(PACKAGE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["closed"] = closed
    environment.filters["for_page"] = for_page
    environment.filters["words"] = lambda slug: slug.replace("-", " ")
    environment.filters["rule_name"] = rule_name
    environment.filters["drift"] = lambda slug: Drift(slug).words
    environment.filters["verdict"] = lambda verdict: VERDICT_WORDS[verdict]
    environment.filters["when"] = _when
    environment.filters["when_text"] = _when_text
    environment.filters["day"] = _day
    environment.filters["due"] = _due
    environment.filters["date"] = _date
    environment.filters["calendar_day"] = lambda day: f"{day.day} {day:%B %Y}"
    environment.filters["ledger"] = _ledger
    environment.filters["digest_kind"] = KIND_WORDS.__getitem__
    environment.filters["digest_state"] = DIGEST_WORDS.__getitem__
    environment.filters["attempt"] = ATTEMPT_WORDS.__getitem__
    environment.filters["left"] = left
    environment.filters["language"] = language_name
    environment.filters["not_judged"] = not_judged
    environment.filters["whom"] = shown_name
    environment.filters["named"] = lambda author: not unnamed(author)  # of some accounts only a number is known
    environment.filters["http"] = http_link  # a second lock: links of other schemes are refused where they come in
    environment.filters["quoted"] = quoted
    environment.filters["tier"] = TIER_WORDS.__getitem__
    environment.filters["use"] = USE_WORDS.__getitem__
    environment.filters["browser"] = browser_name
    environment.filters["field_problem"] = field_problem
    environment.filters["with_code"] = with_code
    environment.filters["capitalize_first"] = lambda text: text[:1].upper() + text[1:]
    environment.filters["truncate"] = shortened  # in place of jinja's, which cuts Japanese anywhere
    environment.filters["figure"] = lambda number: f"{number:,.6f}".rstrip("0").rstrip(".")
    environment.filters["thousands"] = "{:,}".format
    environment.globals |= {"marked": marked, "said_in": said_in, "standing": standing}
    environment.globals["excel"] = xlsx.installed()  # a button that can only be refused is none
    return environment


@pass_context
def _when(context: Context, moment: datetime | None) -> Markup | str:
    """`_when_text` as an element that programs can read, with the whole date for who points at it."""
    if moment is None:
        return "never"
    zone = context["zone"]
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        moment.astimezone(UTC).isoformat(timespec="seconds"),
        f"{moment.astimezone(zone or UTC):%A %d %B %Y, %H:%M} {zone.key if zone else 'UTC'}",
        _when_text(context, moment),
    )


@pass_context
def _when_text(context: Context, moment: datetime | None) -> str:
    """A moment as the reader says it: in their zone, "today 10:00"; in UTC, and saying so, until their browser told the zone."""
    if moment is None:
        return "never"
    zone, now = context["zone"], context["now"]
    local, today = moment.astimezone(zone or UTC), now.astimezone(zone or UTC)
    ago = (today.date() - local.date()).days
    day = {0: "today", 1: "yesterday", -1: "tomorrow"}.get(ago) or _calendar(local, today)
    return f"{day} {local:%H:%M}{'' if zone else ' UTC'}"


@pass_context
def _ledger(context: Context, digest: FrozenDigest, last: Delivery | None) -> str:
    """How handing a digest over went, in the reader's time."""
    return ledger_words(digest, last, lambda moment: _when_text(context, moment))


@pass_context
def _due(context: Context, moment: datetime | None) -> Markup | str:
    """`_when` of something that is still to come: "tomorrow 07:00", "Monday 07:00"."""
    return "none" if moment is None else _when(context, moment)


@pass_context
def _date(context: Context, iso: str) -> str:
    """A calendar day that has no hour, of its own zone: "today", "Sunday", "3 Mar"; or what else a mail is for: "March 2026"."""
    if kind_of(iso) is not DigestKind.DAILY:
        return day_words(iso)  # a week, a month or a minute has no "today"
    day, today = date.fromisoformat(iso), context["now"].astimezone(context["zone"] or UTC).date()
    return {0: "today", 1: "yesterday"}.get((today - day).days) or _calendar_day(day, today)


@pass_context
def _day(context: Context, moment: datetime | None) -> str:
    """The day of a moment, for what has no hour."""
    if moment is None:
        return "never"
    zone, now = context["zone"] or UTC, context["now"]
    return _calendar(moment.astimezone(zone), now.astimezone(zone))


def _calendar(local: datetime, today: datetime) -> str:
    return _calendar_day(local.date(), today.date())


def _calendar_day(day: date, today: date) -> str:
    """A weekday within a week back, the date else, with its year where that is another one."""
    if 0 <= (today - day).days < 7:
        return f"{day:%A}"
    return f"{day.day} {day:%b}" if day.year == today.year else f"{day.day} {day:%b} {day.year}"
