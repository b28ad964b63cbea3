"""Who changed a rule last, and when: by its own file, or by its entry in `_changes.yaml`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.library.load import CHANGES_FILE, CLASSES_FILE
from monitor.library.yaml_text import top_level

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from monitor.core.mention import RuleSetVersion


def changed_rules(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[str, ...]:
    """Ids of the rules that two versions of your files hold differently, in the order of the alphabet."""
    old, new = _parts(before), _parts(after)
    return tuple(sorted(rule for rule in {*old, *new} if old.get(rule) != new.get(rule)))


def last_changes(versions: Iterable[RuleSetVersion]) -> Mapping[str, RuleSetVersion]:
    """By the ids of rules the version that changed each last, also by taking it away; `versions` come newest first, as
    `Store.rules_history` gives them. Rules that nobody changed are left out.
    """
    found: dict[str, RuleSetVersion] = {}
    before: Mapping[str, str] = {}
    for version in reversed(list(versions)):
        now = _parts(version.files)
        found.update(dict.fromkeys((rule for rule in {*before, *now} if before.get(rule) != now.get(rule)), version))
        before = now
    return found


def _parts(files: Mapping[str, str]) -> Mapping[str, str]:
    """What is written about each rule."""
    own = {name.removesuffix(".yaml"): text for name, text in files.items() if name not in {CHANGES_FILE, CLASSES_FILE}}
    changed = {rule: text for rule, text in top_level(files.get(CHANGES_FILE, "")) if rule}
    return changed | own
