"""Your desk: the folder of rule files in the home, and what of it is in use. Commands start from here."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.home_files import follow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from monitor.core.rules.rule import Rule
    from monitor.library.load import Library
    from monitor.service import Service


def rules_folder(service: Service) -> Path:
    """Where your rule files lie. What is saved is what is in the database; the folder is your desk."""
    return service.settings.home / "rules"


def read_folder(folder: Path) -> dict[str, str]:
    """The YAML files of the folder by name; raises LibraryError if one cannot be read."""
    from monitor.library.load import read_folder as read_paths

    return {Path(path).name: text for path, text in read_paths(folder).items()}


def load_with(service: Service, files: Mapping[str, str]) -> Library:
    """The Library as it would be with these files as your pack."""
    return service.rules_with(files)


def saved_files(service: Service) -> dict[str, str]:
    """The files of the newest saved version."""
    history = service.store.rules_history(limit=1)
    return dict(history[0].files) if history else {}


def rule_of(library: Library, rule_id: str) -> Rule:
    """The rule of this id; raises NotFoundError with what was probably meant."""
    from monitor.core.errors import NotFoundError
    from monitor.library.yaml_nodes import suggest

    found = {rule.id: rule for rule in library.rules()}
    if rule_id not in found:
        raise NotFoundError(f"There is no rule {rule_id!r};", suggest(rule_id, found) + ".")
    return found[rule_id]


def bring(service: Service) -> list[str]:
    """Write the rules in use into the folder where they are missing; returns what to tell of it."""
    folder, files = rules_folder(service), saved_files(service)
    missing = [name for name in sorted(files) if not os.path.lexists(folder / name)]
    edited = follow(folder, {}, files) if files else []
    told = [f"Written to {folder}: {', '.join(missing)}."] if missing else ["The folder holds every rule in use."]
    return told + [f"{path} differs from what is in use; it is left as it is." for path in edited]
