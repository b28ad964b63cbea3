"""Small studies: one without findings, for tests of what is made of others' words, and a fact sheet with one."""

from datetime import date

from monitor.core.study import Study, Terms

#: The least that a fact sheet holds.
SHEET = """\
id: mine
name: Mine
institution: Us
as-of: '2026-01-01'
reference: paper
sources:
  paper: {title: A paper}
terms: {must: {who: [Us]}}
findings:
  main:
    sentence: It worked a little.
    source: paper
"""


def bare_study(study_id: str, name: str, reference=None) -> Study:
    return Study(
        id=study_id,
        name=name,
        as_of=date(2026, 2, 24),
        institution="Keio University",
        reference=reference,
        terms=Terms(must={}, about_if=()),
        people=(),
        findings={},
        ladders={},
        quantities=(),
        caveats=(),
        confusable=(),
    )
