"""`studies proposals` and the watches: what is listed, what a decision says, what cannot be watched."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from importlib.resources import files

import pytest

from monitor.core.proposals import ProposalDraft, ProposalKind
from monitor.service import Service
from monitor.settings import load

PAPER = ProposalDraft(
    study_id="keio-ips-sci",
    kind=ProposalKind.PUBLISHED,
    key="doi:10.5555/one",
    sentence="A paper about this study may have appeared: “One”, doi:10.5555/one.",
    findings=("peer-review",),
    rung="peer-reviewed",
    title='One "paper"',
    url="https://doi.org/10.5555/one",
    seen_in="PubMed",
)


@pytest.fixture
def proposed(cli):
    """One paper and one change in the registry."""
    service = Service(load())
    change = ProposalDraft(
        study_id="keio-ips-sci",
        kind=ProposalKind.REGISTRY,
        key="registry:1",
        sentence="The registry's entry changed (1 line), such as: “Completed”.",
        findings=("gone-finding",),
        rung=None,
        title="Registry entry",
        url="https://r.example/",
        seen_in="the registry's page",
        detail="+ Completed",
    )
    service.store.propose([PAPER, change], now=datetime(2026, 6, 24, tzinfo=UTC))
    service.store.close()
    return cli


def line_of(text: str, words: str, after: str = "") -> int:
    return text[: text.index(words, text.index(after))].count("\n") + 1


def test_what_is_open_is_listed(proposed):
    rows = json.loads(proposed.ok("studies", "proposals", "--format", "json"))
    assert [(row["id"], row["kind"], row["seen"], row["state"]) for row in rows] == [
        (2, "registry", ["the registry's page"], "open"),
        (1, "published", ["PubMed"], "open"),
    ]
    assert "A paper about this study" in proposed.ok("studies", "proposals", "keio-ips-sci")
    assert "There is no study 'nope'" in proposed("studies", "proposals", "nope").told


def test_accepting_tells_which_lines_to_change_and_changes_nothing(proposed):
    sheet = files("monitor.library").joinpath("studies/keio-ips-sci.yaml").read_text(encoding="utf-8")
    told = proposed.ok("studies", "proposals", "accept", "1", "--why", "ours", "--by", "ada").splitlines()
    own = proposed.home / "studies" / "keio-ips-sci.yaml"
    finding = "  peer-review:\n"
    assert told[0] == f"Proposal 1 is accepted: {PAPER.sentence}"
    assert told[2].startswith("This fact sheet ships with Hypewatch (studies/keio-ips-sci.yaml). Copy it to ")
    assert told[3:7] == [
        f"{own}, line {line_of(sheet, 'registry:', 'sources:')}, under `sources:` add",
        "  paper:",
        "    title: \"One 'paper'\"",
        "    url: https://doi.org/10.5555/one",
    ]
    assert f"{own}, line {line_of(sheet, 'rung: announced', finding)}: `rung: announced` becomes `rung: peer-reviewed`" in told  # fmt: skip
    assert f"{own}, line {line_of(sheet, 'source:', finding)}: `source:` becomes `source: paper`" in told
    assert any("no peer-reviewed paper on them was found" in line for line in told)
    assert not own.exists()
    rows = json.loads(proposed.ok("studies", "proposals", "list", "--all", "--format", "json"))
    assert [(row["id"], row["state"], row["by"], row["why"]) for row in rows] == [(2, "open", "", ""), (1, "accepted", "ada", "ours")]  # fmt: skip


def test_a_sheet_of_ones_own_is_named_and_the_edits_load(proposed):
    """Doing what it says makes a fact sheet that is all right."""
    sheet = files("monitor.library").joinpath("studies/keio-ips-sci.yaml").read_text(encoding="utf-8")
    own = proposed.home / "studies" / "keio.yaml"
    own.parent.mkdir()
    own.write_text(sheet, encoding="utf-8")
    told = proposed.ok("studies", "proposals", "accept", "1").splitlines()
    assert not any("ships with" in line for line in told)
    lines = sheet.split("\n")
    for line in told:
        place, _, change = line.partition(": ")
        if " becomes " in change and "as-of" not in change:
            number = int(place.rpartition(" ")[2]) - 1
            new = change.rpartition("becomes ")[2].strip("`")
            key = new.partition(":")[0]
            assert lines[number].strip().startswith(f"{key}:"), line
            lines[number] = f"    {new}"
    at = next(int(line.split(", line ")[1].partition(",")[0]) for line in told if "under `sources:` add" in line) - 1
    start = told.index("  paper:")
    own.write_text("\n".join([*lines[:at], *told[start : start + 3], *lines[at:]]), encoding="utf-8")
    assert proposed.ok("studies", "check", own) == "keio-ips-sci: all right.\n"
    shown = proposed.ok("studies", "show", "keio-ips-sci", "--format", "json")
    assert {row["finding"]: row["source"] for row in json.loads(shown)}["peer-review"] == "One 'paper'"


def test_a_change_of_the_registry_is_shown_when_it_is_accepted(proposed):
    told = proposed.ok("studies", "proposals", "accept", "2").splitlines()
    assert "+ Completed" in told
    assert not any("under `sources:`" in line or "gone-finding" in line for line in told)


def test_dismissing_wants_a_reason(proposed):
    assert "--why" in proposed("studies", "proposals", "dismiss", "1").told
    assert proposed.ok("studies", "proposals", "dismiss", "1", "--why", "no") == "Proposal 1 is dismissed, and will not be proposed again.\n"  # fmt: skip
    assert "There is no proposal 9" in proposed("studies", "proposals", "dismiss", "9", "--why", "x").told


def test_nothing_proposed_says_what_to_do(cli):
    assert "Nothing is proposed." in cli.ok("studies", "proposals")


# --- watching --------------------------------------------------------------------------------------------------------


def test_a_study_is_watched_as_it_is_named(cli):
    for network in ("pubmed", "europepmc", "crossref", "openalex", "registry"):
        cli.ok("feeds", "add", "keio-ips-sci", "--network", network)
    rows = json.loads(cli.ok("feeds", "list", "--format", "json"))
    assert [(row["kind"], row["url"], row["title"]) for row in rows] == [
        ("pubmed-watch", "keio-ips-sci", "PubMed on keio-ips-sci"),
        ("europepmc-watch", "keio-ips-sci", "Europe PMC on keio-ips-sci"),
        ("crossref-watch", "keio-ips-sci", "Crossref on keio-ips-sci"),
        ("openalex-watch", "keio-ips-sci", "OpenAlex on keio-ips-sci"),
        ("registry-watch", "keio-ips-sci", "Registry page on keio-ips-sci"),
    ]
    assert "There is no study 'iPS'" in cli("feeds", "add", "iPS", "--network", "pubmed").told
    assert "xmlUrl" not in cli.ok("feeds", "export"), "a watch is no feed for other readers"


def test_init_watches_if_asked(bare):
    told = bare.ok("init", "--no-input", "--study", "keio-ips-sci", "--watch")
    assert [line.partition(": ")[2].partition(" on ")[0] for line in told.splitlines() if line.startswith("Source ")] == ["PubMed", "Europe PMC", "Crossref", "Registry page"]  # fmt: skip
    assert "Source" not in bare.ok("init", "--no-input", "--study", "keio-ips-sci")


def test_a_sheet_without_a_registry_cannot_be_watched_there(cli):
    cli.ok("studies", "new", "ours")
    sheet = files("monitor.library").joinpath("studies/keio-ips-sci.yaml").read_text(encoding="utf-8")
    before, _, rest = sheet.partition("\nwatch:\n")
    text = before.replace("id: keio-ips-sci", "id: ours") + rest[rest.index("\nsources:") :]
    (cli.home / "studies" / "ours.yaml").write_text(text, encoding="utf-8")
    assert "names no registry's page" in cli("feeds", "add", "ours", "--network", "registry").told


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("  dois: [nothing]", "'nothing' is no DOI"),
        ("  registry: trial", "`registry` must begin with https:// or http://"),
        ("  query: iPS OR spinal", "must hold OR inside brackets"),
        ("  since: yesterday", "`since: yesterday` is no date"),
        ("  unless: ['(a']", "“(a”"),
        ("  interval: daily", "`interval` is no key of a watch section"),
    ],
)
def test_a_watch_section_is_checked_with_its_place(cli, tmp_path, line, said):
    sheet = files("monitor.library").joinpath("studies/keio-ips-sci.yaml").read_text(encoding="utf-8")
    before, _, rest = sheet.partition("\nwatch:\n")
    path = tmp_path / "wrong.yaml"
    path.write_text(f"{before}\nwatch:\n{line}{rest[rest.index(chr(10) + 'sources:') :]}", encoding="utf-8")
    told = cli("studies", "check", path).told
    number = f"{before}\nwatch:\n".count("\n") + 1
    assert said in told
    assert f"{path}:{number}:" in told
