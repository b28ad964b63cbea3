"""One fact sheet: YAML nodes to a Study, with every problem at its place. A finding without a source does not load."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import TYPE_CHECKING

from monitor.core.drafting.blanks import ANSWER, BLANKS
from monitor.core.items.urls import http_link
from monitor.core.judgement import Drift, Reference, Severity
from monitor.core.papers import doi_of, parse_words
from monitor.core.question import Asked, Question
from monitor.core.rules.phrase import PhraseError, parse
from monitor.core.study import (
    Caveat,
    Confusable,
    ExcludedClaim,
    Finding,
    Ladder,
    Quantity,
    Rung,
    Study,
    Terms,
    Watch,
)
from monitor.core.text.lang import is_language
from monitor.library.ids import id_problem
from monitor.library.yaml_nodes import Form, scalars, suggest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from monitor.core.errors import Problem
    from monitor.library.yaml_nodes import Node

#: Stands for a date that cannot be read: the sheet does not load then, so nobody sees it.
_UNREAD = date(1970, 1, 1)


def read_study(node: Node, path: str, text: str, problems: list[Problem]) -> Study | None:
    """Read one fact sheet; None if it has problems, which are added to the list."""
    before = len(problems)
    form = Form(node, path, problems, "fact sheet")
    sources = _sources(form)
    ladders = _ladders(form)
    said_in: dict[str, dict[str, str]] = {}
    _said_in(form, ("name",), said_in)
    findings = _findings(form, sources, ladders, said_in)
    terms = form.form("terms", "terms")
    reference = _reference(form, "reference", sources)
    questions = _questions(form)
    study_id = form.text("id")
    if study_id and (said := id_problem(study_id)):
        form.wrong(form.node_of("id"), f"{study_id!r} {said}")
    study = Study(
        id=study_id,
        name=form.text("name"),
        as_of=_date(form, "as-of"),
        institution=form.text("institution"),
        reference=reference or Reference(title=""),
        terms=_terms(terms) if terms else Terms(must={}, about_if=()),
        people=form.texts("people"),
        findings=findings,
        ladders=ladders,
        quantities=_quantities(form, findings),
        caveats=_caveats(form, findings, said_in),
        confusable=_confusable(form),
        classes=_classes(form),
        abstract=form.text("abstract", ""),
        searches=form.texts("searches"),
        watch=_watch(form, sources),
        digest=hashlib.sha256(text.encode()).hexdigest(),
        draft=any(open_questions(node)) or any(question.required for question in questions),
        translations=said_in,
        questions=questions,
    )
    if terms is None:
        form.wrong(None, "has no `terms`: without them no mention is recognised")
    if not findings:
        form.wrong(None, "has no `findings`: there is nothing to compare a claim with")
    form.close()
    return study if len(problems) == before else None


def open_questions(sheet: Node) -> Iterator[Node]:
    """The values of a fact sheet that are still to be filled in, in reading order; a required question holds one."""
    return (node for _, node in scalars(sheet) if node.value in BLANKS)


def _date(form: Form, key: str, default: date | None = None) -> date:
    value = form.text(key, None if default is None else "")
    if not value:
        return default or _UNREAD
    try:
        return date.fromisoformat(value)
    except ValueError:
        form.wrong(form.node_of(key), f"`{key}: {value}` is no date; write it as 2026-02-24")
        return _UNREAD


def _optional_date(form: Form, key: str) -> date | None:
    """A date that need not be there; None also for one that cannot be read, which is then among the problems."""
    found = _date(form, key) if form.node_of(key) is not None else _UNREAD
    return found if found != _UNREAD else None


def _said_in(form: Form, keys: tuple[str, ...], into: dict[str, dict[str, str]]) -> None:
    """The optional section `in`: what stands under some keys of a mapping, in other languages."""
    for language, node in form.table("in").items():
        if language == "en" or not is_language(language):
            form.wrong(node, f"`in: {language}` is no language; write it as ja or es (the sheet itself is in English)")
            continue
        inner = Form(node, form.path, form.problems, "translation")
        for key in keys:
            said = inner.optional(key)
            if said and (original := form.text(key, "")):
                into.setdefault(language, {})[original] = said
            elif said:
                inner.wrong(inner.node_of(key), f"`{key}` has no English sentence to be the translation of")
        inner.close()


def _sources(form: Form) -> dict[str, Reference]:
    found = {}
    for name, node in form.table("sources").items():
        inner = Form(node, form.path, form.problems, "source")
        url = inner.optional("url")
        if url and not url.startswith(("https://", "http://")):
            inner.wrong(inner.node_of("url"), "`url` must begin with https:// or http://")
        found[name] = Reference(title=inner.text("title"), url=url)
        inner.close()
    return found


def _watch(form: Form, sources: Mapping[str, Reference]) -> Watch:
    """The optional section on papers and the registry. Papers among the sources are known without being named again."""
    known = [doi for source in sources.values() if source.url and (doi := doi_of(source.url))]
    inner = form.form("watch", "watch section")
    if inner is None:
        return Watch(dois=tuple(dict.fromkeys(known)))
    for written in inner.texts("dois"):
        doi = doi_of(written)
        if doi is None:
            inner.wrong(inner.node_of("dois"), f"{written!r} is no DOI; write it as 10.1016/j.reth.2021.08.005")
        else:
            known.append(doi)
    registry = inner.optional("registry")
    if registry and http_link(registry) is None:
        inner.wrong(inner.node_of("registry"), "`registry` must begin with https:// or http://")
    query = inner.text("query", "")
    try:
        parse_words(query)
    except ValueError as error:
        inner.wrong(inner.node_of("query"), f"`query` {error}")
    watch = Watch(
        query=query,
        since=_optional_date(inner, "since"),
        dois=tuple(dict.fromkeys(known)),
        numbers=inner.texts("numbers"),
        registry=registry,
        ignore=inner.texts("ignore"),
        needs=_phrases(inner, "needs"),
        unless=_phrases(inner, "unless"),
    )
    inner.close()
    return watch


def _reference(form: Form, key: str, sources: Mapping[str, Reference]) -> Reference | None:
    name = form.text(key)
    if name and name not in sources:
        form.wrong(form.node_of(key), f"there is no source {name!r}; {suggest(name, sources)}")
        return None
    return sources.get(name)


def _phrases(form: Form, key: str, *, least: int = 0) -> tuple[str, ...]:
    phrases = form.texts(key, least=least)
    node = form.node_of(key)
    items = node.value if node is not None and isinstance(node.value, list) else [node] if node else []
    for item in items:
        if isinstance(item.value, str) and item.value.strip():
            try:
                parse(item.value.strip())
            except PhraseError as error:
                form.wrong(item, f"“{item.value.strip()}” {error}")
    return phrases


def _ladders(form: Form) -> dict[str, Ladder]:
    ladders = {}
    for name, node in form.table("ladders").items():
        items = node.value if isinstance(node.value, list) else []
        if not items:
            form.wrong(node, f"the ladder {name!r} must be a list of rungs, lowest first")
        rungs = []
        for item in items:
            inner = Form(item, form.path, form.problems, "rung")
            rungs.append(Rung(id=inner.text("rung"), says=_phrases(inner, "says")))
            inner.close()
        ladders[name] = Ladder(id=name, rungs=tuple(rungs))
    return ladders


def _findings(
    form: Form, sources: Mapping[str, Reference], ladders: Mapping[str, Ladder], said_in: dict[str, dict[str, str]]
) -> dict[str, Finding]:
    findings = {}
    as_of = _date(form, "as-of")
    for name, node in form.table("findings").items():
        inner = Form(node, form.path, form.problems, "finding")
        ladder, rung = inner.optional("ladder"), inner.optional("rung")
        if ladder and ladder not in ladders:
            inner.wrong(inner.node_of("ladder"), f"there is no ladder {ladder!r}; {suggest(ladder, ladders)}")
        elif ladder and rung not in {r.id for r in ladders[ladder].rungs}:
            names = [r.id for r in ladders[ladder].rungs]
            inner.wrong(
                inner.node_of("rung") or node, f"the ladder {ladder} has no rung {rung!r}; {suggest(rung or '', names)}"
            )
        since, until = _period(inner)
        _said_in(inner, ("sentence", "correction"), said_in)
        findings[name] = Finding(
            id=name,
            sentence=inner.text("sentence"),
            reference=_reference(inner, "source", sources) or Reference(title=""),
            quote=inner.text("quote", ""),
            as_of=_date(inner, "as-of", as_of),
            since=since,
            until=until,
            ladder=ladder,
            rung=rung,
            correction=inner.optional("correction"),
            says=_phrases(inner, "says"),
            excludes=tuple(
                _not_entry(entry, name, at, said_in) for at, entry in enumerate(inner.forms("not", "not entry"))
            ),
        )
        inner.close()
    return findings


def _period(form: Form) -> tuple[date | None, date | None]:
    """`since` and `until` of a finding; a period that holds no day is a slip."""
    since, until = _optional_date(form, "since"), _optional_date(form, "until")
    if since is not None and until is not None and since >= until:
        form.wrong(
            form.node_of("until"),
            f"`until: {until}` must come after `since: {since}`: it is the first day no longer meant",
        )
    return since, until


def _not_entry(form: Form, finding: str, at: int, said_in: dict[str, dict[str, str]]) -> ExcludedClaim:
    _said_in(form, ("correction",), said_in)
    entry = ExcludedClaim(
        id=f"{finding}-{at}",
        about=form.text("about"),
        says=_phrases(form, "says", least=1),
        drift=Drift(form.choice("drift", [d.value for d in Drift])),
        severity=Severity(form.choice("severity", [s.value for s in Severity])),
        unless=_phrases(form, "unless"),
        correction=form.optional("correction"),
    )
    form.close()
    return entry


def _quantities(form: Form, findings: Mapping[str, Finding]) -> tuple[Quantity, ...]:
    found = []
    for name, node in form.table("quantities").items():
        inner = Form(node, form.path, form.problems, "quantity")
        found.append(
            Quantity(
                id=name,
                says=_phrases(inner, "says", least=1),
                allowed=_ranges(inner, "allowed"),
                ignore=_ranges(inner, "ignore"),
                finding=_finding(inner, findings),
                unless=_phrases(inner, "unless"),
            )
        )
        inner.close()
    return tuple(found)


def _ranges(form: Form, key: str) -> tuple[tuple[float, float], ...]:
    ranges = []
    for text in form.texts(key):
        low, _, high = text.replace(" ", "").partition("..")
        try:
            ranges.append((float(low.replace("_", "")), float((high or low).replace("_", ""))))
        except ValueError:
            form.wrong(form.node_of(key), f"`{key}: {text}` is no number or range; write 4 or 14..28")
    return tuple(ranges)


def _finding(form: Form, findings: Mapping[str, Finding]) -> str:
    name = form.text("finding")
    if name and name not in findings:
        form.wrong(form.node_of("finding"), f"there is no finding {name!r}; {suggest(name, findings)}")
    return name


def _caveats(form: Form, findings: Mapping[str, Finding], said_in: dict[str, dict[str, str]]) -> tuple[Caveat, ...]:
    found = []
    for name, node in form.table("caveats").items():
        inner = Form(node, form.path, form.problems, "caveat")
        _said_in(inner, ("sentence",), said_in)
        found.append(
            Caveat(
                slug=name,
                says=_phrases(inner, "says", least=1),
                sentence=inner.text("sentence"),
                finding=_finding(inner, findings),
                required=inner.choice("required", ["yes", "no"], "yes") == "yes",
            )
        )
        inner.close()
    return tuple(found)


def _confusable(form: Form) -> tuple[Confusable, ...]:
    found = []
    for inner in form.forms("confusable", "confusable study"):
        found.append(
            Confusable(
                id=inner.text("id"),
                name=inner.text("name"),
                says=_phrases(inner, "says", least=1),
                why=inner.text("why"),
            )
        )
        inner.close()
    return tuple(found)


def _questions(form: Form) -> tuple[Question, ...]:
    found = []
    for inner in form.forms("questions", "question"):
        if inner.text("answer", ANSWER) != ANSWER:
            inner.wrong(
                inner.node_of("answer"),
                "`answer` is read by nobody here: put it into the line that `key` names, and delete the question",
            )
        found.append(
            Question(
                id=inner.text("id"),
                key=inner.text("key", ""),
                asks=inner.text("asks"),
                why=inner.text("why", ""),
                kind=Asked(inner.choice("kind", [kind.value for kind in Asked], Asked.TEXT.value)),
                proposal=inner.text("proposal", ""),
                choices=inner.texts("choices"),
                required=inner.choice("required", ["yes", "no"], "yes") == "yes",
            )
        )
        inner.close()
    return tuple(found)


def _terms(form: Form) -> Terms:
    must = {}
    for name, node in form.table("must").items():
        must[name] = form.texts_in(node, name, least=1)
    if not must:
        form.wrong(None, "`terms` needs `must`: groups of words of which a mention holds some")
    terms = Terms(
        must=must,
        about_if=_combinations(form, "about-if", must) or (tuple(must),),
        maybe_if=_combinations(form, "maybe-if", must),
        also=_phrases(form, "also"),
        never=_phrases(form, "not"),
    )
    form.close()
    return terms


def _combinations(form: Form, key: str, groups: Mapping[str, object]) -> tuple[tuple[str, ...], ...]:
    """Lines such as `who + what`: names of groups that must all be met."""
    found = []
    for line in form.texts(key):
        names = tuple(name.strip() for name in line.split("+"))
        for name in names:
            if name not in groups:
                form.wrong(form.node_of(key), f"there is no group {name!r} under `must`; {suggest(name, groups)}")
        found.append(names)
    return tuple(found)


def _classes(form: Form) -> dict[str, tuple[str, ...]]:
    return {name: form.texts_in(node, name) for name, node in form.table("classes").items()}
