"""The document security store before and after an update (ETSI EN 319 142-1 5.4).

Its streams must be what they are said to be, to the last byte: a stream that readers could take for
something else is no validation data. The store may be rebuilt; what is gone is noted.
"""

import hashlib
import re
from typing import Any

from asn1crypto import cms, crl, ocsp, tsp, x509
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.decode_limits import DecodePurpose

from signing.inspection.changes.finding import UnclearError, UpdateFindings
from signing.inspection.changes.view import Comparison, RevisionView, key_of
from signing.inspection.objects import raw

_KINDS: dict[str, tuple[type[Any], ...]] = {
    "/Certs": (x509.Certificate,),
    "/OCSPs": (ocsp.OCSPResponse, ocsp.BasicOCSPResponse),
    "/CRLs": (crl.CertificateList,),
    "/Cert": (x509.Certificate,),
    "/OCSP": (ocsp.OCSPResponse, ocsp.BasicOCSPResponse),
    "/CRL": (crl.CertificateList,),
}
_LISTS = ("/Certs", "/OCSPs", "/CRLs")
_VRI_LISTS = ("/Cert", "/OCSP", "/CRL")
_PURPOSES = {
    "/Certs": DecodePurpose.CERTIFICATE,
    "/Cert": DecodePurpose.CERTIFICATE,
    "/OCSPs": DecodePurpose.OCSP_RESPONSE,
    "/OCSP": DecodePurpose.OCSP_RESPONSE,
}
_STRUCTURE = re.compile(rb" obj|endobj|trailer|startxref")
_NAME = re.compile(r"/[0-9A-Fa-f]{40}")
_MOST_ENTRIES = 1024


def compare_dss(
    views: tuple[RevisionView, RevisionView], comparison: Comparison, findings: UpdateFindings
) -> None:
    """Compare the stores. Raises `UnclearError` and `READ_ERRORS`."""
    old, new = views
    before, after = raw(old.root, "/DSS"), raw(new.root, "/DSS")
    if comparison.same(before, after):
        return
    held = _held(old, before, strict=False)
    now = _held(new, after, strict=True)
    findings.validation_data = True
    if held - now:
        findings.note("validation_data_replaced")


def _held(
    view: RevisionView, reference: generic.PdfObject | None, *, strict: bool
) -> set[tuple[str, bytes]]:
    """Return the contents of a store: kind and digest of each value."""
    if view.follow(reference) is None:
        return set()
    store = view.expect(reference, "the DSS")
    found: set[tuple[str, bytes]] = set()
    if strict and set(map(str, store)) - {*_LISTS, "/VRI", "/Type"}:
        raise UnclearError("foreign entries in the DSS")
    for name in _LISTS:
        found |= _values(view, store, name, strict=strict)
    vri = view.dictionary(store, "/VRI")
    for name in map(str, vri):
        if name == "/Type":
            continue
        entry = view.dictionary(vri, name)
        if strict:
            _check_vri(view, name, entry)
        for kind in _VRI_LISTS:
            found |= {
                (kind + "s", digest) for _, digest in _values(view, entry, kind, strict=strict)
            }
    if len(found) > _MOST_ENTRIES:
        raise UnclearError("too much in the DSS")
    return found


def _check_vri(view: RevisionView, name: str, entry: generic.DictionaryObject) -> None:
    if not _NAME.fullmatch(name) or set(map(str, entry)) - {*_VRI_LISTS, "/Type", "/TU", "/TS"}:
        raise UnclearError("foreign entries in /VRI")
    token = view.entry(entry, "/TS")
    if token is not None:
        if not isinstance(token, generic.StreamObject):
            raise UnclearError("/TS is no stream")
        data = _data(token, DecodePurpose.OCSP_RESPONSE)
        if not _is_token(data):
            raise UnclearError("/TS is no timestamp token")


def _values(
    view: RevisionView, owner: generic.DictionaryObject, name: str, *, strict: bool
) -> set[tuple[str, bytes]]:
    found: set[tuple[str, bytes]] = set()
    for item in view.array(owner, name):
        stream = view.follow(item)
        if key_of(item) is None or not isinstance(stream, generic.StreamObject):
            raise UnclearError(f"{name} holds something else than streams")
        data = _data(stream, _PURPOSES.get(name, DecodePurpose.CRL))
        if strict and not any(_decodes(kind, data) for kind in _KINDS[name]):
            raise UnclearError(f"{name} holds something else than it says")
        found.add((name, hashlib.sha256(data).digest()))
    return found


def _data(stream: generic.StreamObject, purpose: DecodePurpose) -> bytes:
    reader: Any = stream
    data: bytes = reader.read_data(purpose)
    if _STRUCTURE.search(data) or _STRUCTURE.search(reader.encoded_data):
        raise UnclearError("a file's structure inside validation data")
    return data


def _decodes(kind: type[Any], data: bytes) -> bool:
    """Tell whether bytes are one value of a kind, and nothing more."""
    try:
        value = kind.load(data, strict=True)
        for index in range(len(value)):
            value[index]
    except (ValueError, TypeError, KeyError):
        return False
    return True


def _is_token(data: bytes) -> bool:
    try:
        info = cms.ContentInfo.load(data, strict=True)
        if info["content_type"].native != "signed_data":
            return False
        content = info["content"]["encap_content_info"]
        if content["content_type"].native != "tst_info":
            return False
        tsp.TSTInfo.load(content["content"].parsed.dump(), strict=True)
    except (ValueError, TypeError, KeyError, AttributeError):
        return False
    return True
