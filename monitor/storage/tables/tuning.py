"""Versions of people's own rules and fact sheets, and back-tests of changed rules."""

from __future__ import annotations

import sqlalchemy as sa

from monitor.storage.tables.columns import Id, Moment, Words, column, id_column, key_to, metadata, to, work_columns

rulesets = sa.Table(
    "rulesets",
    metadata,
    id_column(),
    to("parent", "rulesets.id", "Version it was made from", null=True),
    column("digest", sa.Text, "Digest of the whole ruleset it makes"),
    column("files", sa.JSON, "File name to YAML text"),
    column("author", Words, "Who saved it"),
    column("at", Moment, "When"),
    column("note", Words, "What was changed and why"),
    column("step", sa.Text, "How it came to be: save, undo or redo", server_default="save"),
    column(
        "judge_old",
        sa.Boolean,
        "False: it judges what is first seen from then on, and leaves older mentions as they were judged",
        server_default=sa.true(),
    ),
    sa.UniqueConstraint("parent"),
)


fact_sheets = sa.Table(
    "fact_sheets",
    metadata,
    id_column(),
    column("study_id", sa.Text, "The study; its newest version is in use"),
    column("text", Words, "The sheet as YAML; empty: what ships, or lies in the folder, is in use again"),
    column("digest", sa.Text, "SHA-256 of the text"),
    column("author", Words, "Who saved it"),
    column("at", Moment, "When"),
    column("note", Words, "What was changed and why", server_default=""),
    sa.Index(None, "study_id", "id"),
)


backtests = sa.Table(
    "backtests",
    metadata,
    id_column(),
    column("study_id", sa.Text, "The study whose mentions are judged"),
    to("base", "rulesets.id", "Version in use when it was begun; null: none was saved yet", null=True),
    column("files", sa.JSON, "The pack as it would be saved: file name to YAML text"),
    column("since", Moment, "Only mentions published from then on; null: all", null=True),
    column("author", Words, "Who began it"),
    column("at", Moment, "When"),
    column("rules", sa.JSON, "Ids of the rules that differ, a list"),
    column("state", sa.Text, "running, done, stopped or failed"),
    column("sentence", Words, "Why it failed", server_default=""),
    column("total", sa.Integer, "Mentions that can hold what changed"),
    column("seen", sa.Integer, "Of them looked at"),
    column("judged", sa.Integer, "Of them judged"),
    column("cursor", Id, "Mention looked at last; they come newest first", null=True),
    column("gained", sa.Integer, "Flags that come"),
    column("lost", sa.Integer, "Flags that go"),
    column(
        "changed",
        sa.Integer,
        "Flags that stay, and are told otherwise: graver, milder, mailed or not",
        server_default="0",
    ),
    column("kept", sa.Integer, "Flags of these rules that stay as they are"),
    column("lost_upheld", sa.Integer, "Of those that go, called right by somebody"),
    column("reviewed", sa.JSON, "Flags of these rules that were decided about: right and all, before and after"),
    column("labelled", sa.JSON, "Labelled sentences: right, flagged and drifting, before and after; null: not yet"),
    column("seconds", sa.Float, "How long it has run"),
    *work_columns(),
    sa.Index(None, "due_at"),
    sa.Index(None, "base"),
)


backtest_changes = sa.Table(
    "backtest_changes",
    metadata,
    key_to("backtest_id", "backtests.id", "The back-test", gone="CASCADE"),
    sa.Column("number", sa.Integer, primary_key=True, comment="From 0, in the order in which they were found"),
    to("mention_id", "mentions.id", "The mention", gone="CASCADE"),
    column("gained", sa.Boolean, "True: the flag comes; false: it goes or, with a severity before, changes"),
    column("rule", sa.Text, "Rule that raises it"),
    column("drift", sa.Text, "Drift type"),
    column("severity", sa.Text, "low, medium or high"),
    column("confidence", sa.Float, "0-1"),
    column("mailed", sa.Boolean, "False: on trial, shown and never mailed", server_default=sa.true()),
    column("severity_before", sa.Text, "Of a flag that changes, how severe it was; null: it comes or goes", null=True),
    column("confidence_before", sa.Float, "Of a flag that changes", null=True),
    column("mailed_before", sa.Boolean, "Of a flag that changes", null=True),
    column("place", sa.Text, "text or title"),
    column("quote", Words, "The very words"),
    column("sentence", Words, "The sentence around them"),
    column("start", sa.Integer, "Where the words begin in the sentence"),
    column("end", sa.Integer, "Where they end"),
    column("source", Words, "Who speaks"),
    column("published", Moment, "When"),
    column("review", sa.Text, "What a person said of the flag: upheld, dismissed, not-about", null=True),
    sa.Index(None, "mention_id"),
)
