"""The JSON is CONTRACT.md's, key for key."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from core.text import Language
from registry.answers.answers import VerificationAnswer
from tests.verify_api import world
from verify_api.wire import answer_wire

ANSWER_KEYS = [
    "outcome",
    "document_checked",
    "registered_length",
    "summary",
    "checks",
    "licence",
    "signatures",
    "policy",
    "checked_at",
    "sha256",
    "receipt",
]
LICENCE_KEYS = {
    "identifier",
    "number",
    "type",
    "authority",
    "state",
    "reason",
    "valid_from",
    "valid_until",
    "replaced_by",
}
SIGNATURE_KEYS = [
    "field",
    "kind",
    "signer",
    "only_claims",
    "organization",
    "identity_issuer",
    "level",
    "indication",
    "sub_indication",
    "claimed_time",
    "best_time",
    "coverage",
    "later_changes",
    "notes",
]


@pytest.mark.parametrize("answer", world.BY_OUTCOME.values(), ids=lambda a: a.outcome.value)
def test_keys_are_the_contracts(answer: VerificationAnswer) -> None:
    wire = answer_wire(answer, "zh").model_dump(mode="json")
    assert list(wire) == ANSWER_KEYS
    assert wire["outcome"] == answer.outcome.value
    assert set(wire["summary"]) == {"zh", "en"}
    assert list(wire["checks"]) == ["integrity", "issuer", "status"]
    for check in wire["checks"].values():
        assert list(check) == ["result", "code", "message"]
    for signature in wire["signatures"]:
        assert list(signature) == SIGNATURE_KEYS


def test_whether_a_document_was_looked_at_and_what_of_it_is_registered() -> None:
    for answer, checked, length in (
        (world.IN_FORCE, True, None),
        (world.BY_RECORD, False, None),
        (world.ADDED, True, 21),
    ):
        wire = answer_wire(answer, "zh").model_dump(mode="json")
        assert (wire["document_checked"], wire["registered_length"]) == (checked, length)


def test_licence_has_the_contracts_keys_and_five_more() -> None:
    licence = answer_wire(world.IN_FORCE, "zh").model_dump(mode="json")["licence"]
    assert set(licence) == LICENCE_KEYS | {
        "type_name",
        "sample",
        "kind",
        "erased_on",
        "reason_name",
    }
    assert licence["valid_from"] == "2026-01-01"
    assert (licence["state"], licence["kind"]) == ("IN_FORCE", "licence")
    assert licence["reason"] is None


def test_a_long_term_licence_ends_at_null() -> None:
    answer = replace(world.IN_FORCE, licence=replace(world.LICENCE, valid_until=None))
    wire = answer_wire(answer, "zh").model_dump(mode="json")
    assert wire["licence"]["valid_until"] is None


def test_the_public_face_stays_on_the_page() -> None:
    """Who scans sees masked fields; the interface for programs carries nothing of a holder."""
    assert "张" not in answer_wire(world.BY_LINK, "zh").model_dump_json()


@pytest.mark.parametrize(
    ("language", "message"),
    [("zh", "在有效期内，状态有效。"), ("en", "In force, within its term.")],
)
def test_messages_follow_the_reader(language: Language, message: str) -> None:
    assert answer_wire(world.IN_FORCE, language).checks.status.message == message


def test_instants_are_utc() -> None:
    shanghai = timezone(timedelta(hours=8))
    answer = replace(world.IN_FORCE, checked_at=datetime(2026, 1, 1, 7, 0, tzinfo=shanghai))
    wire = answer_wire(answer, "zh").model_dump(mode="json")
    assert wire["checked_at"] == "2025-12-31T23:00:00Z"


@pytest.mark.parametrize(
    "name", ["\ud800", "a\x00b", "\u202egpj.exe", "\u2066x", "zero\u200bwidth", "line\u2028break"]
)
def test_a_hostile_signer_cannot_break_or_disguise_the_answer(name: str) -> None:
    answer = replace(world.IN_FORCE, signatures=(replace(world.SEAL, signer=name, field=name),))
    signature = answer_wire(answer, "zh").signatures[0]
    assert "\N{REPLACEMENT CHARACTER}" in signature.signer
    assert signature.signer == signature.field
    signature.model_dump_json().encode()


def test_a_huge_name_is_cut() -> None:
    answer = replace(world.IN_FORCE, signatures=(replace(world.SEAL, signer="界" * 100_000),))
    assert len(answer_wire(answer, "zh").signatures[0].signer) == 301
