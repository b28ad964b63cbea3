"""`hypewatch studies`: the fact sheets that texts are compared with."""

from __future__ import annotations

import getpass
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.shared import emit, format_option, open_service
from monitor.core.proposals import ProposalState
from monitor.export.studies import finding_rows, proposal_row, study_row
from monitor.home_files import write_private, yaml_paths

if TYPE_CHECKING:
    from monitor.core.drafting.draft import SheetDraft
    from monitor.core.errors import Problem
    from monitor.core.proposals import Proposal
    from monitor.core.question import Question
    from monitor.core.study import Study
    from monitor.library.load import Library


@click.group()
def studies() -> None:
    """The fact sheets that texts are compared with. Yours lie in the folder `studies` of the home.

    Example: hypewatch studies show keio-ips-sci
    """


def _library() -> Library:
    return open_service().rules_with({})


@studies.command("list")
@format_option
def list_studies(form: str) -> None:
    """Every fact sheet.

    Example: hypewatch studies list
    """
    from monitor.core.errors import LibraryError

    library = _library()
    rows = [study_row(study) for study in (*library.studies(), *library.drafts())]
    emit(rows, form, columns=("id", "name", "as_of", "findings", "state"))
    if problems := [problem for told in library.broken().values() for problem in told]:
        raise LibraryError(problems)


@studies.command()
@click.argument("study_id")
@format_option
def show(study_id: str, form: str) -> None:
    """What a study found, each finding with its source and its date.

    Example: hypewatch studies show keio-ips-sci
    """
    emit(finding_rows(_library().study(study_id)), form, columns=("finding", "says", "source", "as_of"))


@studies.command()
@click.argument("study_id")
@click.option(
    "--from", "source", type=click.File(encoding="utf-8"), help="An abstract or press release to draft it from"
)
@click.option("--url", default=None, help="A page to draft it from: a release, or a paper whose address holds its DOI")
@click.option("--doi", default=None, help="A paper to draft it from, asked of Europe PMC and Crossref")
@click.option(
    "--answers", type=click.File(encoding="utf-8"), help="Answers to its questions: a JSON object, by the question's id"
)
@click.option("--no-input", is_flag=True, help="Ask nothing, also on a terminal")
@click.option("--replace", is_flag=True, help="Also if a shipped fact sheet has this id: yours will stand above it")
def new(
    study_id: str, source: Any, url: str | None, doi: str | None, answers: Any, no_input: bool, replace: bool
) -> None:
    """Begin a fact sheet of your own: writes a file to edit. Sentences of the text become findings, its numbers are checked.

    What the text does not say is asked, one question after another: Enter takes what is proposed, `?` leaves it open. While a
    required question is open, the sheet is a draft and judges nothing.

    \b
    Example: hypewatch studies new my-study --from abstract.txt
    Example: hypewatch studies new my-study --doi 10.1016/j.reth.2021.08.005
    """  # noqa: D301 - click wants the character, not the two signs
    from monitor.core.drafting.draft import without_questions
    from monitor.core.errors import UsageError
    from monitor.library.ids import id_problem
    from monitor.library.sheets import shipped
    from monitor.library.study_template import sheet_text

    if said := id_problem(study_id):
        raise UsageError(f"{study_id!r} {said}.", "Choose another name, such as my-study.")
    if sum(given is not None for given in (source, url, doi)) > 1:
        raise UsageError("A fact sheet is drafted from one text.", "Give one of --from, --url and --doi.")
    service = open_service()
    service.make_home()
    ships = {Path(name).stem for name, _ in shipped("studies")}
    if study_id in ships and not replace:
        raise UsageError(
            f"{study_id!r} is a fact sheet that ships with Hypewatch, and a sheet of yours with its id takes its place.",
            "Choose another name, or give --replace if that is what you want.",
        )
    path = service.settings.home / "studies" / f"{study_id}.yaml"
    if os.path.lexists(path):
        raise UsageError(f"{path} is there already.", "Edit it, or choose another name.")
    given = _answers_in(answers) if answers else {}
    draft = _drafted(study_id, source, url, doi)
    if draft.numbers:
        checked = "each of them is" if draft.checked == draft.numbers else f"{draft.checked} of them are"
        click.echo(f"{draft.numbers} numbers are kept; {checked} checked against what others write.", err=True)
    if given:
        draft = _answered(draft, given)
    if not (no_input or answers) and sys.stdin.isatty():
        draft = _asked(draft)
    elif source is None and url is None and doi is None and not given:
        draft = without_questions(draft)
    write_private(path, sheet_text(draft))
    click.echo(_written(draft, path))


