"""What a paper's record, or a changed registry page, gives reason to propose; and what it does not: a press officer hears
of one paper in fifty.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from monitor.core.papers import Notice, Paper, doi_of, notice_kind, parse_words, words_for
from monitor.core.proposals import ProposalDraft, ProposalKind, page_lines, propose, registry_change
from monitor.library.load import Library

LIBRARY = Library(Path("/nonexistent"), {})
STUDY = LIBRARY.study("keio-ips-sci")
CLASSES = LIBRARY.ruleset("keio-ips-sci").classes
PROTOCOL = "10.1016/j.reth.2021.08.005"
TEAM = ("Keiko Sugai", "Masaya Nakamura", "Hideyuki Okano")
KEIO = ("Department of Physiology, Keio University School of Medicine, Tokyo, Japan",)

RESULTS = Paper(
    service="Europe PMC",
    doi="10.5555/results.2026.1",
    pmid="40000001",
    title="Transplantation of iPSC-derived neural progenitor cells in subacute complete spinal cord injury: one-year outcomes of four patients.",
    summary="We report safety and motor scores of four patients after transplantation of cells made from donor iPS cells.",
    people=TEAM,
    affiliations=KEIO,
    journal="Journal of Spinal Trials",
    published="2026-06-02",
    types=("journal article",),
)
FOUND = ProposalDraft(
    study_id="keio-ips-sci",
    kind=ProposalKind.PUBLISHED,
    key="doi:10.5555/results.2026.1",
    sentence=(
        "A paper about this study may have appeared: “Transplantation of iPSC-derived neural progenitor cells in subacute "
        "complete spinal cord injury: one-year outcomes of four patients”, Journal of Spinal Trials, 2026-06-02, "
        "doi:10.5555/results.2026.1. If it is the study's, the finding “peer-review” no longer holds."
    ),
    findings=("peer-review",),
    rung="peer-reviewed",
    title=RESULTS.title,
    url="https://doi.org/10.5555/results.2026.1",
    seen_in="Europe PMC",
)


def test_the_results_paper_is_proposed():
    assert propose(RESULTS, STUDY, CLASSES) == FOUND


@pytest.mark.parametrize(
    "changes",
    [
        {"summary": "", "affiliations": (), "people": ("Sugai K", "Nakamura M", "Okano H"), "types": ("journal article", "clinical trial, phase i"), "searched": True, "title": "Cell transplantation in subacute spinal cord injury"},  # as PubMed tells it
        {"summary": "", "affiliations": (), "title": "First-in-human transplantation of iPSC-derived cells for spinal cord injury"},  # Crossref
        {"people": ("A. Stranger",), "summary": "The trial (UMIN000035074) treated four patients at Keio University."},  # by its number
        {"published": "2026"},
        {"people": ("A. Stranger",), "summary": "Four patients.", "trials": ("umin000035074",)},
        {"published": ""},
        {"people": ("Okano, Hideyuki",)},
        {"title": "Human iPS cells in spinal cord injury: from mice to four patients"},
    ],
)  # fmt: skip
def test_however_an_index_tells_it(changes):
    found = propose(replace(RESULTS, **changes), STUDY, CLASSES)
    assert (found and found.kind, found and found.rung) == (ProposalKind.PUBLISHED, "peer-reviewed")


NOISE = {
    "the protocol, which the sheet knows": replace(RESULTS, doi=PROTOCOL, published="2021-09-01"),
    "a protocol it does not know": replace(RESULTS, title="iPSC-derived cells in chronic spinal cord injury patients: study protocol for a clinical trial"),
    "animals, same team": replace(RESULTS, title="iPSC-derived neural progenitor cells restore gait in mice with spinal cord injury", summary="Transplanted mice walked better than controls; a clinical trial in patients is under way."),
    "animals in the summary only": replace(RESULTS, title="Gamma-secretase inhibition of iPSC-derived progenitors for spinal cord injury", summary="Marmosets were treated in vitro and in vivo."),
    "Nature's news story": replace(RESULTS, doi="10.1038/d41586-026-00999-1", title="Paralysed man stands again after receiving stem cells: Keio's iPS trial of four patients", people=("Smriti Writer",), affiliations=(), journal="Nature"),
    "a news story by its type": replace(RESULTS, types=("news", "journal article")),
    "a review by its type": replace(RESULTS, types=("review",)),
    "a review by its title": replace(RESULTS, types=("journal-article",), title="iPS cell transplantation for patients with spinal cord injury: current status and challenges"),
    "another review": replace(RESULTS, types=("journal-article",), title="Recent advances in iPSC therapy for spinal cord injury patients"),
    "another group's trial": replace(RESULTS, people=("Li Wei", "Zhang Min"), affiliations=("XellSmart, Suzhou, China",), title="XS228, an iPSC-derived therapy, in patients with spinal cord injury: phase I results"),
    "strangers on the same subject": replace(RESULTS, people=("Ada Stranger",), affiliations=("University of Elsewhere",)),
    "a namesake elsewhere": replace(RESULTS, people=("Kenji Nakamura",), affiliations=("Osaka University",)),
    "the team on another illness": replace(RESULTS, title="iPSC-derived cells in patients with stroke", summary="Keio University treated stroke patients."),
    "Stemirac": replace(RESULTS, title="Stemirac: bone marrow mesenchymal stem cells for spinal cord injury patients, Sapporo", people=("Okano H",), affiliations=()),
    "before the study was announced": replace(RESULTS, published="2025-03-20"),
    "before, told by its month": replace(RESULTS, published="2025-02"),
    "an editorial": replace(RESULTS, types=("editorial",)),
    "without name or number": replace(RESULTS, doi=None, pmid=None),
    "without a title": replace(RESULTS, title=""),
    "a notice on something else": replace(RESULTS, types=("journal-article", "erratum"), notices=(Notice(kind="correction", doi="10.5555/other"),)),
}  # fmt: skip


@pytest.mark.parametrize("what", NOISE)
def test_what_is_no_news_is_not_proposed(what):
    assert propose(NOISE[what], STUDY, CLASSES) is None


def test_a_preprint_moves_one_rung_and_says_so():
    found = propose(replace(RESULTS, preprint=True, types=("posted-content",), journal="medRxiv"), STUDY, CLASSES)
    assert found is not None
    assert (found.kind, found.rung, found.findings) == (ProposalKind.PREPRINT, "preprint", ("peer-review",))
    assert found.sentence.startswith("A preprint about this study may have appeared: “Transplantation of iPSC")


def test_what_the_fact_sheet_says_already_is_not_proposed():
    finding = replace(STUDY.findings["peer-review"], rung="peer-reviewed")
    told = replace(STUDY, findings={**STUDY.findings, "peer-review": finding})
    assert propose(RESULTS, told, CLASSES) is None
    assert propose(replace(RESULTS, preprint=True), told, CLASSES) is None


def test_a_study_without_that_ladder_is_told_without_a_finding():
    bare = replace(STUDY, findings={key: f for key, f in STUDY.findings.items() if f.ladder != "publication"})
    found = propose(RESULTS, bare, CLASSES)
    assert found is not None
    assert (found.findings, found.rung) == ((), None)
    assert found.sentence.endswith("doi:10.5555/results.2026.1.")


@pytest.mark.parametrize(
    ("paper", "kind", "said"),
    [
        (replace(RESULTS, doi=PROTOCOL, published="2021-09-01", notices=(Notice(kind="retraction"),)), ProposalKind.RETRACTED, "was retracted"),
        (replace(RESULTS, doi=PROTOCOL, notices=(Notice(kind="correction"),)), ProposalKind.CORRECTED, "was corrected"),
        (replace(RESULTS, doi=PROTOCOL, notices=(Notice(kind="concern"),)), ProposalKind.CONCERN, "got an expression of concern"),
        (replace(RESULTS, doi=PROTOCOL, notices=(Notice(kind="correction"), Notice(kind="retraction"))), ProposalKind.RETRACTED, "was retracted"),
        (Paper(service="Crossref", doi="10.5555/notice", pmid=None, title="Retraction notice", types=("journal-article", "retraction"), notices=(Notice(kind="retraction", doi=PROTOCOL),)), ProposalKind.RETRACTED, "was retracted"),
    ],
)  # fmt: skip
def test_a_notice_on_a_paper_the_sheet_knows_is_proposed_under_that_papers_name(paper, kind, said):
    found = propose(paper, STUDY, CLASSES)
    resting = [f.id for f in STUDY.findings.values() if PROTOCOL in (f.reference.url or "")]
    assert resting, "the sheet rests some findings on its protocol"
    assert found is not None
    assert (found.kind, found.key, found.findings, found.url) == (kind, f"doi:{PROTOCOL}", tuple(resting), f"https://doi.org/{PROTOCOL}")  # fmt: skip
    assert found.sentence == (
        f"A paper that the fact sheet knows {said}: Sugai et al., Regenerative Therapy 2021;18:321-333 (study protocol, "
        f"peer-reviewed). Findings that rest on it: {', '.join(resting)}."
    )


def test_a_results_paper_that_is_retracted_already_is_told_as_that():
    found = propose(replace(RESULTS, notices=(Notice(kind="retraction"),)), STUDY, CLASSES)
    assert found is not None
    assert (found.kind, found.key, found.findings) == (ProposalKind.RETRACTED, FOUND.key, ())


def test_an_animal_study_is_watched_by_its_own_words():
    """The fact sheet of a study in mice names mice: papers on mice are then no noise."""
    mice = replace(
        STUDY, digest="mice", terms=replace(STUDY.terms, must={**STUDY.terms.must, "animals": ("mice|mouse",)})
    )
    assert propose(NOISE["animals, same team"], mice, CLASSES) is not None


def test_the_fact_sheet_can_ask_for_more_or_less():
    watch = replace(STUDY.watch, needs=("marmoset*",))
    assert propose(RESULTS, replace(STUDY, watch=watch), CLASSES) is None
    watch = replace(STUDY.watch, unless=("one-year outcomes",))
    assert propose(RESULTS, replace(STUDY, watch=watch), CLASSES) is None
    watch = replace(STUDY.watch, since=date(2026, 7, 1))
    assert propose(RESULTS, replace(STUDY, watch=watch), CLASSES) is None


@pytest.mark.parametrize(
    ("people", "affiliations", "ours"),
    [
        (("Byron A",), (), True),
        (("Byron, Ada",), (), True),
        (("Ada K. Byron",), (), True),
        (("Byron AK",), (), True),
        (("Byron C",), (), False),
        (("Charles Byron",), ("Analytical College",), False),
        (("Sofie De Winter",), (), True),
        (("Łukasz Müller",), (), True),
        (("Byron A",), ("Some other place",), False),
        (("Byron A", "De Winter S"), ("Some other place",), True),
        (("Byron A",), ("Analytical College, London",), True),
    ],
)
def test_people_are_known_however_they_are_written(people, affiliations, ours):
    other = replace(STUDY, institution="Analytical College", people=("Ada Byron", "De Winter", "Müller", "岡野"))
    paper = replace(RESULTS, people=people, affiliations=affiliations, summary="iPS cells in patients in Japan.")
    assert (propose(paper, other, CLASSES) is not None) is ours


def test_a_sheet_that_names_only_an_institution_wants_it_among_the_affiliations():
    other = replace(STUDY, people=("Keio",))
    assert propose(RESULTS, other, CLASSES) is not None
    assert propose(replace(RESULTS, affiliations=()), other, CLASSES) is None


# --- names and words -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "doi"),
    [
        ("https://doi.org/10.1016/J.Reth.2021.08.005", "10.1016/j.reth.2021.08.005"),
        ("doi: 10.1000/abc.", "10.1000/abc"),
        ("https://doi.org/10.1016%2Fj.reth.2021.08.005", "10.1016/j.reth.2021.08.005"),
        ("10.1/x", None),
        ("", None),
        (None, None),
    ],
)
def test_dois(text, doi):
    assert doi_of(text) == doi


@pytest.mark.parametrize(
    ("words", "kind"),
    [("Retraction in", "retraction"), ("withdrawal", "retraction"), ("partial_retraction", "retraction"), ("Erratum in", "correction"), ("corrigendum", "correction"), ("expression_of_concern", "concern"), ("Comment in", None), ("new_version", None), ("", None)],
)  # fmt: skip
def test_notices(words, kind):
    assert notice_kind(words) == kind


def test_a_query_is_groups_of_words():
    assert parse_words('(iPS OR iPSC) "spinal cord" Keio') == (("iPS", "iPSC"), ("spinal cord",), ("Keio",))
    assert parse_words("") == ()
    for wrong in ("iPS OR iPSC", "(iPS", "a) b", "(a OR ) b", '"open'):
        with pytest.raises(ValueError, match="must"):
            parse_words(wrong)


def test_an_index_is_asked_in_latin_letters():
    plain = replace(STUDY, watch=replace(STUDY.watch, query=""))
    assert words_for(plain) == (("Keio",), ("iPS", "iPSC"), ("spinal",))
    unreadable = replace(plain, searches=("a OR b", "日本"))
    assert words_for(unreadable) == (("Keio",), ("University",), ("iPS-cell",), ("spinal",), ("cord",), ("injury",), ("study",))  # fmt: skip


# --- the registry ----------------------------------------------------------------------------------------------------

PAGE = "Unique ID UMIN000035074\nTarget sample size 4\nRecruitment status Enrolling by invitation\nLast modified on 2024/12/06"


def test_lines_that_change_at_each_visit_are_left_out():
    noisy = f"{PAGE}\nAccess count: 10,422\nDate of access 2026/03/01\n閲覧数 12\n09:15:02 JST\n   \nBanner of the day"
    assert page_lines(noisy, ["banner"]) == PAGE
    assert page_lines("Counterbalanced sessions\n2026/03/01") == "Counterbalanced sessions\n2026/03/01"


def test_a_changed_page_is_proposed_with_the_lines_that_changed():
    after = PAGE.replace("size 4", "size 8").replace("2024/12/06", "2026/03/01")
    found = registry_change(STUDY, PAGE, after, STUDY.watch.registry)
    assert found is not None
    assert (found.kind, found.sentence, found.seen_in) == (
        ProposalKind.REGISTRY,
        "The registry's entry changed (4 lines), such as: “Target sample size 8”.",
        "the registry's page",
    )
    assert found.detail.split("\n") == [
        "- Target sample size 4",
        "+ Target sample size 8",
        "- Last modified on 2024/12/06",
        "+ Last modified on 2026/03/01",
    ]
    assert found.findings == ("design", "population", "timing"), "findings that rest on the registry"
    assert found.key == registry_change(STUDY, PAGE, after, STUDY.watch.registry).key
    assert found.key != registry_change(STUDY, after, PAGE, STUDY.watch.registry).key


def test_a_page_that_lost_lines_is_told_by_what_went():
    found = registry_change(STUDY, PAGE, PAGE.replace("\nLast modified on 2024/12/06", ""), "https://r.example/")
    assert found is not None
    assert found.sentence == "The registry's entry changed (1 line), such as: “Last modified on 2024/12/06”."


def test_the_first_visit_and_an_unchanged_page_propose_nothing():
    assert registry_change(STUDY, None, PAGE, "") is None
    assert registry_change(STUDY, PAGE, PAGE, "") is None
