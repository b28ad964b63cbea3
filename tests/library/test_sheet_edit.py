"""A form's part of a fact sheet to YAML and back: what the form does not show stays to the letter."""

from __future__ import annotations

from importlib.resources import files

import pytest

from monitor.core.errors import LibraryError, NotFoundError
from monitor.library import sheet_edit as edit
from monitor.library.yaml_nodes import compose

KEIO = (files("monitor.library") / "studies" / "keio-ips-sci.yaml").read_text(encoding="utf-8")
SMALL = """\
# A sheet.
id: mine
name: Mine
sources:
  paper: {title: A paper}   # one line
findings:
  # the main one
  main:
    sentence: "It says: so."
    source: paper
    not:
      # the worst
      - about: scope
        says: [all of them]
        drift: number-error
        severity: high
      - {about: place, says: "into the brain", drift: number-error, severity: low}
caveats:
  small:
    finding: main
    sentence: Few took part.
    says: [few]
"""
HOSTILE = [
    "a: b # c \"d\" 'e'",
    "- x",
    "{a: [b",
    "|",
    "&a *b !c",
    "x\ty",
    "\u2028line\x07",
    "慶應「歩く」",
    "  spaces  ",
]


def tree(text):
    root, wrong = compose(text, "sheet")
    assert not wrong

    def plain(node):
        if isinstance(node.value, dict):
            return {key: plain(inner) for key, inner in node.value.items()}
        return [plain(item) for item in node.value] if isinstance(node.value, list) else node.value

    return plain(root)


def parts(text):
    held = tree(text)
    yield ()
    for section in edit.SECTIONS:
        for name, entry in held.get(section, {}).items():
            yield (section, name)
            for at in range(len(entry.get("not", [])) if section == "findings" else 0):
                yield (section, name, "not", at)


@pytest.mark.parametrize("sheet", [SMALL, KEIO])
def test_what_a_form_sends_back_unchanged_changes_nothing(sheet):
    assert [
        part for part in one_of_each(sheet) if edit.with_values(sheet, part, edit.values_of(sheet, part)) != sheet
    ] == []


def one_of_each(sheet):
    """One part of each form."""
    kinds = {edit.fields_of(part): part for part in parts(sheet)}
    return list(kinds.values())


@pytest.mark.parametrize("sheet", [SMALL, KEIO])
def test_one_value_is_changed_and_all_others_stay(sheet):
    for part in one_of_each(sheet):
        for field in edit.fields_of(part):
            value = ("one", "two: #2") if field.kind is edit.FieldKind.LINES else "A new: one."
            changed = edit.with_values(sheet, part, {field.key: value})
            expected = tree(sheet)
            inner = expected
            for key in part:
                inner = inner[key]
            inner[field.key] = list(value) if isinstance(value, tuple) else value
            assert tree(changed) == expected, (part, field.key)


def test_comments_and_the_other_lines_stay_to_the_letter():
    changed = edit.with_values(SMALL, ("findings", "main"), {"sentence": "It says more."})
    assert changed == SMALL.replace('"It says: so."', '"It says more."')
    lines = KEIO.splitlines()
    after = edit.with_values(KEIO, ("findings", "walking"), {"source": "kyodo"}).splitlines()
    assert [(old, new) for old, new in zip(lines, after, strict=True) if old != new] == [
        ("    source: nhk", "    source: kyodo")
    ]


@pytest.mark.parametrize("words", HOSTILE)
def test_any_text_comes_back_as_it_was_written(words):
    for part, key in [((), "name"), (("findings", "main"), "quote"), (("findings", "main", "not", 1), "correction")]:
        changed = edit.with_values(SMALL, part, {key: words})
        assert edit.values_of(changed, part)[key] == words.strip()
        assert edit.values_of(edit.with_values(SMALL, part, {key: ""}), part)[key] == ""


def test_an_entry_is_added_and_taken_out():
    values = {"sentence": "Two were treated.", "source": "paper", "says": ("two: of them",)}
    grown = edit.with_new(SMALL, ("findings", "second"), values)
    assert tree(grown)["findings"]["second"] == {
        "sentence": "Two were treated.",
        "source": "paper",
        "says": ["two: of them"],
    }
    assert tree(edit.without(grown, ("findings", "second"))) == tree(SMALL)
    values = {"says": ("each",), "about": "scope", "drift": "number-error", "severity": "high"}
    grown = edit.with_new(SMALL, ("findings", "main", "not", 0), values)
    assert len(tree(grown)["findings"]["main"]["not"]) == 3
    assert "# the worst" in grown
    assert tree(edit.without(grown, ("findings", "main", "not", 2))) == tree(SMALL)
    made = edit.with_new(SMALL, ("quantities", "people"), {"says": ("<n:number> people",), "allowed": ("4",)})
    assert tree(made)["quantities"]["people"]["allowed"] == ["4"]
    assert "quantities" not in tree(edit.without(made, ("quantities", "people")))


def test_a_part_that_is_not_there_is_told():
    for part in [("findings", "other"), ("findings", "main", "not", 7), ("ladders", "x"), ("findings",)]:
        with pytest.raises(NotFoundError):
            edit.values_of(SMALL, part)
    with pytest.raises(LibraryError):
        edit.values_of("a: [", ())


def test_choices_come_from_the_sheet():
    source = next(field for field in edit.FIELDS["findings"] if field.key == "source")
    assert edit.choices_of(SMALL, ("findings", "main"), source) == (("paper", "A paper"),)
    rung = next(field for field in edit.FIELDS["findings"] if field.key == "rung")
    assert ("walks-with-help", "walks with help") in edit.choices_of(KEIO, ("findings", "walking"), rung)


def test_what_changed_is_told_in_words():
    changed = edit.with_values(KEIO, ("findings", "walking"), {"source": "kyodo"})
    assert edit.changed_parts(KEIO, changed) == ("finding walking",)
    assert edit.changed_parts(SMALL, edit.with_values(SMALL, (), {"name": "Other"})) == ("name",)
    assert edit.changed_parts("", SMALL)[0] == "id"


def test_ids_of_new_entries_are_free():
    assert edit.new_id("Two of the four walk again", {}) == "two-of-the-four"
    assert edit.new_id("Two of the four", {"two-of-the-four": 1}) == "two-of-the-four-2"
    assert edit.new_id("慶應", {"entry": 1}) == "entry-2"
