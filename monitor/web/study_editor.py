"""A part of a fact sheet in a form: what a person writes is checked against the whole sheet before it is saved."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from monitor.core.errors import LibraryError, NotFoundError, Problem, UsageError
from monitor.core.rules.rule import When
from monitor.library import sheet_edit
from monitor.library.own_words import own_failures
from monitor.library.sheet_edit import FIELDS, SECTIONS, FieldKind, fields_of, part_of
from monitor.web.render import page
from monitor.web.request import service_of
from monitor.web.studies import save

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.core.judgement import Drift
    from monitor.core.study import Keys
    from monitor.library.sheet_edit import Field, Values
    from monitor.service import Service

router = APIRouter(default_response_class=HTMLResponse)

#: Letters of a field.
MOST_FIELD = 20_000


@dataclass(frozen=True, slots=True)
class Checked:
    """A sheet as it would be saved: `problems` keep it from being saved, `failures` are what it does not pass of its own words."""

    text: str
    problems: Sequence[Problem] = ()
    failures: Sequence[Problem] = ()
    draft: bool = False


def check(service: Service, study_id: str, text: str) -> Checked:
    """Read a sheet under the rules in use."""
    path = f"{study_id}.yaml"
    library = service.library.current()
    study, problems = library.read_sheet(text, path)
    if study is not None and study.id != study_id:
        return Checked(text, [Problem(path, 1, 1, f"the sheet is of {study_id!r}: its id stays as it is", "id")])
    if study is None or (problems and not study.draft):
        return Checked(text, problems)
    if study.draft:
        return Checked(text, draft=True)
    return Checked(text, failures=own_failures(study, text, path, library))


@router.get("/studies/{study_id}/edit")
def edit(request: Request, study_id: str, part: str = "") -> str:
    """The form of one part; `part` as `findings.walking`."""
    sheet = service_of(request).library.sheet_in_use(study_id)
    keys = part_of(part)
    return _form(request, study_id, keys, sheet_edit.values_of(sheet.text, keys), base=sheet.text)


@router.get("/studies/{study_id}/add")
def add(request: Request, study_id: str, part: str = "findings") -> str:
    """The form of a new entry: of a section, or of a finding's list (`findings.walking.not`)."""
    sheet = service_of(request).library.sheet_in_use(study_id)
    keys = _new_part(part, sheet.text)
    values: Values = {field.key: () if field.kind is FieldKind.LINES else "" for field in fields_of(keys)}
    return _form(request, study_id, keys, values, base=sheet.text, fresh=True)


@router.post("/studies/{study_id}/edit")
async def change(request: Request, study_id: str) -> Response:
    """Save a part, add one, or take one out. What cannot be read is told at its field, and nothing is saved."""
    sent = await request.form()
    return await run_in_threadpool(_change, request, study_id, sent)


@router.get("/studies/{study_id}/text")
def as_text(request: Request, study_id: str) -> str:
    """The whole sheet as it is written."""
    sheet = service_of(request).library.sheet_in_use(study_id)
    return _whole(request, study_id, sheet.text, base=sheet.text)


@router.post("/studies/{study_id}/text")
async def change_text(request: Request, study_id: str) -> Response:
    """Save the whole sheet."""
    sent = await request.form()
    return await run_in_threadpool(_change_text, request, study_id, sent)


def _change(request: Request, study_id: str, sent: Any) -> Response:
    service = service_of(request)
    base, fresh = service.library.sheet_in_use(study_id).text, sent.get("fresh") == "1"
    keys = _new_part(str(sent.get("part", "")), base) if fresh else part_of(str(sent.get("part", "")))
    values = _sent_values(keys, sent)
    if sent.get("then") == "remove":
        text = sheet_edit.without(base, keys)
    elif fresh:
        keys = _named(keys, values, base)
        text = sheet_edit.with_new(base, keys, values)
    else:
        text = sheet_edit.with_values(base, keys, values)
    empty = [] if sent.get("then") == "remove" else [*_empty(keys, values), *_unheard(service, keys, values)]
    checked = Checked(text, empty) if empty else check(service, study_id, text)
    stale = sent.get("was") and sent.get("was") != _mark(base)
    if stale and text != base:
        note = Problem(
            "", 1, 1, "somebody changed this fact sheet while you did: what you wrote is below, look and save again"
        )
        return _again(request, study_id, keys, values, Checked(text, [note]), base=base, fresh=fresh)
    if checked.problems or (
        checked.failures and sent.get("although") != "yes" and worse(service, study_id, base, checked)
    ):
        return _again(request, study_id, keys, values, checked, base=base, fresh=fresh)
    if text != base:
        save(request, study_id, text, base=base, note=str(sent.get("note", "")).strip()[:500])
    return RedirectResponse(f"/studies/{study_id}?saved=yes#{_anchor(keys)}", status_code=303)


