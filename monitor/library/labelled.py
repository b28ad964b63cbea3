"""Labelled sentences that ship with a study: how a change of the rules does on text that nobody here tuned it for.

`labelled/<study>.jsonl` holds sentences of whole pieces - radio, newsletters, posts, agency copy - that a writer who had seen
neither rules nor fact sheet wrote for this, each labelled by hand in its context.
"""

from __future__ import annotations

import json
from datetime import date
from functools import lru_cache
from importlib.resources import files

from monitor.core.evaluation.examples import LabelledSentence


@lru_cache(maxsize=8)
def labelled_sentences(study_id: str) -> tuple[LabelledSentence, ...]:
    """The labelled sentences on a study, in the order of the file; none if there is no such file."""
    path = files("monitor.library").joinpath("labelled", f"{study_id}.jsonl")
    if not path.is_file():
        return ()
    rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return tuple(
        LabelledSentence(
            text=row["text"], drift=bool(row["drift"]), lang=row["lang"], on=date.fromisoformat(row["date"])
        )
        for row in rows
    )
