"""`hypewatch config`: the settings."""

from __future__ import annotations

import click

from monitor.cli.shared import emit, format_option


@click.group()
def config() -> None:
    """Show the settings.

    Example: hypewatch config show
    """


@config.command()
@format_option
def show(form: str) -> None:
    """Every setting, its value and what it is for; secrets are never shown.

    Example: hypewatch config show --format json
    """
    from monitor import settings

    loaded = settings.load()
    values = settings.shown(loaded)
    rows = [
        {"setting": name, "value": values[name], "means": one.description}
        for name, one in zip(settings.names(), settings.SETTINGS.values(), strict=True)
    ]
    emit(rows, form, columns=("setting", "value", "means"))
