"""Words and colours of the pages: every key used and known, every closed set in words."""

import re
from importlib.resources import files

import pytest

from core.permits import Role
from issuing_api.pages.labels import PAGE
from issuing_api.pages.record_labels import CERTIFICATE_LABELS, EVENT_LABELS, FIELD_LABELS
from issuing_api.pages.rendering import environment
from registry.ledger.certificates import Standing
from registry.licences.licences import LicenceChange
from registry.licences.reason_words import REASON_NAMES
from registry.model import Reason
from registry.officers.model import DeskRequestState
from registry.officers.words import REQUEST_STATES, ROLES
from tests.verify_api.test_style import TEXT, colours, contrast

PAGES = files("issuing_api.pages")
TEMPLATES = {
    one.name: one.read_text("utf-8")
    for one in (PAGES / "templates").iterdir()
    if one.name.endswith(".html")
}
CSS = (PAGES / "static" / "desk.css").read_text("utf-8")
VERIFIER = (files("verify_api") / "static" / "app.css").read_text("utf-8")
BEGINNINGS = {
    "change_",
    "kind_",
    "changed_",
    "sample_",
    "correction_",
    "source_",
    "batch_",
    "row_state_",
    "row_kind_",
    "hidden_",
    "event_",
    "seal_status_",
    "counted_",
    "doc_f_",
    "doc_occurrence_",
    "doc_show_",
    "doc_way_",
    "cs_f_",
    "cs_list_",
    "cs_step_",
    "rd_order_",
}
"""Of keys that templates put together from a closed set."""
LABELS = "labels.py", "find_labels.py", "work_labels.py"
_KEY = re.compile(r"""\bt\(\s*["']([a-z_]+)["']""")


def test_templates_name_the_words_that_there_are() -> None:
    source = "".join(TEMPLATES.values())
    named = set(_KEY.findall(source))
    assert named - BEGINNINGS <= set(PAGE)
    loose = source + "".join(
        one.read_text("utf-8")
        for one in PAGES.iterdir()
        if one.name.endswith(".py") and one.name not in LABELS
    )
    changes = {f"change_{one}{end}" for one in LicenceChange for end in ("", "_lead", "_button")}
    unused = [
        key
        for key in PAGE
        if key not in changes
        and not key.startswith(tuple(BEGINNINGS))
        and f'"{key}"' not in loose
        and f"'{key}'" not in loose
    ]
    assert unused == []


def test_every_template_compiles_and_has_nothing_inline() -> None:
    for name, source in TEMPLATES.items():
        environment().get_template(name)
        assert not re.search(
            r"<script(?! src=\"\{\{ asset\()|<style|\sstyle=|\son[a-z]+=|\|\s*safe", source
        ), name


def test_both_languages_take_the_same_values() -> None:
    for key, words in PAGE.items():
        assert set(re.findall(r"{\w+}", words.zh)) == set(re.findall(r"{\w+}", words.en)), key


def test_every_closed_set_has_words() -> None:
    assert set(REQUEST_STATES) == set(DeskRequestState)
    assert set(ROLES) == set(Role)
    assert set(REASON_NAMES) == set(Reason)
    assert set(CERTIFICATE_LABELS) == {*Standing, None}
    assert EVENT_LABELS
    assert FIELD_LABELS


@pytest.mark.parametrize("begin", [":root {", "@media (prefers-color-scheme: dark)"])
def test_colours_are_the_verifiers(begin: str) -> None:
    ours, theirs = (colours(css[css.index(begin) :].partition("}")[0]) for css in (CSS, VERIFIER))
    assert ours == theirs


def test_words_on_colours_can_be_read() -> None:
    light = colours(CSS[: CSS.index("@media")])
    dark = light | colours(CSS[CSS.index("@media") : CSS.index("*, ::before")])
    pairs = [("bad", "card"), ("bad", "bad-soft"), ("ink", "bad-soft"), ("ink", "good-soft")]
    pairs += [("link", "card"), ("muted", "card"), ("brand", "soft"), ("muted", "page")]
    for scheme in (light, dark):
        for front, ground in pairs:
            assert contrast(scheme[front], scheme[ground]) >= TEXT, (front, ground)


def test_the_sheet_loads_nothing_and_respects_the_reader() -> None:
    assert "url(" not in CSS
    assert "@import" not in CSS
    for query in ("prefers-reduced-motion", "prefers-color-scheme", "forced-colors", "print"):
        assert query in CSS
