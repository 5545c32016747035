"""Accessibility of pages in a browser, judged by axe-core (npm)."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

_AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def findings(page: Page) -> list[str]:
    """Return what axe finds on a page, one line each; skip where it is not installed.

    The script comes by the debugger, past the page's CSP, which takes none from elsewhere.
    """
    if not _AXE.is_file():
        pytest.skip("axe-core is not installed: make npm")
    page.evaluate(_AXE.read_text("utf-8"))
    found = page.evaluate(
        "(tags) => axe.run(document, {runOnly: tags, resultTypes: ['violations']})", _RULES
    )
    return [
        f"{one['id']}: {one['help']}: {node['html'][:160]}: {node['failureSummary'][:200]}"
        for one in found["violations"]
        for node in one["nodes"]
    ]
