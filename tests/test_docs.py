"""The guide holds everything there is: commands, settings, errors, routes, columns, query fields, drift types.

Pages that list what the code says (`commands`, `tables`, the settings in `operations`) are made here and compared
whole; `--update-golden` writes them anew.
"""

import re
from importlib.resources import files
from pathlib import Path

import click
import pytest

from monitor.cli import COMMANDS, hypewatch
from monitor.core import errors
from monitor.core.judgement import Drift
from monitor.core.search.fields import FIELDS
from monitor.settings import PREFIX, SECRETS, SETTINGS

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "monitor" / "docs"


def page(name: str) -> str:
    return (DOCS / f"{name}.md").read_text(encoding="utf-8")


# --- pages made from the code ----------------------------------------------------------------------------------------


def commands_page() -> str:
    lines = ["# Commands", "", "Every command also answers to `--help`. Exit codes are in [api](api)."]
    context = click.Context(hypewatch, info_name="hypewatch")
    for name in COMMANDS:
        lines += command_lines(hypewatch.get_command(context, name), f"hypewatch {name}")
    return "\n".join(lines) + "\n"


def command_lines(command: click.Command | None, path: str) -> list[str]:
    assert command is not None
    text, _, example = (command.help or "").replace("\b\n", "").partition("Example:")
    arguments = [p.make_metavar(click.Context(command)) for p in command.params if isinstance(p, click.Argument)]
    lines = ["", f"## `{' '.join([path, *arguments])}`", "", " ".join(text.split())]
    options = [p for p in command.params if isinstance(p, click.Option) and not p.hidden]
    if options:
        lines += ["", *(f"- `{' / '.join([*o.opts, *o.secondary_opts])}`: {o.help or ''}" for o in options)]
    if example:
        examples = [part.strip() for part in example.split("Example:")]
        lines += ["", *(f"    {' '.join(part.split())}" for part in examples)]
    for name, child in sorted(getattr(command, "commands", {}).items()):
        lines += command_lines(child, f"{path} {name}")
    return lines


def tables_page() -> str:
    from monitor.storage.tables import metadata

    lines = [
        "# What is stored",
        "",
        "Every table and column, for whoever queries the database directly. Moments are whole microseconds since 1970 UTC.",
    ]
    for name, table in sorted(metadata.tables.items()):
        lines += ["", f"## {name}", "", "| column | holds |", "|---|---|"]
        lines += [f"| `{column.name}` | {column.comment.replace('|', chr(92) + '|')} |" for column in table.columns]
    return "\n".join(lines) + "\n"


def settings_table() -> str:
    lines = ["| setting | meaning |", "|---|---|"]
    for name, field in SETTINGS.items():
        secret = " (secret)" if name.upper() in SECRETS else ""
        lines.append(f"| `{PREFIX}{name.upper()}` | {field.description.replace('|', chr(92) + '|')}{secret} |")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(("name", "make"), [("commands", commands_page), ("tables", tables_page)])
def test_a_page_made_from_the_code_is_up_to_date(name, make, update_golden):
    if update_golden:
        (DOCS / f"{name}.md").write_text(make(), encoding="utf-8")
    assert page(name) == make()


def test_the_settings_table_is_up_to_date(update_golden):
    before, mark, _ = page("operations").partition("<!-- settings -->\n")
    if update_golden:
        (DOCS / "operations.md").write_text(f"{before}{mark}{settings_table()}", encoding="utf-8")
    assert page("operations") == f"{before}<!-- settings -->\n{settings_table()}"


# --- nothing is left out ---------------------------------------------------------------------------------------------


def all_errors(kind: type[errors.HypewatchError] = errors.HypewatchError) -> list[type[errors.HypewatchError]]:
    return [kind, *(found for child in kind.__subclasses__() for found in all_errors(child))]


def test_every_error_has_its_line():
    ours = {kind for kind in all_errors() if kind.__module__ == "monitor.core.errors"}
    wanted = {f"| `{kind.code}` | {kind.exit_code} |" for kind in ours}
    assert {line for line in wanted if line not in page("api")} == set()


def test_every_route_is_named(tmp_path):
    from monitor.service import Service
    from monitor.settings import load
    from monitor.web.app import build_app

    service = Service(load({"HYPEWATCH_HOME": str(tmp_path)}))
    app = build_app(service)
    named = set(re.findall(r"`(/[^`?]*)", page("api")))
    found = {getattr(route, "path", "") for route in walk(app.routes)} - {""}
    service.store.close()
    assert found - named == set()
    assert len(found) >= 12


def walk(routes):
    """Every route, those of included routers too (some versions of FastAPI keep routers whole)."""
    for route in routes:
        inner = getattr(route, "original_router", None) or getattr(route, "router", None)
        if inner is not None and not getattr(route, "path", ""):
            yield from walk(inner.routes)
        else:
            yield route


def test_every_query_field_and_drift_type_is_named():
    assert {name for name in FIELDS if f"`{name}:" not in page("api")} == set()
    assert {drift.value for drift in Drift if f"`{drift.value}`" not in page("glossary")} == set()


def test_no_command_is_named_that_does_not_exist():
    context = click.Context(hypewatch, info_name="hypewatch")
    wrong = []
    for path in [*DOCS.glob("*.md"), ROOT / "README.md"]:
        if path.stem in {"design", "accuracy"}:
            continue  # they also speak of what was tried and left
        for name, sub in re.findall(
            r"(?:`|\n {4}|&& )hypewatch ([a-z-]+)(?: ([a-z-]+))?", path.read_text(encoding="utf-8")
        ):
            command = hypewatch.get_command(context, name)
            if command is None:
                wrong.append((path.name, name))
            elif (
                isinstance(command, click.Group)
                and sub
                and name not in {"mentions", "stories"}
                and sub not in command.commands
            ):
                wrong.append((path.name, f"{name} {sub}"))
    assert wrong == []


def test_links_between_pages_lead_somewhere():
    broken = []
    names = {path.stem for path in DOCS.glob("*.md")}
    for path in DOCS.glob("*.md"):
        links = re.findall(r"\]\(([^)]+)\)", path.read_text(encoding="utf-8"))
        broken += [(path.name, link) for link in links if "://" not in link and link.partition("#")[0] not in names]
    assert broken == []


def test_every_page_begins_with_its_title_and_ships():
    shipped = {item.name for item in files("monitor.docs").iterdir() if item.name.endswith(".md")}
    assert shipped == {path.name for path in DOCS.glob("*.md")}
    assert {"start.md", "operations.md", "glossary.md", "api.md", "changelog.md", "commands.md", "tables.md"} <= shipped
    assert [name for name in shipped if not page(name.removesuffix(".md")).startswith("# ")] == []


# --- the readme ------------------------------------------------------------------------------------------------------


def test_the_readme_names_the_two_commands_exactly():
    blocks = re.findall(r"```\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    commands = [
        line.partition("#")[0].rstrip() for block in blocks for line in block.splitlines() if "pip install" in line
    ]
    assert commands == ["pip install . && hypewatch demo", "pip install '.[test]' && pytest"]


def test_the_readme_shows_a_real_digest():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert text.index("Subject: ") < text.index("NEEDS YOU") < text.index("WHAT WAS READ") < text.index("pip install")
