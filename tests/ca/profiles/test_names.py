"""Subjects: what may stand in one, and how it is encoded."""

from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from ca.errors import BadSubjectError
from ca.profiles.names import LegalSubject, NaturalSubject
from ca.profiles.profiles import ProfileKind, validate_profile
from tests.ca.world import OFFICER, SEAL, USCC, World, openssl
from tests.permits import to_certify


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "empty"),
        (" 局", "padded"),
        ("局\n", "padded"),
        ("市场\0监督", "control"),
        ("市场\u202e监督", "bidi override"),
        ("市场\u200b监督", "zero width"),
        ("市场\ue000监督", "private use"),
        ("市场\ud800监督", "surrogate"),
        ("市场\u2028监督", "line separator"),
        ("市场\u00a0监督", "no-break space"),
        ("Cafe\u0301", "not NFC"),
        ("局" * 65, "too long"),
    ],
)
@pytest.mark.parametrize("field", ["name", "organization"])
def test_hostile_names_are_refused(field: str, name: str, why: str) -> None:
    fields = {"name": "章", "organization": "某局", field: name}
    with pytest.raises(BadSubjectError) as raised:
        LegalSubject(uscc=USCC, **fields).to_name()
    assert raised.value.details["field"] == field, why


@pytest.mark.parametrize(
    "uscc", ["", USCC[:-1], USCC + "0", USCC.lower(), "11370000004504644I", "１1370000004504644L"]
)
def test_a_uscc_that_is_none_is_refused(uscc: str) -> None:
    with pytest.raises(BadSubjectError):
        LegalSubject("章", "某局", uscc).to_name()


def test_the_identifier_differs_from_the_name() -> None:
    with pytest.raises(BadSubjectError):
        LegalSubject("章", f"NTRCN-{USCC}", USCC).to_name()


@pytest.mark.parametrize("country", ["cn", "CHN", "C", "中国"])
def test_a_country_has_two_capitals(country: str) -> None:
    with pytest.raises(BadSubjectError):
        LegalSubject("章", "某局", USCC, country).to_name()


def test_string_types_are_those_of_the_profile() -> None:
    encoded = SEAL.to_name().public_bytes()
    assert b"\x55\x04\x06\x13\x02CN" in encoded  # PrintableString
    assert b"\x55\x04\x61\x0c\x18NTRCN-" in encoded  # UTF8String
    assert b"\x55\x04\x0a\x0c" in encoded
    assert b"\x55\x04\x03\x0c" in encoded


@given(st.text(max_size=70))
def test_a_name_is_refused_or_comes_back_unchanged(text: str) -> None:
    try:
        name = LegalSubject(text, "某局", USCC).to_name()
    except BadSubjectError:
        return
    assert name.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value == text
    assert text.isprintable() or "\u3000" in text


def test_a_long_chinese_name_is_certified_in_full(tmp_path: Path) -> None:
    """64 characters are the limit (RFC 5280 ub-common-name), not 64 octets."""
    name = "中国（某某）自由贸易试验区某某新片区市场监督管理局食品经营许可专用章"
    assert len(name.encode()) > 64
    world = World()
    authority = world.found().authority
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    subject = LegalSubject(name, name, USCC).to_name()
    der = authority.issue(
        authority.prepare(
            validate_profile(ProfileKind.SEAL),
            subject,
            key,
            permit=to_certify(validate_profile(ProfileKind.SEAL)),
        )
    )
    (tmp_path / "seal").write_bytes(der)
    shown = openssl("x509", "-in", tmp_path / "seal", "-noout", "-subject", "-nameopt", "utf8")
    assert shown.count(name) == 2
    assert list(world.ledger.entries.values())[-1].intent.subject.count(name) == 2


def test_an_officer_is_named_as_the_profile_says() -> None:
    name = OFFICER.to_name()
    kinds = [attribute.oid.dotted_string for attribute in name]
    assert kinds == ["2.5.4.6", "2.5.4.10", "2.5.4.97", "2.5.4.4", "2.5.4.42", "2.5.4.5", "2.5.4.3"]
    assert b"\x55\x04\x05\x13\x11PI:CN-370100-0042" in name.public_bytes()  # PrintableString
    alone = replace(OFFICER, organization=None, uscc=None, surname=None).to_name()
    assert [a.oid.dotted_string for a in alone] == ["2.5.4.6", "2.5.4.42", "2.5.4.5", "2.5.4.3"]


def test_a_pseudonym_stands_instead_of_names() -> None:
    masked = replace(OFFICER, name="窗口九", surname=None, given_name=None, pseudonym="窗口九")
    found = masked.to_name().get_attributes_for_oid(x509.NameOID.PSEUDONYM)
    assert [attribute.value for attribute in found] == ["窗口九"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"pseudonym": "窗口九"}, "pseudonym"),
        ({"surname": None, "given_name": None}, "surname"),
        ({"uscc": None}, "uscc"),
        ({"organization": None}, "uscc"),
        ({"surname": ""}, "surname"),
        ({"given_name": "三\u202e"}, "given_name"),
        ({"name": "张" * 65}, "name"),
        ({"identifier": "370100-0042"}, "identifier"),
        ({"identifier": "PI:CN-"}, "identifier"),
        ({"identifier": "PI:CN-\u4e00"}, "identifier"),
        ({"identifier": "PI:CN-a_b"}, "identifier"),
        ({"identifier": "PI:CN-" + "1" * 59}, "identifier"),
    ],
)
def test_officers_that_cannot_be_named_are_refused(
    changes: dict[str, str | None], field: str
) -> None:
    with pytest.raises(BadSubjectError) as raised:
        replace(OFFICER, **changes).to_name()  # type: ignore[arg-type]
    assert raised.value.details["field"] == field


@pytest.mark.parametrize("field", ["identifier", "name", "surname", "given_name", "pseudonym"])
@pytest.mark.parametrize("code", ["11010519491231002X", "11010519491231002x"])
def test_a_resident_identity_number_stands_in_no_certificate(field: str, code: str) -> None:
    named: NaturalSubject = OFFICER
    if field == "pseudonym":
        named = replace(OFFICER, surname=None, given_name=None)
    with pytest.raises(BadSubjectError, match="resident identity number"):
        replace(named, **{field: f"PI:CN-{code}"}).to_name()