def _drafted(study_id: str, source: Any, url: str | None, doi: str | None) -> SheetDraft:
    from monitor.pipeline.draft_study import draft_from_doi, draft_from_text, draft_from_url

    service, library = open_service(), _library()
    today = service.clock().date()
    if doi is not None:
        return draft_from_doi(library, service.papers, study_id, doi, today=today)
    if url is not None:
        return draft_from_url(library, service.deps.pages, service.papers, study_id, url, today=today)
    return draft_from_text(library, study_id, source.read() if source else "", today=today)


def _answers_in(file: Any) -> dict[str, Any]:
    """The answers of a file, which are texts, lists of texts, or true and false."""
    from monitor.core.errors import UsageError

    wrong = UsageError(
        f"{file.name} holds no answers.",
        'Write a JSON object such as {"institution": "Tarn University", "confirm": true}.',
    )
    try:
        given = json.load(file)
    except (ValueError, RecursionError):
        raise wrong from None
    if not isinstance(given, dict):
        raise wrong
    for answer in given.values():
        texts = answer if isinstance(answer, list) else [answer]
        if not all(isinstance(text, str | bool) for text in texts):
            raise wrong
    return given


def _answered(draft: SheetDraft, given: dict[str, Any]) -> SheetDraft:
    from monitor.pipeline.draft_study import draft_answered

    return draft_answered(_library(), draft, given)


def _asked(draft: SheetDraft) -> SheetDraft:
    """Ask on the terminal, one question after another; an answer that cannot be is asked for again at once."""
    given: dict[str, Any] = {}
    click.echo("Enter takes what stands in brackets; ? leaves a question open.")
    for at, question in enumerate(draft.study.questions, start=1):
        click.echo(f"\n{at} of {len(draft.study.questions)}: {question.asks}\n   {question.why}")
        for number, choice in enumerate(question.choices, start=1):
            click.echo(f"   {number}  {choice}")
        hint = (
            " (yes or no)"
            if question.kind == "yes-no"
            else " (several: with commas)"
            if question.kind == "list"
            else ""
        )
        try:
            answer = _answer_to(question, hint)
        except click.Abort:  # what was answered is not lost
            click.echo("\nThe others stay open.")
            break
        given[question.id] = answer
    return _answered(draft, given)


def _answer_to(question: Question, hint: str) -> str:
    from monitor.core.drafting.answers import problem_of

    while True:
        answer: str = click.prompt(f"  {hint}", default=question.proposal or "?", prompt_suffix="> ")
        said = problem_of(question, answer)
        if not said:
            return answer
        click.echo(f"   {said}")


def _written(draft: SheetDraft, path: Path) -> str:
    open_ = [question for question in draft.study.questions if question.required]
    if draft.study.draft:
        are = "question of it is open" if len(open_) == 1 else "questions of it are open"
        asks = f" ({len(open_)} {are})" if open_ else ""
        left = f"It is a draft and judges nothing until its CAPITALS are filled in: edit it{asks}, then"
    else:
        left = "Every question is answered, and it judges from now on. Prove it with"
    return f"Written: {path}. {left} `hypewatch studies check {path}`."


@studies.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False))
def check(files: tuple[Path, ...]) -> None:
    """Check fact sheets: do they load, do the rules read them, and do they pass their own words?

    What a sheet says that was found must raise no flag; what contradicts it (each `not:` entry, wrong number and higher rung)
    must. Every problem with its place. Exit 2 if a sheet does not load, 1 if it fails by its own words: then it still judges.

    Example: hypewatch studies check my-study.yaml
    """
    from monitor.core.errors import LibraryError
    from monitor.library.own_words import check_sheet

    problems: list[Problem] = []
    failed: list[Problem] = []
    good: list[str] = []
    for path in files or yaml_paths(open_service().settings.home / "studies"):
        try:
            study, failures = check_sheet(path)
        except LibraryError as error:
            problems.extend(error.problems)
        else:
            failed.extend(failures)
            good.extend([] if failures else [study.id])
    for failure in failed:
        click.echo(str(failure))
    if problems:
        raise LibraryError(problems)
    if failed:
        click.echo("It judges as it is: mend what stands there (a phrase, its `unless`, a sentence) or leave it.")
        sys.exit(1)
    click.echo(f"{', '.join(good)}: all right." if good else "There is no fact sheet of yours to check.")


# --- the study itself ------------------------------------------------------------------------------------------------


class ListingGroup(click.Group):
    """`hypewatch studies proposals keio-ips-sci` lists; `hypewatch studies proposals accept 3` decides."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """What is no command's name belongs to the list."""
        if not any(arg in {"--help", "-h"} for arg in args) and (not args or args[0] not in self.commands):
            args = ["list", *args]
        return super().parse_args(ctx, args)


