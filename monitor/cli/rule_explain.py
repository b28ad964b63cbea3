"""`hypewatch rules explain`: why a rule flags a text, or what stopped it."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from monitor.cli.desk import load_with, read_folder, rule_of, rules_folder, saved_files
from monitor.cli.shared import open_service

if TYPE_CHECKING:
    from monitor.service import Service


@click.command()
@click.argument("rule_id")
@click.argument("text", required=False)
@click.option("--mention", "mention_id", type=int, help="A stored mention instead of a text, by its number")
@click.option("--title", default="", help="The headline above the text")
@click.option(
    "--kind", type=click.Choice(["post", "article"]), default="post", show_default=True, help="What the text is"
)
@click.option("--study", "study_id", help="Fact sheet; default: the first")
@click.option(
    "--assume-relevant", is_flag=True, help="Take the text as about the study (single sentences lack context)"
)
@click.option("--edited", is_flag=True, help="Ask your edited rules in the folder, not those in use")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="Shape of the output")
def explain(
    rule_id: str,
    text: str | None,
    mention_id: int | None,
    title: str,
    kind: str,
    study_id: str | None,
    assume_relevant: bool,
    edited: bool,
    form: str,
) -> None:
    """Why a rule flags a text (or standard input, as `-`), or what stopped it: each step up to that one. Exit 0 if it flags, 1 if not.

    \b
    Example: hypewatch rules explain above-outcome "Keio's iPS cell patients hope to walk again."
    Example: hypewatch rules explain above-outcome --mention 123
    """  # noqa: D301 - click wants the character, not the two signs
    from monitor.core.errors import UsageError
    from monitor.core.model import Kind
    from monitor.export.explained import answer, explanation_row, sentence
    from monitor.pipeline.explain import explain_mention, explain_text

    if (text is None) == (mention_id is None):
        raise UsageError(
            "Name a text or a mention, one of both.", "`hypewatch rules explain RULE TEXT`, or `--mention ID`."
        )
    service = open_service()
    library = load_with(service, _edited(service, rule_id) if edited else saved_files(service))
    rule = rule_of(library, rule_id)
    if mention_id is not None:
        found = explain_mention(library, rule, service.store.mention(mention_id))
    else:
        said = sys.stdin.read() if text == "-" else text or ""
        if not f"{title}{said}".strip():
            raise UsageError("There is no text to look at.", "Give a sentence in quotation marks, or `--mention ID`.")
        study = library.study(study_id) if study_id else library.default()
        found = explain_text(library, study, rule, title, said, kind=Kind(kind), assume=assume_relevant)
    if form == "json":
        click.echo(json.dumps(explanation_row(found), ensure_ascii=False, indent=2))
    else:
        for step in found.steps:
            click.echo(f"{'+' if step.passed else '-'} {sentence(step)}")
        click.echo(answer(found))
    sys.exit(0 if found.flag else 1)


def _edited(service: Service, rule_id: str) -> dict[str, str]:
    """The files of the folder, with the rule as it can be tried: what of it is not written yet is no matter, and phrases that
    cannot match as they stand are told and left out. Raises UsageError if that leaves it no words.
    """
    from monitor.core.errors import UsageError
    from monitor.export.explained import unheard
    from monitor.library.rule_edit import to_try

    files = read_folder(rules_folder(service))
    name = f"{rule_id}.yaml"
    if name not in files:
        return files
    trial = to_try(files[name], rule_id)
    told = [unheard(phrase) for phrase in trial.unheard]
    if not trial.yaml:
        raise UsageError(" ".join(told), "So the rule has no words to try.")
    for line in told:
        click.echo(line, err=True)
    return {**files, name: trial.yaml}
