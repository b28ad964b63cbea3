"""One fact sheet that cannot be used stops its own study, and says so; the others go on."""

from pathlib import Path

import pytest

from monitor.core.errors import LibraryError, NotFoundError
from monitor.library.load import Library
from monitor.library.locate import place_in_sheet
from monitor.library.sheets import OwnSheets
from tests.fakes.studies import SHEET

SHIPPED = "keio-ips-sci"


@pytest.fixture
def sheets(tmp_path: Path) -> Path:
    folder = tmp_path / "studies"
    folder.mkdir()
    (folder / "mine.yaml").write_text(SHEET, encoding="utf-8")
    return folder


#: What is in the file beside the good one, and the id that it stops.
BROKEN = {
    "no key of ours": (SHEET.replace("id: mine", "id: other").replace("findings:", "fndings:").encode(), "other"),
    "no YAML": (b'id: "other"\nname: [\n', "other"),
    "no text": (b"id: \xff\xfe\n", "broken"),
    "nothing": (b"", "broken"),
    "hides a shipped one": (f"id: {SHIPPED}\nname: [\n".encode(), SHIPPED),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_sheet_stops_its_study_only(sheets, case):
    content, study_id = BROKEN[case]
    (sheets / "broken.yaml").write_bytes(content)
    library = Library(sheets, {})
    assert [study.id for study in library.studies()] == [name for name in ("mine", SHIPPED) if name != study_id]
    (problems,) = library.broken().values()
    assert set(library.broken()) == {study_id}
    assert {problem.path for problem in problems} == {str(sheets / "broken.yaml")}
    with pytest.raises(LibraryError, match=r"broken\.yaml:"):
        library.study(study_id)
    with pytest.raises(LibraryError, match=r"broken\.yaml:"):
        library.default()
    assert library.ruleset("mine").rules
    assert place_in_sheet(sheets, "mine", "findings", "main").line == 11
    with pytest.raises(NotFoundError):
        library.study("nobody")


def test_the_study_that_was_chosen_is_meant_where_none_is_named(sheets):
    assert Library(OwnSheets(folder=sheets), {}).default().id == "mine"
    assert Library(OwnSheets(folder=sheets, meant=SHIPPED), {}).default().id == SHIPPED
    assert Library(OwnSheets(folder=sheets, meant="gone"), {}).default().id == "mine"


RULE = """\
id: ours
message: "“{match}” says more than the study found."
why: It misleads.
severity: medium
kind: phrase
drift: overstated-outcome
studies: [STUDY]
finding: flying
match:
  any: ["PHRASE"]
flags:
  - "He [flies] now."
  - "She [flies] too."
passes:
  - "He stands."
"""


def test_a_sheet_that_the_rules_cannot_read_stops_its_study_only(sheets):
    (sheets / "other.yaml").write_text(SHEET.replace("id: mine", "id: other"), encoding="utf-8")
    library = Library(sheets, {"ours.yaml": RULE.replace("STUDY", "other").replace("PHRASE", "flies")})
    assert ["'flying'" in str(problem) for problem in library.broken()["other"]] == [True]
    assert [one.id for one in library.studies()] == ["mine", SHIPPED]
    with pytest.raises(LibraryError, match="flying"):
        library.rules()


def test_rules_that_no_study_can_read_are_an_error_and_not_silence(sheets):
    everywhere = RULE.replace("studies: [STUDY]\nfinding: flying\n", "").replace("PHRASE", "<no-such-class>")
    with pytest.raises(LibraryError, match="no-such-class"):
        Library(sheets, {"ours.yaml": everywhere}).default()
