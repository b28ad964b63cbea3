"""`hypewatch letters`: corrections that were asked for. `hypewatch outlets`: who publishes, with contact and record."""

from __future__ import annotations

import getpass
import json
from typing import TYPE_CHECKING

import click

from monitor.cli.shared import emit, format_option, open_service
from monitor.core.letters.letter import LetterState

if TYPE_CHECKING:
    from monitor.core.letters.letter import Letter
    from monitor.core.letters.points import Signer
    from monitor.core.mention import Source
    from monitor.ports import Store
    from monitor.service import Service

UNDO = "undo"
_STEPS = [state.value for state in LetterState if state is not LetterState.DRAFT]


@click.group()
def letters() -> None:
    """Corrections that outlets were asked for: drafts, what waits, what came of it.

    \b
    Example: hypewatch letters draft 17
    Example: hypewatch letters mark 1 asked
    """  # noqa: D301 - click wants the character, not the two signs


@letters.command("list")
@click.option("--state", type=click.Choice([state.value for state in LetterState]), multiple=True, help="Only such")
@click.option("--limit", type=click.IntRange(1, 10_000), default=200, show_default=True, help="How many")
@format_option
def list_letters(state: tuple[str, ...], limit: int, form: str) -> None:
    """Letters: first those that wait, the longest first; then drafts, then those that ended.

    Example: hypewatch letters list --state asked --state reminded
    """
    from monitor.export.rows import letter_row

    store = open_service().store
    found = store.letters(states=[LetterState(one) for one in state], limit=limit)
    asked = store.outlets({letter.source_id for letter in found if letter.source_id is not None})
    rows = [letter_row(letter, asked.get(letter.source_id or 0)) for letter in found]
    columns = ("id", "state", "outlet", "asked_at", "remind_at", "closed_at", "subject")
    emit(rows, form, columns=columns, empty="No letters. `hypewatch letters draft FLAG` writes one.")


@letters.command("show")
@click.argument("letter_id", metavar="ID", type=click.IntRange(1))
@click.option("--reminder", "reminds", is_flag=True, help="The reminder instead, ready to be sent")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", help="Shape of the output")
def show(letter_id: int, *, reminds: bool, form: str) -> None:
    """One letter, ready to be copied.

    Example: hypewatch letters show 1
    """
    from monitor.pipeline.letters import reminder

    service = open_service()
    held = service.store.letter(letter_id)
    words = reminder(service.deps, held, _signer(service)) if reminds else None
    _print(service.store, held, form, words)


@letters.command()
@click.argument("flag_id", metavar="FLAG", type=click.IntRange(1))
@click.option("--language", type=click.Choice(["en", "ja", "es"]), help="Default: the outlet's, else the text's")
@click.option("--signature", help="How you sign, with name, post and telephone; kept for the next letters")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", help="Shape of the output")
def draft(flag_id: int, language: str | None, signature: str | None, form: str) -> None:
    """Write the letter that asks to correct a flag, and the gravest others of its text; a letter that is open is shown.

    Nothing is sent. `hypewatch mentions show ID` lists a mention's flags.

    Example: hypewatch letters draft 17 --language ja --signature "Mika Sato, Press Office"
    """
    from monitor.pipeline.letters import draft_for, set_signature

    service = open_service()
    if signature is not None:
        set_signature(service.store, getpass.getuser(), signature)
    held = draft_for(service.deps, flag_id, signer=_signer(service), by=getpass.getuser(), language=language or "")
    _print(service.store, held, form)


@letters.command()
@click.argument("letter_id", metavar="ID", type=click.IntRange(1))
@click.argument("to", type=click.Choice([*_STEPS, UNDO]))
@click.option("--by", default=None, help="Who says so; default: your login name")
def mark(letter_id: int, to: str, by: str | None) -> None:
    """Note what became of a letter: asked, reminded, corrected, refused; `undo` takes the newest of these back.

    A page that is corrected closes its letter by itself.

    Example: hypewatch letters mark 1 asked
    """
    service = open_service()
    by, now = by or getpass.getuser(), service.clock()
    if to == UNDO:
        held = service.store.undo_letter(letter_id, by=by, now=now)
        click.echo(f"Letter {letter_id}: taken back; it is {held.state.words} again.")
        return
    held = service.store.step_letter(letter_id, LetterState(to), by=by, now=now)
    waits = f"; a reminder is due on {held.remind_at:%d %B %Y}" if held.remind_at else ""
    click.echo(f"Letter {letter_id}: {held.state.words}{waits}.")


