"""Contrast computed from the style sheet's variables, in both schemes (WCAG 2.2, 1.4.3, 1.4.11)."""

import re
from importlib.resources import files

import pytest

from verify_api.verdicts import Tone

CSS = (files("verify_api") / "static" / "app.css").read_text("utf-8")
TEXT, PART = 4.5, 3.0
TONES = tuple(one.value for one in Tone)
PAIRS = [
    *[
        (ink, ground, TEXT)
        for ink in ("ink", "muted", "link")
        for ground in ("page", "card", "soft")
    ],
    *[(tone, f"{tone}-soft", TEXT) for tone in TONES],
    *[(tone, "card", TEXT) for tone in TONES],
    *[(ink, f"{tone}-soft", TEXT) for ink in ("ink", "muted") for tone in TONES],
    ("sample", "sample-soft", TEXT),
    ("brand-ink", "brand", TEXT),
    ("brand", "card", TEXT),
    ("brand", "soft", TEXT),
    ("brand", "page", TEXT),
    ("hero-ink", "hero-1", TEXT),
    ("hero-ink", "hero-2", TEXT),
    *[(part, ground, PART) for part in ("edge", "focus") for ground in ("page", "card", "soft")],
]


def colours(block: str) -> dict[str, str]:
    """Return the variables of a block that hold a colour."""
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))


LIGHT = colours(CSS[: CSS.index("@media")])
DARK = LIGHT | colours(CSS[CSS.index("@media") : CSS.index("*, ::before")])


def luminance(colour: str) -> float:
    """Return the relative luminance (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("front", "ground", "least"), PAIRS)
def test_contrast(scheme: dict[str, str], front: str, ground: str, least: float) -> None:
    ratio = contrast(scheme[front], scheme[ground])
    assert ratio >= least, f"{front} on {ground}: {ratio:.2f}"


def test_the_measure_itself() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


def test_the_sheet_loads_nothing_and_respects_the_reader() -> None:
    assert "url(" not in CSS
    assert "@import" not in CSS
    for query in ("prefers-reduced-motion", "prefers-color-scheme", "forced-colors", "print"):
        assert query in CSS


def test_no_heading_stands_alone_at_the_end_of_a_printed_page() -> None:
    printed = CSS[CSS.index("@media print") :]
    assert "h1, h2, h3 { break-after: avoid; }" in printed
    assert ".result > section, .facts > div { break-inside: avoid; }" in printed
