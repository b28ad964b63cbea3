"""`hypewatch compare`: does a claim go beyond a finding? By the strength with which each ties one thing to another."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from monitor.core.json_lines import NoObjectError, read_object


@click.command()
@click.option("--finding", help="What the study says")
@click.option("--claim", help="What is said about it")
@click.option(
    "--jsonl", "source", type=click.File(encoding="utf-8"), help='Lines {"id", "finding", "claim"}; - is standard input'
)
@click.option("--format", "form", type=click.Choice(["text", "jsonl"]), default="text", help="Shape of the output")
def compare(finding: str | None, claim: str | None, source: Any, form: str) -> None:
    r"""Compare the strength of two sentences: 0 no relation, 1 correlation, 2 conditional cause, 3 direct cause.

    Exit 1 if the claim exaggerates, 2 if a line cannot be read.

    \b
    Example: hypewatch compare --finding "X is linked to Y." --claim "X causes Y."
    """
    from monitor.core.errors import UsageError

    if source is None and (finding is None or claim is None):
        raise UsageError("Two sentences are needed.", "Give --finding and --claim, or --jsonl FILE.")
    if source is None:
        row = _row("1", str(finding), str(claim))
        click.echo(json.dumps(row, ensure_ascii=False) if form == "jsonl" else _words(row))
        sys.exit(1 if row["verdict"] == "exaggerates" else 0)
    unread = False
    for number, line in enumerate(source, start=1):
        if line.strip():
            row = _read(line, number)
            unread = unread or "error" in row
            click.echo(json.dumps(row, ensure_ascii=False))
    sys.exit(2 if unread else 0)


def _read(line: str, number: int) -> dict[str, Any]:
    try:
        given = read_object(line)
        return _row(str(given.get("id", number)), given["finding"], given["claim"])
    except NoObjectError as error:
        return {"id": str(number), "error": f"line {number}:{error.column}: {error.what}"}
    except (KeyError, TypeError, AttributeError):
        return {"id": str(number), "error": f'line {number}:1: needs "finding" and "claim", both text'}


def _row(row_id: str, finding: str, claim: str) -> dict[str, Any]:
    from monitor.export.checked import compared_row
    from monitor.library.strength import shipped_scale

    return compared_row(row_id, finding, claim, shipped_scale())


def _words(row: dict[str, Any]) -> str:
    said = ", ".join(row["because"]) or "neither ties anything"
    return f"{row['verdict']}: finding {row['finding_strength']}, claim {row['claim_strength']} ({said})"