def _change_text(request: Request, study_id: str, sent: Any) -> Response:
    service = service_of(request)
    base = service.library.sheet_in_use(study_id).text
    text = str(sent.get("text", "")).replace("\r\n", "\n")
    checked = check(service, study_id, text)
    if sent.get("was") != _mark(base):
        note = Problem(
            "", 1, 1, "somebody changed this fact sheet while you did: look at what they saved, then save yours"
        )
        checked = Checked(text, [note])
    if checked.problems or (
        checked.failures and sent.get("although") != "yes" and worse(service, study_id, base, checked)
    ):
        return HTMLResponse(_whole(request, study_id, text, base=base, checked=checked), status_code=400)
    if text != base:
        save(request, study_id, text, base=base, note=str(sent.get("note", "")).strip()[:500])
    return RedirectResponse(f"/studies/{study_id}?saved=yes", status_code=303)


def worse(service: Service, study_id: str, base: str, checked: Checked) -> bool:
    """Does it fail at something that the sheet in use passes? What failed before is no reason to stop now."""
    known = {problem.key for problem in check(service, study_id, base).failures}
    return any(problem.key not in known for problem in checked.failures)


# --- what was sent ---------------------------------------------------------------------------------------------------


def _new_part(part: str, text: str) -> Keys:
    """Where a new entry goes: its section's name, or the end of a finding's list."""
    keys = part_of(part)
    match keys:
        case (str(section),) if section in SECTIONS:
            return (section, "new")
        case (str(section), "new") if section in SECTIONS:
            return keys
        case ("findings", str(finding), "not") | ("findings", str(finding), "not", 0) if (
            finding in sheet_edit.entries_of(text, "findings")
        ):
            return ("findings", finding, "not", 0)
    raise NotFoundError("Nothing of that kind can be added to a fact sheet.", "Open it from the study's page.")


def _named(keys: Keys, values: Values, text: str) -> Keys:
    """The place of a new entry, with an id made of what was written."""
    if keys[-2:-1] == ("not",):
        return keys
    section = str(keys[0])
    words = str(values.get("sentence") or values.get("title") or " ".join(values.get("says", ())))
    return (section, sheet_edit.new_id(words, sheet_edit.entries_of(text, section)))


def _sent_values(keys: Keys, sent: Any) -> Values:
    """What was written, by field; raises UsageError for a field that no sheet holds."""
    values: Values = {}
    for field in fields_of(keys):
        written = str(sent.get(field.key, "")).replace("\r\n", "\n")
        if len(written) > MOST_FIELD:
            raise UsageError(f"“{field.label}” is longer than {MOST_FIELD:,} letters.", "Write less, or a part of it.")
        if field.kind is FieldKind.LINES:
            values[field.key] = tuple(line.strip() for line in written.split("\n") if line.strip())
        else:
            values[field.key] = " ".join(written.split()) if field.kind is not FieldKind.LONG else written.strip()
    return values


def _empty(keys: Keys, values: Values) -> list[Problem]:
    return [
        Problem("", 1, 1, "is empty", field.key, "is empty")
        for field in fields_of(keys)
        if field.required and not values[field.key]
    ]


def _unheard(service: Service, keys: Keys, values: Values) -> list[Problem]:
    """Words that contradict a finding are looked for by a rule: one that asks for what they are about, and calls them this drift."""
    if "not" not in keys or not values["about"]:
        return []
    kinds = _aspects(service).get(str(values["about"]), ())
    if not kinds:
        return [Problem("", 1, 1, "no rule looks for words about this; choose another", "about")]
    if values["drift"] in {drift.value for drift in kinds}:
        return []
    named = " or ".join(f"“{drift.words}”" for drift in kinds)
    return [Problem("", 1, 1, f"the rules flag words about this as {named}; choose that", "drift")]


