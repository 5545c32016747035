"""Subjects of certificates: checked text to `x509.Name`, of legal and of natural persons."""

import re
import unicodedata
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from cryptography import x509
from cryptography.x509.oid import NameOID

from ca.errors import BadSubjectError
from ca.profiles import messages
from core.resident_ids import holds_resident_id
from core.text import Text

MAX_TEXT = 64
"""ub-common-name, ub-organization-name, in characters (RFC 5280 appendix A.1); EN 319 412-2 4.2.4
lets a person's names be longer, we do not."""
_USCC = re.compile(r"[0-9A-HJ-NP-RT-UW-Y]{18}")
"""The alphabet of GB 32100; the check character is the registry's to judge."""
_COUNTRY = re.compile(r"[A-Z]{2}")
"""ISO 3166-1 alpha-2, as X.520 countryName wants it."""
_LOCAL_IDENTIFIER = re.compile(r"[A-Z]{2}:[A-Z]{2}-[0-9A-Za-z][0-9A-Za-z.\-]{0,57}")
"""EN 319 412-1 5.1.3: a nationally defined kind of identifier, country, value. The characters are
of a PrintableString, the length within ub-serial-number, 64 (RFC 5280 appendix A.1)."""


@dataclass(frozen=True, slots=True)
class LegalSubject:
    """A legal person as the subject of a certificate (EN 319 412-3 4.2.1).

    `name` becomes the common name (a seal's, a CA's or a unit's name), `organization` the body's
    full name, `uscc` the organizationIdentifier `NTRCN-<USCC>` (EN 319 412-1 5.1.4).
    """

    name: str
    organization: str
    uscc: str
    country: str = "CN"

    def to_name(self) -> x509.Name:
        """Return C, O, organizationIdentifier, CN: each in an RDN of its own, in that order.

        C is a PrintableString, the others are UTF8Strings (RFC 5280 4.1.2.4).
        Raises `BadSubjectError`.
        """
        return x509.Name(
            [
                _country(self.country),
                *_organization(self.organization, self.uscc, self.country),
                _text(NameOID.COMMON_NAME, _checked("name", self.name)),
            ]
        )


@dataclass(frozen=True, slots=True)
class NaturalSubject:
    """An officer as the subject of a certificate (EN 319 412-2 4.2.4).

    Either names or a pseudonym; `identifier` is a local one such as `PI:CN-370100-0042`
    (EN 319 412-1 5.1.3), never the resident identity number: it stands in all that is signed.
    """

    name: str
    """Common name: what readers show."""
    identifier: str
    given_name: str | None = None
    surname: str | None = None
    pseudonym: str | None = None
    organization: str | None = None
    """The body for which the officer acts, with its `uscc`."""
    uscc: str | None = None
    country: str = "CN"

    def to_name(self) -> x509.Name:
        """Return C, [O, organizationIdentifier], names or pseudonym, serialNumber, CN.

        Raises `BadSubjectError`.
        """
        attributes = [_country(self.country)]
        if (self.organization is None) != (self.uscc is None):
            raise _refused("uscc", messages.ORGANIZATION_PAIR_INCOMPLETE)
        if self.organization is not None and self.uscc is not None:
            attributes += _organization(self.organization, self.uscc, self.country)
        attributes += self._names()
        attributes.append(x509.NameAttribute(NameOID.SERIAL_NUMBER, self._local_identifier()))
        attributes.append(_text(NameOID.COMMON_NAME, self._personal("name", self.name)))
        return x509.Name(attributes)

    def _names(self) -> list[x509.NameAttribute[str]]:
        """Return surname and/or given name, or the pseudonym: never both (NAT-4.2.4-1, -4)."""
        if self.pseudonym is not None:
            if self.surname is not None or self.given_name is not None:
                raise _refused("pseudonym", messages.PSEUDONYM_BESIDE_NAMES)
            return [_text(NameOID.PSEUDONYM, self._personal("pseudonym", self.pseudonym))]
        names = [
            _text(oid, self._personal(field, text))
            for oid, field, text in (
                (NameOID.SURNAME, "surname", self.surname),
                (NameOID.GIVEN_NAME, "given_name", self.given_name),
            )
            if text is not None
        ]
        if not names:
            raise _refused("surname", messages.PERSONAL_NAME_MISSING)
        return names

    def _local_identifier(self) -> str:
        if not _LOCAL_IDENTIFIER.fullmatch(self.identifier):
            raise _refused("identifier", messages.PERSON_IDENTIFIER_MALFORMED)
        return self._personal("identifier", self.identifier)

    @staticmethod
    def _personal(field: str, text: str) -> str:
        if holds_resident_id(text):
            raise _refused(field, messages.RESIDENT_NUMBER_IN_IDENTIFIER)
        return _checked(field, text)


def _country(country: str) -> x509.NameAttribute[str]:
    if not _COUNTRY.fullmatch(country):
        raise _refused("country", messages.COUNTRY_CODE_MALFORMED)
    return x509.NameAttribute(NameOID.COUNTRY_NAME, country)


def _organization(organization: str, uscc: str, country: str) -> list[x509.NameAttribute[str]]:
    """Return O and organizationIdentifier (EN 319 412-1 5.1.4)."""
    if not _USCC.fullmatch(uscc):
        raise _refused("uscc", messages.USCC_MALFORMED)
    identifier = f"NTR{country}-{uscc}"
    if _checked("organization", organization) == identifier:
        # EN 319 412-3 4.2.1: the identifier shall differ from the name.
        raise _refused("organization", messages.SAME_AS_IDENTIFIER)
    return [
        _text(NameOID.ORGANIZATION_NAME, organization),
        x509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, identifier),
    ]


def _text(oid: x509.ObjectIdentifier, text: str) -> x509.NameAttribute[str]:
    """Return an attribute of up to 64 characters whatever their length in UTF-8.

    `cryptography` counts octets where RFC 5280 counts characters, and would stop at 21 Chinese
    ones; many a body's full name is longer. It has this switch for names that it reads, and warns.
    """
    with _long_names():
        return x509.NameAttribute(oid, text, _validate=False)


def subject_of(certificate: x509.Certificate) -> x509.Name:
    """Return a certificate's subject, long Chinese names included, without a warning."""
    with _long_names():
        return certificate.subject


@contextmanager
def _long_names() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Attribute's length", category=UserWarning)
        yield


def _checked(field: str, text: str) -> str:
    """Return `text` if it can be shown to people without deceiving them."""
    if not text or text != text.strip():
        raise _refused(field, messages.EMPTY_OR_PADDED)
    if len(text) > MAX_TEXT:
        raise _refused(field, messages.too_many_characters(MAX_TEXT))
    # Controls, format characters (bidi overrides, zero width), surrogates, private use, unassigned,
    # and separators other than the plain space can hide or reorder what a reader sees.
    if any(unicodedata.category(c)[0] == "C" or _odd_space(c) for c in text):
        raise _refused(field, messages.INVISIBLE_CHARACTERS)
    if not unicodedata.is_normalized("NFC", text):
        # Two spellings of one name must not make two subjects (RFC 5280 7.1).
        raise _refused(field, messages.NOT_NFC_FORM)
    return text


def _odd_space(character: str) -> bool:
    return unicodedata.category(character)[0] == "Z" and character not in " \u3000"


def _refused(field: str, text: Text) -> BadSubjectError:
    return BadSubjectError(messages.subject_field_invalid(field=field, fault=text), field=field)
