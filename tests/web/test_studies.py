"""Studies: read, changed part by part, refused where a sheet would not load or does not pass its own words, and brought back."""

from __future__ import annotations

import re
from html import unescape

import pytest

from monitor.core.changes import Area
from monitor.core.proposals import ProposalDraft, ProposalKind, ProposalState
from monitor.library.sheet_edit import FieldKind, fields_of, part_of, values_of, with_values
from tests.fakes.studies import SHEET

KEIO = "/studies/keio-ips-sci"
SMALL = f"""\
{SHEET}    ladder: reach
    rung: some
    not:
      - about: fact
        drift: fact-error
        severity: low
        says: [treated in Spain]
ladders:
  reach:
    - rung: some
      says: [some]
    - rung: "all"
      says: [each of them]
quantities:
  people:
    says: ["<n:number> were treated"]
    allowed: 4
    finding: main
caveats:
  small-study:
    finding: main
    sentence: Few took part.
    says: [few]
"""


def form_of(browser, read, path):
    """The fields of the page's form, as a browser would send them back."""
    html = browser(path).text
    sent = {}
    for tag in re.findall(r"<input [^>]*>", html):
        found = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if "name" in found and found.get("type") != "checkbox":
            sent[found["name"]] = unescape(found.get("value", ""))
    for name, inner in re.findall(r'<textarea[^>]* name="([\w-]+)"[^>]*>(.*?)</textarea>', html, re.DOTALL):
        sent[name] = unescape(inner)
    for name, inner in re.findall(r'<select[^>]* name="([\w-]+)"[^>]*>(.*?)</select>', html, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected>', inner)
        sent[name] = unescape(chosen[1]) if chosen else unescape(re.search(r'<option value="([^"]*)"', inner)[1])
    return sent


def sheet(service, study_id="keio-ips-sci"):
    return service.library.sheet_in_use(study_id).text


def test_the_list_leads_to_the_study_and_counts_what_is_open(browser, seeded):
    propose(seeded)
    page = browser("/studies").text
    assert "checked on 24 February 2026" in page
    assert f'href="{KEIO}"' in page
    assert "1 proposal to look at" in page
    assert browser("/studies.csv").text.startswith("\ufeffstudy,name,finding")
    assert browser("/studies/nothing").status == 404


def test_a_study_shows_each_finding_with_source_scale_and_what_goes_beyond_it(browser, read):
    html = browser(KEIO).text
    words = " ".join(read(html).words.split())
    assert "Coverage goes beyond 1 of" in words
    assert "mentions go beyond it" in words
    assert "practises walking the study is here" in words
    assert "walks with help would go too far" in words
    assert 'href="https://doi.org/10.1016/j.reth.2021.08.005"' in html
    assert "Nothing was changed on these pages" in words


@pytest.fixture
def mine(browser, seeded):
    """A small sheet, saved: what is tried on it is quick."""
    seeded.library.save_sheet("mine", SMALL, base="", author="Ada", now=seeded.clock(), note="Begun.")
    return "/studies/mine"


def test_every_form_sent_back_as_it_came_changes_nothing(browser, read, seeded):
    before = sheet(seeded)
    parts = re.findall(r"/studies/keio-ips-sci/edit\?part=([\w.-]*)", browser(KEIO).text)
    kinds = {re.sub(r"\d+", "0", ".".join(part.split(".")[::2])): part for part in parts}
    assert set(kinds) >= {"", "findings", "findings.not", "caveats", "quantities", "ladders.0"}
    for part in kinds.values():
        sent = form_of(browser, read, f"{KEIO}/edit?part={part}")
        assert edited(part_of(part), sent, before) == before, part


def edited(keys, sent, text):
    values = {
        field.key: tuple(sent[field.key].split("\n")) if field.kind is FieldKind.LINES else sent[field.key]
        for field in fields_of(keys)
    }
    return with_values(
        text, keys, {key: tuple(filter(None, v)) if isinstance(v, tuple) else v for key, v in values.items()}
    )


def test_a_change_is_in_force_at_once_kept_with_its_author_and_can_be_taken_back(browser, read, seeded, mine):
    sent = form_of(browser, read, f"{mine}/edit?part=caveats.small-study")
    sent |= {"sentence": "Few people took part.", "note": "Clearer."}
    assert browser(f"{mine}/edit", "POST", sent).headers["location"].startswith(f"{mine}?saved=yes")
    assert seeded.library.study("mine").caveats[0].sentence == "Few people took part."
    page = browser(mine).text
    assert "Clearer." in page
    assert "caveat small study" in page
    saved = seeded.store.sheet_history("mine")[0]
    shown = browser(f"{mine}/versions/{saved.id}").text
    assert "Few people took part." in shown
    assert [change.area for change in seeded.store.changes()] == [Area.STUDIES]
    sent = form_of(browser, read, f"{mine}/edit?part=caveats.small-study") | {"sentence": "Few again."}
    browser(f"{mine}/edit", "POST", sent)
    assert browser(f"{mine}/versions/{saved.id}", "POST", {}).status == 303
    assert sheet(seeded, "mine") == saved.text


def test_what_cannot_be_read_is_told_at_its_field_and_nothing_is_saved(browser, read, seeded, mine):
    for part, wrong, told in [
        ("findings.main", {"since": "soon"}, "is no date"),
        ("findings.main", {"sentence": " "}, "Is empty"),
        ("findings.main", {"rung": "flies"}, "has no rung"),
        ("findings.main", {"says": "a (b"}, "says"),
        ("findings.main", {"source": "nobody"}, "no source"),
        ("findings.main.not.0", {"drift": "miracle"}, "the rules flag words about this as"),
        ("findings.main.not.0", {"about": "weather"}, "no rule looks for"),
        ("ladders.reach.1", {"says": "(("}, "says"),
        ("quantities.people", {"allowed": "few"}, "is no number"),
        ("", {"as-of": "1 May"}, "is no date"),
    ]:
        sent = form_of(browser, read, f"{mine}/edit?part={part}") | wrong
        answer = browser(f"{mine}/edit", "POST", sent)
        assert answer.status == 400, wrong
        assert told.lower() in answer.text.lower()
        key = next(iter(wrong))
        assert f'id="e-{key}-1"' in answer.text, wrong
        assert 'aria-invalid="true"' in answer.text
    assert sheet(seeded, "mine") == SMALL


def test_a_sheet_that_does_not_pass_its_own_words_is_saved_only_if_somebody_says_so(browser, read, seeded, mine):
    sent = form_of(browser, read, f"{mine}/edit?part=findings.main") | {
        "sentence": "The miracle cure works for everybody."
    }
    refused = browser(f"{mine}/edit", "POST", sent)
    assert refused.status == 400
    assert "It does not pass its own words" in refused.text
    assert "The miracle cure works for everybody." in refused.text, "what was typed stays"
    assert sheet(seeded, "mine") == SMALL
    assert browser(f"{mine}/edit", "POST", sent | {"although": "yes"}).status == 303
    assert "miracle cure" in sheet(seeded, "mine")
    sent = form_of(browser, read, f"{mine}/edit?part=sources.paper") | {"title": "The paper"}
    assert browser(f"{mine}/edit", "POST", sent).status == 303, "what failed before stops nothing now"


def test_an_entry_is_added_and_taken_out(browser, read, seeded, mine):
    sent = form_of(browser, read, f"{mine}/add?part=findings")
    sent |= {"sentence": "It took place at one hospital.", "source": "paper"}
    assert browser(f"{mine}/edit", "POST", sent).status == 303
    assert "it-took-place-at" in seeded.library.study("mine").findings
    sent = form_of(browser, read, f"{mine}/edit?part=findings.it-took-place-at") | {"then": "remove"}
    assert browser(f"{mine}/edit", "POST", sent).status == 303
    assert "it-took-place-at" not in seeded.library.study("mine").findings
    sent = form_of(browser, read, f"{mine}/add?part=findings.main.not")
    sent |= {"says": "treated in (Paris|Rome)", "about": "fact", "drift": "fact-error", "severity": "low"}
    assert browser(f"{mine}/edit", "POST", sent).status == 303
    assert any(
        "treated in (Paris|Rome)" in entry.says for entry in seeded.library.study("mine").findings["main"].excludes
    )


def test_the_last_finding_cannot_be_taken_out(browser, read, seeded, mine):
    sent = form_of(browser, read, f"{mine}/edit?part=findings.main") | {"then": "remove"}
    answer = browser(f"{mine}/edit", "POST", sent)
    assert answer.status == 400
    assert "nothing to compare" in answer.text
    assert sheet(seeded, "mine") == SMALL


def test_who_saves_upon_something_old_is_told_and_loses_nothing(browser, read, seeded, mine):
    late = form_of(browser, read, f"{mine}/edit?part=caveats.small-study") | {"sentence": "Few, written slowly."}
    theirs = form_of(browser, read, f"{mine}/edit?part=findings.main") | {"quote": "Theirs."}
    assert browser(f"{mine}/edit", "POST", theirs).status == 303
    answer = browser(f"{mine}/edit", "POST", late)
    assert answer.status == 400
    assert "Somebody changed this fact sheet" in answer.text
    assert "Few, written slowly." in answer.text
    again = late | {"was": re.search(r'name="was" value="(\w+)"', answer.text)[1]}
    assert browser(f"{mine}/edit", "POST", again).status == 303
    assert values_of(sheet(seeded, "mine"), part_of("findings.main"))["quote"] == "Theirs."


def test_the_whole_sheet_is_edited_as_text_with_the_line_of_what_is_wrong(browser, read, seeded, mine):
    sent = form_of(browser, read, f"{mine}/text")
    assert sent["text"] == SMALL
    wrong = browser(f"{mine}/text", "POST", sent | {"text": SMALL.replace("source: paper", "source: nobody", 1)})
    assert wrong.status == 400
    line = SMALL[: SMALL.index("source: paper")].count("\n") + 1
    assert f"Line {line}" in wrong.text
    assert browser(f"{mine}/text", "POST", sent | {"text": SMALL.replace("id: mine", "id: other", 1)}).status == 400
    assert browser(f"{mine}/text", "POST", sent | {"text": ""}).status == 400
    saved = SMALL.replace("name: Mine", "name: Ours", 1)
    assert browser(f"{mine}/text", "POST", sent | {"text": saved.replace("\n", "\r\n")}).status == 303
    assert seeded.library.study("mine").name == "Ours"


HOSTILE = ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "a\x00b\u2028c", "{{7*7}}")


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_words_stay_words(browser, read, seeded, mine, hostile):
    for part, key in [("sources.paper", "title"), ("", "name"), ("findings.main", "quote")]:
        sent = form_of(browser, read, f"{mine}/edit?part={part}") | {key: hostile, "note": hostile}
        assert browser(f"{mine}/edit", "POST", sent | {"although": "yes"}).status in {303, 400}
    version = seeded.store.sheet_history("mine")[0].id
    for path in (mine, "/studies", f"{mine}/text", f"{mine}/edit?part=sources.paper", f"{mine}/versions/{version}"):
        answer = browser(path)
        assert answer.status == 200
        assert not [attrs for attrs in read(answer.text).all("img") if "onerror" in attrs]
        assert "<script>alert" not in answer.text


