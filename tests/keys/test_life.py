"""Whose key is whose (ADR 21), by hand."""

from keys.life import DOMAIN_OF, KeyDomain
from keys.model import KeyPurpose


def test_each_purpose_lies_in_the_domain_of_who_uses_it() -> None:
    assert DOMAIN_OF == {
        KeyPurpose.ROOT_CA: KeyDomain.ROOT,
        KeyPurpose.ISSUING_CA: KeyDomain.CA,
        KeyPurpose.TRUST_LIST: KeyDomain.CA,
        KeyPurpose.OCSP: KeyDomain.TRUST,
        KeyPurpose.TSA: KeyDomain.TRUST,
        KeyPurpose.SEAL: KeyDomain.ISSUING,
        KeyPurpose.OFFICER: KeyDomain.ISSUING,
        KeyPurpose.CLIENT: KeyDomain.ISSUING,
        KeyPurpose.ARCHIVE: KeyDomain.ISSUING,
        KeyPurpose.AUDIT: KeyDomain.AUDIT,
        KeyPurpose.RECEIPT: KeyDomain.VERIFY,
    }
