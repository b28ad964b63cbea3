"""The `hypewatch` command. Each noun is one module, loaded only when it is called: --help answers in a quarter of a second."""

from __future__ import annotations

import importlib
import os
import sys
from typing import TYPE_CHECKING

import click

from monitor import __version__
from monitor.core.errors import HypewatchError, QueryError

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Command -> (module, what `hypewatch --help` says of it). The order is the order of a first week with Hypewatch.
COMMANDS = {
    "demo": ("demo", "The whole job on the sample newsroom, from feeds to a digest"),
    "init": ("init", "Set up: database, study, sources, your address and hour"),
    "run": ("run", "Everything in one process: workers, ticks and pages"),
    "check": ("check", "Judge a text now, offline"),
    "compare": ("compare", "Does a claim go beyond a finding?"),
    "feeds": ("feeds", "The sources that are read"),
    "posts": ("posts", "Read recorded posts of a network, offline"),
    "poll": ("poll", "Read sources now"),
    "mentions": ("mentions", "Search, show, add and import what was said"),
    "searches": ("searches", "Keep a search under a name, list them, remove one"),
    "stories": ("stories", "Which news was told by whom, and who said it first"),
    "rules": ("rules", "See and tune what is flagged"),
    "studies": ("studies", "The fact sheets that texts are compared with"),
    "digest": ("digest", "Preview and send digests; the delivery ledger"),
    "subscribers": ("subscribers", "Who gets mail"),
    "personal": ("personal", "What is stored of one person: give it out, or erase it"),
    "bounces": ("bounces", "Read mail that came back; dead addresses get no more"),
    "webhooks": ("webhooks", "Tell other programs and chats what goes too far"),
    "accuracy": ("accuracy", "How well the judge judges, on labelled texts"),
    "review": ("review", "Say whether a flag is right"),
    "reviews": ("review", "What was decided, and how often each rule was right"),
    "letters": ("letters", "Corrections that were asked for, and what came of it"),
    "outlets": ("letters", "Who publishes, with contact, reach and record"),
    "db": ("db", "Upgrade, back up, restore and move the database"),
    "users": ("users", "People who may come in"),
    "tokens": ("tokens", "Keys with which programs come in"),
    "sessions": ("sessions", "Browsers that are signed in"),
    "doctor": ("doctor", "Check that everything works, and say what to do"),
    "alive": ("alive", "Does the worker or the beat on this machine do its work?"),
    "config": ("config", "Show the settings"),
    "help": ("help", "Read the guide"),
    "serve": ("run", "The pages alone (for Redis and PostgreSQL)"),
    "worker": ("run", "A worker alone (for Redis and PostgreSQL)"),
    "beat": ("run", "The ticks alone (for Redis and PostgreSQL)"),
}


class LazyGroup(click.Group):
    """Knows every command's one line by heart and imports a command only to run it."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"monitor.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="hypewatch")
def hypewatch() -> None:
    """Hypewatch reads the coverage of a scientific study and flags words that go beyond what it found.

    \b
    Start here:   hypewatch demo
    Then:         hypewatch init
    The guide:    hypewatch help
    """  # noqa: D301 - click wants the character, not the two signs


def main(args: Sequence[str] | None = None) -> None:
    """Run a command. Exit 0: fine, 1: found or failed, 2: the request could not be read. Errors are one sentence."""
    try:
        code = hypewatch.main(args=args, prog_name="hypewatch", standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("Stopped.", err=True)
        sys.exit(130)
    except click.exceptions.NoArgsIsHelpError as error:  # a group alone, as `hypewatch feeds`: it asks what there is
        click.echo(error.format_message())
        sys.exit(0)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except QueryError as error:
        click.echo("\n".join(part for part in (str(error), error.pointed) if part), err=True)
        sys.exit(error.exit_code)
    except HypewatchError as error:
        click.echo(str(error), err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # The reader (`head`, a pager) has seen enough; Python would complain again while closing stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as error:
        if error.filename is None:
            raise
        click.echo(
            f"{error.filename} cannot be read or written: {error.strerror}. Check the path and its permissions.",
            err=True,
        )
        sys.exit(1)
    sys.exit(code if isinstance(code, int) else 0)