def test_a_field_beyond_all_measure_is_refused(browser, read, mine):
    sent = form_of(browser, read, f"{mine}/edit?part=sources.paper") | {"title": "x" * 30_000}
    assert "longer than 20,000 letters" in browser(f"{mine}/edit", "POST", sent).text


@pytest.mark.parametrize(
    "part", ["ladders.outcome", "findings.nobody", "findings", "terms", "findings.walking.not.99", "a" * 5000]
)
def test_a_part_that_has_no_form_is_no_page(browser, part):
    assert browser(f"{KEIO}/edit?part={part}").status == 404
    assert browser(f"{KEIO}/add?part={part}.x").status == 404


def propose(seeded, kind=ProposalKind.PUBLISHED):
    found = ProposalDraft(
        study_id="keio-ips-sci",
        kind=kind,
        key="doi:10.1000/1",
        sentence="A paper on the study has appeared.",
        findings=("peer-review", "walking"),
        rung="peer-reviewed",
        title="Cells in the injured cord",
        url="https://doi.org/10.1000/1",
        seen_in="PubMed",
    )
    return seeded.store.propose([found], now=seeded.clock())[0]


def test_a_proposal_that_is_accepted_is_written_in_and_leads_to_what_is_to_be_read_again(browser, seeded):
    number = propose(seeded)
    page = browser(KEIO).text
    assert "Cells in the injured cord” becomes a source." in page
    assert "the study goes from" in page
    answer = browser(f"/proposals/{number}", "POST", {"then": "accept"})
    assert answer.headers["location"] == f"{KEIO}/edit?part=findings.peer-review"
    publication = seeded.library.study("keio-ips-sci").findings["peer-review"]
    assert (publication.rung, publication.reference.title) == ("peer-reviewed", "Cells in the injured cord")
    assert seeded.store.proposals(state=ProposalState.OPEN) == ()
    assert "accepted a proposal" in seeded.store.changes()[0].did