@click.group()
def outlets() -> None:
    """Who publishes: how often it goes too far, what it was asked for, where letters to it go.

    Example: hypewatch outlets list
    """


@outlets.command("list")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="How many")
@format_option
def list_outlets(limit: int, form: str) -> None:
    """Outlets and accounts, those first that go too far most often.

    Example: hypewatch outlets list --format csv --limit 10000
    """
    from monitor.export.rows import outlet_row

    rows = [outlet_row(record) for record in open_service().store.outlet_records(limit=limit)]
    columns = ("id", "key", "name", "mentions", "too_far", "share", "asked", "corrected", "contact")
    emit(rows, form, columns=columns, empty="No outlets yet: nothing about the study was read.")


@outlets.command("show")
@click.argument("outlet")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", help="Shape of the output")
def show_outlet(outlet: str, form: str) -> None:
    """One outlet, by its number or its domain (network:handle for an account): record, months, letters.

    Example: hypewatch outlets show example.org
    """
    from monitor.core.letters.record import months, time_to_correct
    from monitor.core.sentences import duration
    from monitor.export.rows import letter_row, outlet_row

    store = open_service().store
    source = _outlet_of(store, outlet)
    (record,) = store.outlet_records(limit=1, source_id=source.id)
    found = store.letters(source_id=source.id)
    took = time_to_correct(found)
    row = outlet_row(record) | {
        "median_hours_to_correction": None if took is None else round(took.total_seconds() / 3600, 1),
        "months": [
            {"month": one.month, "mentions": one.mentions, "too_far": one.flagged}
            for one in months(store.outlet_mentions(source.id))
        ],
        "letters": [letter_row(letter, source) for letter in found],
    }
    if form == "json":
        click.echo(json.dumps(row, ensure_ascii=False, indent=2))
        return
    click.echo(f"{source.name} ({source.key}), reach {source.weight} of 5")
    click.echo(f"Letters go to {source.contact or 'nobody yet'}, in {source.language or 'the language of its text'}.")
    click.echo(f"{record.flagged} of {record.mentions} mentions go too far.")
    made = f", after {duration(took)}" if took is not None else ""
    click.echo(f"Asked for {record.asked} corrections, made {record.corrected}{made}, refused {record.refused}.")
    for one in row["months"]:
        click.echo(f"  {one['month']}: {one['too_far']} of {one['mentions']}")


@outlets.command("set")
@click.argument("outlet")
@click.option("--contact", help="Address that letters go to; empty takes it away")
@click.option("--language", type=click.Choice(["en", "ja", "es", ""]), help="Language of letters; empty: its text's")
@click.option("--weight", type=click.IntRange(1, 5), help="Reach, 1 to 5: it ranks what is mailed first")
def set_one(outlet: str, contact: str | None, language: str | None, weight: int | None) -> None:
    """Say where letters to an outlet go, in which language, and how far it reaches.

    Example: hypewatch outlets set example.org --contact corrections@example.org --language en --weight 4
    """
    from monitor.pipeline.outlets import set_outlet

    store = open_service().store
    held = set_outlet(store, _outlet_of(store, outlet).id, contact=contact, language=language, weight=weight)
    told = held.contact or "nobody yet"
    click.echo(
        f"{held.name}: letters go to {told}, in {held.language or 'the language of its text'}; reach {held.weight}."
    )


def _outlet_of(store: Store, named: str) -> Source:
    return store.outlet(int(named)) if named.isascii() and named.isdigit() else store.outlet_named(named.lower())


def _outlet(store: Store, letter: Letter) -> Source | None:
    return None if letter.source_id is None else store.outlet(letter.source_id)


def _signer(service: Service) -> Signer:
    from monitor.pipeline.letters import signer_of

    return signer_of(service.store, getpass.getuser(), service.contact)


def _print(store: Store, held: Letter, form: str, words: tuple[str, str] | None = None) -> None:
    from monitor.export.rows import letter_row

    if form == "json":
        click.echo(json.dumps(letter_row(held, _outlet(store, held)), ensure_ascii=False, indent=2))
        return
    subject, body = words or (held.subject, held.body)
    click.echo(f"Letter {held.id}, {held.state.words}. To: {held.recipient or 'not known'}", err=True)
    click.echo(f"Subject: {subject}\n\n{body}", nl=False)
