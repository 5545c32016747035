"""Trusted lists of ETSI TS 119 612: verified, and read for the services that vouch for signatures.

The XAdES signature must be by a certificate that a person named; what is read is what it covers.
Taken are services of the types CA/QC (for signatures or seals) and TSA/QTST, each for the time in
which it was granted; a service that was withdrawn is kept with the end of that time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from lxml import etree
from pyhanko.sign.validation.qualified import eutl_parse
from pyhanko.sign.validation.qualified.tsp import (
    CA_QC_URI,
    QTST_URI,
    QcCertType,
    QualifiedServiceInformation,
)
from signxml.exceptions import SignXMLException
from signxml.verifier import SignatureConfiguration
from signxml.xades.xades import XAdESSignatureConfiguration, XAdESVerifier
from xsdata.exceptions import ParserError

from core.errors import UnreadableInputError
from core.text import Text
from signing.trust import messages
from signing.trust.anchors import Anchor, AnchorKind, AnchorService
from signing.trust.lists import in_order

MAX_BYTES = 32 * 1024 * 1024
"""The largest national list has some 5 MiB."""
_TSL = "{http://uri.etsi.org/02231/v2#}"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_LIST_OF_LISTS = "EUlistofthelists"
_SERVICES = {CA_QC_URI: AnchorService.CERTIFICATES, QTST_URI: AnchorService.TIMESTAMPS}
_SIGNING = frozenset({QcCertType.QC_ESIGN, QcCertType.QC_ESEAL})


class BadEtsiListError(UnreadableInputError):
    """The file is no trusted list that can be taken over."""

    code = "bad_etsi_list"


@dataclass(frozen=True, slots=True)
class EtsiList:
    """Entries taken over from a trusted list."""

    operator: str
    territory: str
    sequence: int
    """Of the list (5.3.2); only grows."""
    issued_at: datetime
    next_update: datetime
    entries: tuple[Anchor, ...]
    left_out: int
    """Services that could not be read, or are known by no certificate."""

    @property
    def source(self) -> str:
        """The list whatever its number, as entries name it."""
        return source_name(self.operator, self.territory)


def source_name(operator: str, territory: str) -> str:
    """Return the source of a list's entries, but for its number."""
    return f"{operator} ({territory})"


def read_etsi_list(data: bytes, signer: bytes, now: datetime) -> EtsiList:
    """Verify a list with the certificate (DER) of its operator, and read it.

    Raises `BadEtsiListError`: not well-formed, signed by somebody else, expired, a list of lists,
    or without any service that could be taken.
    """
    root = _signed_content(data, signer, now)
    scheme = root.find(f"{_TSL}SchemeInformation")
    if scheme is None or not root.tag == f"{_TSL}TrustServiceStatusList":
        raise _bad(messages.NOT_TRUSTED_LIST)
    if _text(scheme, "TSLType").endswith(_LIST_OF_LISTS):
        raise _bad(messages.LIST_OF_LISTS)
    sequence, next_update = _number(scheme), _instant(_text(scheme, "NextUpdate/{0}dateTime"))
    if next_update <= now:
        raise _bad(messages.list_expired(next_update))
    operator, territory = _name(scheme), _text(scheme, "SchemeTerritory")
    list_name = f"{source_name(operator, territory)} {sequence}"
    services, left_out = _services(root)
    entries = tuple(entry for service in services for entry in _entries(service, list_name))
    if not entries:
        raise _bad(messages.NO_GRANTED_SERVICE)
    nameless = sum(not service.base_info.provider_certs for service in services)
    return EtsiList(
        operator,
        territory,
        sequence,
        _instant(_text(scheme, "ListIssueDateTime")),
        next_update,
        in_order(entries),
        left_out + nameless,
    )


