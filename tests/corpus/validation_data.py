"""Document security stores as other makers write them (ISO 32000-2 12.8.4.3)."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from tests.corpus import der
from tests.corpus.certificates import (
    Issued,
    authority_key,
    extension,
    issuing,
    root,
    signer,
    stamper,
)
from tests.corpus.pdf import PLAIN, Pdf, Section, edited, is_reference, ref, referred, stream
from tests.corpus.signing import cms_of

THIS_UPDATE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NEXT_UPDATE = datetime(2026, 4, 2, 9, 0, tzinfo=UTC)


@cache
def crl(number: int = 1, by: Issued | None = None) -> bytes:
    """Return an empty CRL (RFC 5280 5.1)."""
    by = by or issuing()
    extensions = (authority_key(by.key), extension("2.5.29.20", der.integer(number)))
    body = der.sequence(
        der.integer(1),
        by.algorithm.identifier,
        by.subject,
        der.utc_time(THIS_UPDATE),
        der.utc_time(NEXT_UPDATE),
        der.explicit(0, der.sequence(*extensions)),
    )
    return der.sequence(body, by.algorithm.identifier, der.bits(by.algorithm.sign(by.key, body)))


@cache
def ocsp(of: Issued | None = None) -> bytes:
    """Return an OCSP answer `good`, signed by the CA itself (RFC 6960 4.2)."""
    of, by = of or signer(), issuing()
    sha1 = der.sequence(der.oid("1.3.14.3.2.26"), der.NULL)
    name_hash = hashlib.sha1(by.subject, usedforsecurity=False).digest()
    from tests.corpus.certificates import key_identifier  # noqa: PLC0415

    certificate_id = der.sequence(
        sha1, der.octets(name_hash), der.octets(key_identifier(by.key)), der.integer(of.serial)
    )
    single = der.sequence(
        certificate_id,
        der.tlv(0x80),
        der.general_time(THIS_UPDATE),
        der.explicit(0, der.general_time(NEXT_UPDATE)),
    )
    data = der.sequence(
        der.explicit(1, by.subject), der.general_time(THIS_UPDATE), der.sequence(single)
    )
    basic = der.sequence(data, by.algorithm.identifier, der.bits(by.algorithm.sign(by.key, data)))
    inner = der.sequence(der.oid("1.3.6.1.5.5.7.48.1.1"), der.octets(basic))
    return der.sequence(der.tlv(0x0A, b"\x00"), der.explicit(0, inner))


@dataclass(frozen=True, slots=True)
class Store:
    """What a document security store is to hold."""

    certificates: tuple[bytes, ...]
    ocsps: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()
    vri: str = "full"
    """`full`, `empty` (a dictionary without entries), `none`."""
    extra: bytes = b""
    packed: bool = False


def usual() -> Store:
    return Store(
        (issuing().certificate, root().certificate, stamper().certificate),
        (ocsp(),),
        (crl(), crl(1, root())),
    )


def vri_key(data: bytes, which: int = 0) -> bytes:
    """Return a VRI entry's name: the SHA-1 of /Contents, zeros and all."""
    return hashlib.sha1(cms_of(data, which), usedforsecurity=False).hexdigest().upper().encode()


def store_objects(pdf: Pdf, store: Store, *, reference: bool = True) -> dict[int, bytes]:
    """Return the objects of a store, the catalogue among them."""
    number = pdf.size
    objects: dict[int, bytes] = {}
    lists: list[bytes] = []
    held: dict[str, list[bytes]] = {}
    for key, items in (
        ("Certs", store.certificates), ("OCSPs", store.ocsps), ("CRLs", store.crls)
    ):  # fmt: skip
        numbers = []
        for item in items:
            number += 1
            objects[number] = stream(item, packed=store.packed)
            numbers.append(ref(number))
        held[key] = numbers
        if items:
            lists.append(b"/%s [%s]" % (key.encode(), b" ".join(numbers)))
    vri = b""
    if store.vri != "none":
        inside = b""
        if store.vri == "full":
            inside = b"/Cert [%s] /OCSP [%s] /CRL [%s]" % tuple(
                b" ".join(held[key]) for key in ("Certs", "OCSPs", "CRLs")
            )
        vri = b"/VRI << /%s << %s >> >>" % (vri_key(pdf.data), inside)
    body = b"<< /Type /DSS %s %s %s >>" % (b" ".join(lists), vri, store.extra)
    held_before = pdf.of(pdf.root).get("/DSS")
    if held_before is not None and is_reference(held_before):
        return {**objects, referred(held_before): body}
    if reference:
        objects[pdf.size] = body
        body = ref(pdf.size)
    objects[pdf.root] = edited(pdf.objects[pdf.root], {"/DSS": body})
    return objects


def store_number(pdf: Pdf) -> int:
    """Return the number under which `store_objects` writes the store's dictionary."""
    held = pdf.of(pdf.root).get("/DSS")
    return referred(held) if held is not None and is_reference(held) else pdf.size


def with_store(pdf: Pdf, store: Store | None = None, section: Section = PLAIN) -> Pdf:
    """Add a store in one update."""
    return pdf.update(store_objects(pdf, store or usual()), section)