def test_a_proposal_is_dismissed_with_a_reason_and_changes_nothing(browser, seeded):
    number = propose(seeded, ProposalKind.RETRACTED)
    before = sheet(seeded)
    assert browser(f"/proposals/{number}", "POST", {"then": "dismiss"}).status == 400
    assert browser(f"/proposals/{number}", "POST", {"then": "dance"}).status == 303
    assert len(seeded.store.proposals(state=ProposalState.OPEN)) == 1
    assert browser(f"/proposals/{number}", "POST", {"then": "dismiss", "why": "Another study."}).status == 303
    assert seeded.store.proposals()[0].why == "Another study."
    assert sheet(seeded) == before


def test_a_file_of_the_folder_becomes_a_version_and_follows(browser, read, seeded):
    folder = seeded.settings.home / "studies"
    folder.mkdir(exist_ok=True)
    path = folder / "mine.yaml"
    path.write_text(SMALL)
    sent = form_of(browser, read, "/studies/mine/edit?part=sources.paper") | {"title": "The memo"}
    assert browser("/studies/mine/edit", "POST", sent).status == 303
    history = seeded.store.sheet_history("mine")
    assert [one.author for one in history][1] == "a file of the folder"
    assert path.read_text() == history[0].text
    path.write_text(path.read_text().replace("The memo", "The note"))
    assert "The note" in sheet(seeded, "mine"), "edited by hand since: it is in use"
