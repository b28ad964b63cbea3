"""`hypewatch review`: say whether a flag is right."""

from __future__ import annotations

import getpass

import click

from monitor.cli.shared import open_service
from monitor.core.mention import Verdict


@click.command()
@click.argument("flag_id", type=int)
@click.argument("verdict", type=click.Choice([verdict.value for verdict in Verdict]))
@click.option("--why", default="", help="A note for later")
@click.option("--by", default=None, help="Who says so; default: your login name")
def review(flag_id: int, verdict: str, why: str, by: str | None) -> None:
    """Say whether a flag is right: upheld, dismissed, or not about the study. Dismissed flags are mailed no more.

    Example: hypewatch review 17 dismissed --why "the sentence before takes it back"
    """
    from monitor.core.mention import Review

    said = Verdict(verdict)

    service = open_service()
    service.store.review(Review(flag_id=flag_id, verdict=said, by=by or getpass.getuser(), at=service.clock(), why=why))
    click.echo(f"Flag {flag_id}: {verdict}.")
    if said is Verdict.DISMISSED:
        click.echo(
            "To make the rule keep quiet on such sentences, add the sentence to its `passes:` (`hypewatch help rules`)."
        )
