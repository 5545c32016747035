"""Subjects of certificates: checked text to `x509.Name`, in the order and types of EN 319 412-3."""

import re
import unicodedata
import warnings
from dataclasses import dataclass

from cryptography import x509
from cryptography.x509.oid import NameOID

from ca.errors import BadSubjectError

MAX_COMMON_NAME = 64
"""ub-common-name, characters (RFC 5280 appendix A.1)."""
MAX_ORGANIZATION = 64
"""ub-organization-name, characters (RFC 5280 appendix A.1)."""
_USCC = re.compile(r"[0-9A-HJ-NP-RT-UW-Y]{18}")
"""The alphabet of GB 32100; the check character is the registry's to judge."""
_COUNTRY = re.compile(r"[A-Z]{2}")
"""ISO 3166-1 alpha-2, as X.520 countryName wants it."""


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
        if not _COUNTRY.fullmatch(self.country):
            raise _refused("country", "须为两位大写字母", "must be two capital letters")
        if not _USCC.fullmatch(self.uscc):
            raise _refused("uscc", "须为 18 位统一社会信用代码", "must be an 18-character USCC")
        organization = _checked("organization", self.organization, MAX_ORGANIZATION)
        name = _checked("name", self.name, MAX_COMMON_NAME)
        identifier = f"NTR{self.country}-{self.uscc}"
        if organization == identifier:
            # EN 319 412-3 4.2.1: the identifier shall differ from the name.
            raise _refused("organization", "不得与机构代码相同", "must differ from its identifier")
        return x509.Name(
            [
                x509.NameAttribute(NameOID.COUNTRY_NAME, self.country),
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
                x509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, identifier),
                _common_name(name),
            ]
        )


def _common_name(name: str) -> x509.NameAttribute[str]:
    """Return the CN, of up to 64 characters whatever their length in UTF-8.

    `cryptography` counts octets where RFC 5280 counts characters, and would stop at 21 Chinese
    ones; many a body's full name is longer. It has this switch for names that it reads, and warns.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Attribute's length", category=UserWarning)
        return x509.NameAttribute(NameOID.COMMON_NAME, name, _validate=False)


def _checked(field: str, text: str, limit: int) -> str:
    """Return `text` if it can be shown to people without deceiving them."""
    if not text or text != text.strip():
        raise _refused(field, "不得为空或以空格开头、结尾", "must not be empty or padded by spaces")
    if len(text) > limit:
        raise _refused(field, f"不得超过 {limit} 个字符", f"must have at most {limit} characters")
    # Controls, format characters (bidi overrides, zero width), surrogates, private use, unassigned,
    # and separators other than the plain space can hide or reorder what a reader sees.
    if any(unicodedata.category(c)[0] == "C" or _odd_space(c) for c in text):
        raise _refused(field, "含有不可见或控制字符", "holds invisible or control characters")
    if not unicodedata.is_normalized("NFC", text):
        # Two spellings of one name must not make two subjects (RFC 5280 7.1).
        raise _refused(field, "须为 Unicode NFC 形式", "must be in Unicode form NFC")
    return text


def _odd_space(character: str) -> bool:
    return unicodedata.category(character)[0] == "Z" and character not in " \u3000"


def _refused(field: str, zh: str, en: str) -> BadSubjectError:
    return BadSubjectError(
        f"证书主体的“{field}”{zh}。请更正后重试。",
        f"The certificate subject's “{field}” {en}. Correct it and try again.",
        field=field,
    )
