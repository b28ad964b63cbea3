"""The RuleSet: the rules, word classes and classifier in use for one study, under one digest that stands on every flag."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from monitor.core.rules.rule import Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from monitor.core.drift.classifier import Classifier
    from monitor.core.rules.rule import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """Packs in use with your changes, for one study. `digest` stands on every flag made with it."""

    rules: tuple[Rule, ...]
    classes: Mapping[str, tuple[str, ...]]
    study_digest: str = ""
    classifier: Classifier | None = None  # the second reader; without one the rules judge alone
    digest: str = ""

    def rule(self, rule_id: str) -> Rule | None:
        return next((rule for rule in self.rules if rule.id == rule_id), None)


def tried(ruleset: RuleSet) -> RuleSet:
    """The RuleSet with its drafts in use, as a back-test judges by it: a draft is there to be tried, and judges nothing else."""
    drafts = [rule.id for rule in ruleset.rules if rule.status is Status.DRAFT]
    if not drafts:
        return ruleset
    rules = tuple(replace(rule, status=Status.TRIAL) if rule.id in drafts else rule for rule in ruleset.rules)
    return replace(ruleset, rules=rules, digest=f"{ruleset.digest}+{','.join(drafts)}")


def ruleset_digest(rules: tuple[Rule, ...], classes: Mapping[str, tuple[str, ...]], study_digest: str) -> str:
    """SHA-256 over what decides: the rules' texts, the word classes, the fact sheet. Order does not count."""
    digest = hashlib.sha256(study_digest.encode())
    for rule in sorted(rules, key=lambda rule: rule.id):
        digest.update(b"\0" + rule.id.encode() + b"\0" + rule.source.encode())
    for name in sorted(classes):
        digest.update(b"\0" + name.encode() + b"\0" + "\n".join(classes[name]).encode())
    return f"sha256:{digest.hexdigest()}"
