"""What is parsed once for all documents is still what the bytes say."""

from io import BytesIO
from typing import Any

import pytest
from asn1crypto import cms, core, tsp, x509
from pyhanko.pdf_utils import generic

from signing.inspection.engine.shared import parse_shared, share_held, trust_encodings
from signing.inspection.names import remember_prepared_names
from signing.inspection.objects import READ_ERRORS
from signing.inspection.reader import SealedReader
from signing.limits import DEFAULT_LIMITS
from tests.signing.material import blank, pki


def _der() -> bytes:
    return pki().trust().anchors[0]


def test_the_same_bytes_are_one_object() -> None:
    first = parse_shared(_der(), x509.Certificate)
    assert parse_shared(bytes(bytearray(_der())), x509.Certificate) is first
    assert isinstance(first, x509.Certificate)
    assert first.dump() == _der()


def test_other_bytes_are_another_object() -> None:
    other = bytearray(_der())
    other[-1] ^= 1  # of its signature
    assert parse_shared(bytes(other), x509.Certificate).dump() == bytes(other)


@pytest.mark.parametrize("der", [b"", b"\x30\x00", b"\x30\x03\x02\x01\x05"])
def test_what_is_no_certificate_is_refused(der: bytes) -> None:
    with pytest.raises(READ_ERRORS):
        parse_shared(der, x509.Certificate)


def test_more_after_a_certificate_is_refused() -> None:
    with pytest.raises(ValueError, match="trailing"):
        parse_shared(_der() + b"\0", x509.Certificate)


def test_a_cms_holds_the_shared_certificate_and_keeps_its_bytes() -> None:
    choice = cms.CertificateChoices(name="certificate", value=x509.Certificate.load(_der()))
    der = cms.SignedData(
        {
            "version": "v1",
            "digest_algorithms": [],
            "encap_content_info": {"content_type": "data"},
            "certificates": [choice],
            "signer_infos": [],
        }
    ).dump()
    signed_data = cms.SignedData.load(der)
    share_held(signed_data)
    assert signed_data["certificates"][0].chosen is parse_shared(_der(), x509.Certificate)
    assert signed_data.dump() == der


def test_a_digest_that_is_left_out_does_not_count_as_a_change() -> None:
    trust_encodings()
    # Attribute's value, its length in three octets where one would do: as it stands, not re-made.
    entry = b"\x30\x82\x00\x06" + b"\x04\x04\x01\x02\x03\x04"
    named = tsp.ESSCertIDv2.load(entry)
    assert named["hash_algorithm"]["algorithm"].native == "sha256"
    assert named.dump() == entry


def test_names_with_a_tag_around_them_are_compared() -> None:
    remember_prepared_names()
    one = x509.Name.build({"common_name": "张 三", "country_name": "CN"})
    tagged = x509.GeneralName(name="directory_name", value=x509.Name.load(one.dump()))
    other = x509.Name.build({"common_name": "张 三", "country_name": "CH"})
    assert x509.GeneralName.load(tagged.dump()).chosen == one
    assert x509.GeneralName.load(tagged.dump()).chosen != other


def test_names_are_equal_whatever_string_type_they_use() -> None:
    remember_prepared_names()
    one = x509.Name.build({"common_name": "Root  CA"})
    other = x509.Name.build({"common_name": "root ca"}, use_printable=True)
    assert one.dump() != other.dump()
    assert one == other
    assert one.hashable == other.hashable


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (b"<48656C6c6f>", b"Hello"),
        (b"<48 65\n6c6C6F>", b"Hello"),
        (b"<4>", b"@"),
        (b"<>", b""),
        (b"<" + b"41" * 3000 + b">", b"A" * 3000),
    ],
)
def test_hexadecimal_strings_are_read_as_the_library_reads_them(
    written: bytes, read: bytes
) -> None:
    SealedReader(blank(), [], DEFAULT_LIMITS)  # which puts the quick reading in place
    stream = BytesIO(written + b" /Next")
    found: Any = generic.read_object(stream, generic.TrailerReference(None))  # type: ignore[no-untyped-call]
    assert found.original_bytes == read
    assert stream.read().strip() == b"/Next"


@pytest.mark.parametrize("written", [b"<4G>", b"<41", b"<41>>"[:3]])
def test_what_is_no_hexadecimal_string_is_refused(written: bytes) -> None:
    SealedReader(blank(), [], DEFAULT_LIMITS)
    with pytest.raises(READ_ERRORS):
        generic.read_object(BytesIO(written), generic.TrailerReference(None))  # type: ignore[no-untyped-call]


def test_void_certificates_are_left_alone() -> None:
    signed_data = cms.SignedData(
        {
            "version": "v1",
            "digest_algorithms": [],
            "encap_content_info": {"content_type": "data"},
            "signer_infos": [],
        }
    )
    share_held(signed_data)
    assert isinstance(signed_data["certificates"], core.Void)