def _aspects(service: Service) -> dict[str, tuple[Drift, ...]]:
    """What words that contradict a finding can be about, and as what drift the rules flag them."""
    found: dict[str, tuple[Drift, ...]] = {}
    for rule in service.library.current().rules():
        if rule.when is When.ON_NOT_LIST and rule.about and rule.drift not in found.get(rule.about, ()):
            found[rule.about] = (*found.get(rule.about, ()), rule.drift)
    return found


# --- the pages -------------------------------------------------------------------------------------------------------


def _again(
    request: Request, study_id: str, keys: Keys, values: Values, checked: Checked, *, base: str, fresh: bool
) -> Response:
    told = _form(request, study_id, keys, values, base=base, fresh=fresh, checked=checked)
    return HTMLResponse(told, status_code=400)


def _form(
    request: Request,
    study_id: str,
    keys: Keys,
    values: Values,
    *,
    base: str,
    fresh: bool = False,
    checked: Checked | None = None,
) -> str:
    fields = fields_of(keys)
    own = {field.key for field in fields}
    told: list[tuple[str, str]] = []
    for problem in checked.problems if checked else ():
        key = problem.key if problem.key in own else _field_of(checked.text if checked else base, keys, problem)
        told.append((key or "", problem.plain or problem.what))
    section = _section(keys)
    return page(
        request,
        "study_edit.html",
        title=f"{_NAMES[section]}: change it" if not fresh else f"A new {_NAMES[section].lower()}",
        heading=f"A new {_NAMES[section].lower()}" if fresh else _NAMES[section],
        study_id=study_id,
        part=".".join(str(key) for key in keys),
        fields=[(field, values[field.key], _choices(service_of(request), base, keys, field)) for field in fields],
        told=told,
        failures=checked.failures if checked else (),
        fresh=fresh,
        removable=bool(keys) and keys[0] != "ladders" and not fresh,
        step=_step_words(base, keys),
        was=_mark(base),
        finding=_finding_words(base, keys),
    )


def _choices(service: Service, text: str, keys: Keys, field: Field) -> tuple[tuple[str, str], ...]:
    if field.kind is FieldKind.ABOUT:
        return tuple((about, about.replace("-", " ")) for about in sorted(_aspects(service)))
    return sheet_edit.choices_of(text, keys, field)


#: What a form calls the part it is of.
_NAMES = {"study": "The study", "not": "Words that contradict a finding", "findings": "Finding", "sources": "Source"}
_NAMES |= {"caveats": "Caveat", "quantities": "Number", "rungs": "A step of a scale"}
assert set(_NAMES) == set(FIELDS)  # noqa: S101 - a new kind of part needs a name


def _section(keys: Keys) -> str:
    if not keys:
        return "study"
    return "not" if "not" in keys else "rungs" if keys[0] == "ladders" else str(keys[0])


def _finding_words(text: str, keys: Keys) -> str:
    return sheet_edit.entries_of(text, "findings").get(str(keys[1]), "") if "not" in keys else ""


def _step_words(text: str, keys: Keys) -> str:
    if not keys or keys[0] != "ladders":
        return ""
    rungs = sheet_edit.rungs_of(text, str(keys[1]))
    return f"{str(keys[1]).replace('-', ' ')}: {rungs[int(keys[2])].replace('-', ' ')}"


def _field_of(text: str, keys: Keys, problem: Problem) -> str | None:
    try:
        return sheet_edit.field_at(text, keys, problem.line, problem.column)
    except LibraryError:  # what was written is no YAML: only a whole sheet can be
        return None


def _whole(request: Request, study_id: str, text: str, *, base: str, checked: Checked | None = None) -> str:
    return page(
        request,
        "study_text.html",
        title="The fact sheet as text",
        study_id=study_id,
        text=text,
        lines=text.split("\n"),
        problems=checked.problems if checked else (),
        failures=checked.failures if checked else (),
        was=_mark(base),
    )


def _mark(text: str) -> str:
    """What a form remembers of the sheet that it was made from."""
    return sha256(text.encode()).hexdigest()[:32]


def _anchor(keys: Keys) -> str:
    return "-".join(str(key) for key in keys[:2])
