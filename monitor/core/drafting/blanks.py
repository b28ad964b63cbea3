"""What a draft leaves to be filled in. A sheet that still holds one of these values is a draft: it judges nothing."""

from __future__ import annotations

INSTITUTION = "NAME OF THE INSTITUTION"
TITLE = "TITLE OF THE PAPER OR RELEASE"
STUDIED = "WHAT WAS STUDIED"
FINDING = "WHAT THE STUDY FOUND, IN ONE SENTENCE"
#: Stands under a question in a sheet until somebody has answered it in the lines above and deleted it.
ANSWER = "YOUR ANSWER"
#: The last two stood in drafts of earlier versions.
BLANKS = frozenset(
    {INSTITUTION, TITLE, STUDIED, FINDING, ANSWER, "NAME OF THE LEAD RESEARCHER", "SAY WHAT LIMITS THE RESULT"}
)
#: The findings that rules and ladders know by name: the main result, how the study was made, where it appeared.
MAIN, DESIGN, REVIEWED, SAFETY, APPROVED, INTEREST = (
    *("main", "efficacy", "peer-review"),
    *("safety", "approval", "interest"),
)
