"""The configuration reference: as the settings' models are, whole in both languages."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from core.settings import SettingsSection, load_settings
from tests.configuration import EDITIONS, Row, render, tables, untranslated, unused

EVERY_ROW = [
    pytest.param(table.kinds, table.heading, row, id=f"{table.heading} {row.key}")
    for table in tables()
    for row in table.rows
]
MINIMAL = """
[service]
public_url = "https://v.example.gov.cn"
pki_url = "http://p.example.gov.cn"
[operator]
account = "xinyin"
"""
EXAMPLES = {"whole number": "97", "true or false": "true", "path": "/mnt/x"}
"""A value within the limits of most keys, by type."""
WITHIN = {
    "confinement": "prefer",
    "ipv4_prefix": "24", "crl_shards": "8", "workers": "7", "namespace": "a1",
    "sealing_processes": "7",
    "algorithms": "ml-dsa", "zone": "Asia/Urumqi", "url": "postgresql:///x",
    "trusted_proxies": "192.0.2.7", "certificate_policy": "1.2.3", "timestamp_policy": "1.2.3",
    "policies": "1.2.3", "level": "debug", "levels": "access=warning", "format": "text",
    "fonts": "a.ttf=" + 64 * "0", "working_days": "20", "extension_days": "20",
    "place": "bucket", "endpoint": "https://s3.example:9000", "bucket": "documents",
    "timeout_seconds": "9.5", "attempts": "7",
    "reminder_days": "5", "holidays": "2026-10-01", "worked_weekends": "2026-10-10",
}  # fmt: skip
"""A value for each key with narrower limits."""


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_is_committed_is_what_make_reference_writes(language: Any) -> None:
    assert EDITIONS[language].read_text("utf-8") == render(language), "run: make reference"


def test_everything_is_told_in_both_languages() -> None:
    assert untranslated() == []
    assert unused() == set(), "words of keys that are gone"
    for table in tables():
        assert table.told, table.heading
        assert not [row.key for row in table.rows if not row.told], table.heading


def test_no_key_stands_twice() -> None:
    counted = Counter(row.variable for table in tables() for row in table.rows)
    assert [name for name, times in counted.items() if times > 1] == []


def test_a_row_says_what_the_model_holds() -> None:
    english = render("en").splitlines()
    assert (
        "| `workers` | whole number | `2` |  | 1–64 | `XINYIN_VERIFY_WORKERS` | Files judged at "
        "once by each process, a core each; with two or more, one client network cannot take all. |"
    ) in english
    assert [line for line in english if line.startswith("| `due_within_days` | whole number | ")]
    (family,) = (line for line in english if line.startswith("| `algorithms` | text |"))
    assert family.split(" | ")[2:5] == ['`"ecdsa"`', "", "`ecdsa`, `ml-dsa`"]
    kinds = "KIND: `root`, `issuing`, `cross`, `seal`, `officer`, `officer-short`, `ocsp`, `tsa`"
    assert f"{kinds}, `receipt`." in english


def test_the_sections_are_those_of_the_file() -> None:
    listed = [line for line in render("en").splitlines() if line.startswith("## ")]
    assert {
        "## [service]", "## [operator]", "## [keys]", "## [database]", "## [journal]",
        "## [verify]", "## [issuing]", "## [audit]", "## [ca]", "## [profiles.KIND]",
        "## [archive]", "## [trust]",
    } <= set(listed)  # fmt: skip


@pytest.mark.parametrize(("kinds", "heading", "row"), EVERY_ROW)
def test_each_variable_sets_its_key(
    kinds: tuple[str, ...], heading: str, row: Row, tmp_path: Path
) -> None:
    (tmp_path / "xinyin.toml").write_text(MINIMAL)
    kind = "officer_short" if kinds else ""
    variable = row.variable.replace("KIND", kind.upper())
    value = WITHIN.get(row.key) or EXAMPLES.get(row.type) or _text(row)
    if row.key == "algorithms" and kinds:
        value = "ecdsa-p256"
    before, after = load_settings(tmp_path, {}), load_settings(tmp_path, {variable: value})
    name = heading.strip("[]").removesuffix(".KIND")
    old, new = (getattr(one, name) for one in (before, after))
    if kinds:
        old, new = (getattr(one, kind) for one in (old, new))
    assert isinstance(new, SettingsSection)
    changed = {key for key in type(new).model_fields if getattr(old, key) != getattr(new, key)}
    assert changed == {_field(type(new), row.key)}


def _text(row: Row) -> str:
    if row.key.endswith("uri"):
        return "pkcs11:token=x?module-path=/x.so"
    return "https://x.example.gov.cn" if row.key.endswith("_url") else "x"


def _field(section: type[SettingsSection], key: str) -> str:
    return next(
        name for name, field in section.model_fields.items() if (field.alias or name) == key
    )