def _signed_content(data: bytes, signer: bytes, now: datetime) -> etree._Element:
    """Return the element that the operator's signature covers: the whole list and nothing else."""
    if len(data) > MAX_BYTES or b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise _bad(messages.TOO_LARGE_OR_DTD)
    try:
        certificate = x509.load_der_x509_certificate(signer)
        results = XAdESVerifier().verify(
            data,
            x509_cert=certificate,
            expect_config=_configuration(now),
        )
    except (SignXMLException, etree.Error, ValueError, TypeError, KeyError) as error:
        raise _bad(messages.LIST_SIGNER_MISMATCH) from error
    signed = [one.signed_data for one in results if _is_list(one.signed_xml)]
    if len(signed) != 1:
        raise _bad(messages.SIGNATURE_COVERAGE_PARTIAL)
    return _parse(signed[0])


def _configuration(now: datetime) -> SignatureConfiguration:
    # The signature is a child of the list itself; its number of references is the operator's.
    return XAdESSignatureConfiguration(
        require_x509=True, expect_references=True, location="./", verification_time=now
    )


def _is_list(element: etree._Element | None) -> bool:
    return element is not None and element.tag == f"{_TSL}TrustServiceStatusList"


def _parse(data: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    return etree.fromstring(data, parser)  # no entities, no network


def _services(root: etree._Element) -> tuple[list[QualifiedServiceInformation], int]:
    """Return the granted services, and how many could not be read."""
    reading = eutl_parse.read_qualified_service_definitions(etree.tostring(root).decode())
    found: list[QualifiedServiceInformation] = []
    try:
        while True:
            try:
                found.append(next(reading))
            except StopIteration as end:
                return found, len(end.value)
    except (ParserError, ValueError, TypeError, AssertionError, AttributeError) as error:
        raise _bad(messages.TS_119_612_VIOLATED) from error


def _entries(service: QualifiedServiceInformation, list_name: str) -> Iterator[Anchor]:
    info = service.base_info
    purposes = info.additional_info_certificate_type
    if info.service_type == CA_QC_URI and purposes and not purposes & _SIGNING:
        return  # for web sites alone
    for certificate in info.provider_certs:
        yield Anchor(
            certificate=certificate.dump(),
            name=Text(info.service_name, info.service_name),
            list_name=list_name,
            kind=AnchorKind.GOVERNMENT,
            service=_SERVICES[info.service_type],
            recognised_from=_aware(info.valid_from),
            recognised_until=None if info.valid_until is None else _aware(info.valid_until),
        )


def _name(scheme: etree._Element) -> str:
    """Return the operator's name in English, which every list has (5.1.4)."""
    names = scheme.findall(f"{_TSL}SchemeOperatorName/{_TSL}Name")
    english = [one for one in names if (one.get(_XML_LANG) or "").lower() == "en"]
    if not names or not (text := ((english or names)[0].text or "").strip()):
        raise _bad(messages.OPERATOR_NAME_MISSING)
    return text


def _text(scheme: etree._Element, path: str) -> str:
    steps = path.format(_TSL) if "{0}" in path else path
    found = scheme.find(_TSL + steps)
    if found is None or not (found.text or "").strip():
        raise _bad(messages.list_part_missing(path.partition("/")[0]))
    return str(found.text).strip()


def _number(scheme: etree._Element) -> int:
    text = _text(scheme, "TSLSequenceNumber")
    if not text.isascii() or not text.isdigit() or len(text) > 9:  # noqa: PLR2004  # not a number
        raise _bad(messages.SEQUENCE_NUMBER_MALFORMED)
    return int(text)


def _instant(text: str) -> datetime:
    try:
        return _aware(datetime.fromisoformat(text))
    except ValueError as error:
        raise _bad(messages.TIME_MALFORMED) from error


def _aware(at: datetime) -> datetime:
    """Return a UTC instant; TS 119 612 5.1.4 has all times in UTC."""
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _bad(text: Text) -> BadEtsiListError:
    return BadEtsiListError(messages.list_not_importable(text))
