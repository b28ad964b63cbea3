"""Barriers that a machine finds on a page: axe-core's rules (WCAG 2.2 AA and good practice), in both schemes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import axe_playwright_python

if TYPE_CHECKING:
    from playwright.sync_api import Page

_AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
#: Everything, and what can differ between two schemes. What passes is not brought over: of a long page that is megabytes.
_WHOLE = "{resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice']}"
_COLOURS = "{resultTypes: ['violations'], runOnly: {type: 'rule', values: ['color-contrast', 'link-in-text-block']}}"


def barriers(page: Page) -> list[str]:
    """What is found, a line each with the scheme it is found in; the page is left in the dark one."""
    found = []
    page.emulate_media(color_scheme="light")
    page.evaluate(f"window.axe || (() => {{ {_AXE} }})()")
    for scheme, asked in (("light", _WHOLE), ("dark", _COLOURS)):
        page.emulate_media(color_scheme=scheme)
        violations = page.evaluate(f"axe.run(document, {asked}).then((all) => all.violations)")
        found += [
            f"{scheme}: {one['id']}: {one['help']}: {node['html'][:150]}"
            for one in violations
            for node in one["nodes"][:3]
        ]
    return found