@studies.group(cls=ListingGroup)
def proposals() -> None:
    """What may have happened to a study itself: a paper, a retraction, a change in the registry. Lists what is open.

    Nothing changes by itself. `accept` tells which line of the fact sheet to change, and to what.

    \b
    Example: hypewatch studies proposals
    Example: hypewatch studies proposals accept 3 --why "it is ours"
    """  # noqa: D301 - click wants the character, not the two signs


@proposals.command("list")
@click.argument("study_id", required=False)
@click.option("--all", "every", is_flag=True, help="Those that were decided, too")
@format_option
def list_proposals(study_id: str | None, every: bool, form: str) -> None:
    """What is open, newest first.

    Example: hypewatch studies proposals list keio-ips-sci --all
    """
    service = open_service()
    if study_id is not None:
        service.library.study(study_id)
    found = service.store.proposals(study_id, state=None if every else ProposalState.OPEN)
    emit(
        [proposal_row(proposal) for proposal in found],
        form,
        columns=("id", "opened", "sentence", "seen", *(["state"] if every else [])),
        empty="Nothing is proposed. `hypewatch feeds add STUDY --network pubmed` watches for papers.",
    )


@proposals.command()
@click.argument("proposal_id", type=int)
@click.option("--why", default="", help="A note for later")
@click.option("--by", default=None, help="Who says so; default: your login name")
def accept(proposal_id: int, why: str, by: str | None) -> None:
    """Say that it is so. Tells which lines of the fact sheet to change: the file is yours to edit.

    Example: hypewatch studies proposals accept 3 --why "it is our paper"
    """
    service = open_service()
    decided = service.store.decide_proposal(
        proposal_id, ProposalState.ACCEPTED, by=by or getpass.getuser(), why=why, now=service.clock()
    )
    click.echo(f"Proposal {proposal_id} is accepted: {decided.sentence}")
    if decided.detail:
        click.echo(f"\n{decided.detail}")
    click.echo("")
    for line in to_edit(decided, service.library.study(decided.study_id), service.settings.home / "studies"):
        click.echo(line)


@proposals.command()
@click.argument("proposal_id", type=int)
@click.option("--why", required=True, help="Why not; whoever comes next reads it")
@click.option("--by", default=None, help="Who says so; default: your login name")
def dismiss(proposal_id: int, why: str, by: str | None) -> None:
    """Say that it is not so, or does not matter. It is not proposed again.

    Example: hypewatch studies proposals dismiss 3 --why "another trial of the same team"
    """
    service = open_service()
    service.store.decide_proposal(
        proposal_id, ProposalState.DISMISSED, by=by or getpass.getuser(), why=why, now=service.clock()
    )
    click.echo(f"Proposal {proposal_id} is dismissed, and will not be proposed again.")


def to_edit(proposal: Proposal, study: Study, studies_dir: Path) -> list[str]:
    """What a person changes in the fact sheet, line by line, so that it says what is so now."""
    from monitor.core.proposals import ProposalKind
    from monitor.library.locate import place_in_sheet

    top = place_in_sheet(studies_dir, study.id)
    said = []
    if top.shipped:
        said.append(
            f"This fact sheet ships with Hypewatch ({top.path}). Copy it to {studies_dir / f'{study.id}.yaml'} and edit that: "
            "a sheet of yours with the same id stands above it."
        )
    name = top.path if not top.shipped else str(studies_dir / f"{study.id}.yaml")
    appeared = proposal.kind in {ProposalKind.PUBLISHED, ProposalKind.PREPRINT}
    if appeared:
        place = place_in_sheet(studies_dir, study.id, "sources")
        title = " ".join(proposal.title.split()).replace('"', "'")
        said += [
            f"{name}, line {place.line}, under `sources:` add",
            "  paper:",
            f'    title: "{title}"',
            f"    url: {proposal.url}",
        ]
    for finding_id in proposal.findings:
        if finding_id not in study.findings:
            continue
        finding = study.findings[finding_id]
        line = place_in_sheet(studies_dir, study.id, "findings", finding_id, "sentence").line
        said.append(f"{name}, line {line}, finding `{finding_id}`: look whether this still holds: “{finding.sentence}”")
        if appeared and proposal.rung and finding.rung:
            line = place_in_sheet(studies_dir, study.id, "findings", finding_id, "rung").line
            said.append(f"{name}, line {line}: `rung: {finding.rung}` becomes `rung: {proposal.rung}`")
            line = place_in_sheet(studies_dir, study.id, "findings", finding_id, "source").line
            said.append(f"{name}, line {line}: `source:` becomes `source: paper`")
    line = place_in_sheet(studies_dir, study.id, "as-of").line
    said.append(f"{name}, line {line}: `as-of: {study.as_of}` becomes the day on which you checked the whole sheet")
    said.append(f"Then `hypewatch studies check {name}`; what is stored is judged again by itself.")
    return said
