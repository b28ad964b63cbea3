"""A study without findings: for tests of what is made of others' words."""

from datetime import date

from monitor.core.study import Study, Terms


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
