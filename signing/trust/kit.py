"""Trust kit: our roots in the forms that readers import, with fingerprints to compare on paper.

    root.pem, root.cer              the certificate; root-2.cer and so on where there are several
    root.p7c                        all of them, certificates alone (RFC 5652 5.1)
    root.acrobatsecuritysettings    for Acrobat: trusted as roots, for certified documents too
    fingerprints.txt                what to compare by another way

Adobe's file is a PDF with an attached SecuritySettings.xml, laid out as in the trust list that
Adobe itself distributes. Nothing in it could be tried in Acrobat here; root.cer is what every
version imports.
"""

import base64
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import serialize_certificates

from core.text import Text
from signing.names_shown import shown_name

ACROBAT = "root.acrobatsecuritysettings"
_GROUP = 4


@dataclass(frozen=True, slots=True)
class RootFacts:
    """Facts of a root that are compared by eye."""

    name: str
    not_before: datetime
    not_after: datetime
    sha256: str
    """Upper-case hex in groups of four, as it is read aloud."""
    sha1: str
    """Shown by Acrobat and Windows beside a certificate; never the only thing compared."""


def facts_of(roots: Iterable[bytes]) -> list[RootFacts]:
    """Return the facts by which each root is recognised."""
    return [_facts(der) for der in roots]


def _facts(der: bytes) -> RootFacts:
    certificate = x509.load_der_x509_certificate(der)
    return RootFacts(
        name=shown_name(der),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        sha256=_grouped(certificate.fingerprint(hashes.SHA256())),
        sha1=_grouped(hashlib.sha1(der, usedforsecurity=False).digest()),
    )


def root_files(roots: tuple[bytes, ...], published_at: str) -> dict[str, bytes]:
    """Return the kit's files by name; `published_at` is the address to compare with."""
    certificates = [x509.load_der_x509_certificate(der) for der in roots]
    files = {"root.pem": b"".join(one.public_bytes(Encoding.PEM) for one in certificates)}
    for number, der in enumerate(roots, 1):
        files["root.cer" if number == 1 else f"root-{number}.cer"] = der
    if certificates:
        files["root.p7c"] = serialize_certificates(certificates, Encoding.DER)
        files[ACROBAT] = acrobat_settings(roots)
    files["fingerprints.txt"] = fingerprints(roots, published_at)
    return files


INTRODUCTION = Text(
    "以下是本平台根证书的指纹。请与您从其他渠道（公告、公文、电话）得到的指纹逐组比对，"
    "一致才可信任；不要只凭本文件。",
    "These are the fingerprints of our root certificates. Compare them, group by group, with those "
    "that you have by another way (a notice, an official letter, a telephone call), and trust the "
    "certificates only if they agree; not by this sheet alone.",
)


def fingerprints(roots: Iterable[bytes], published_at: str) -> bytes:
    """Return the sheet as text, in Chinese and English."""
    lines = ["根证书指纹 · Fingerprints of our root certificates", ""]
    lines += [INTRODUCTION.zh, INTRODUCTION.en, "", published_at, ""]
    for root in facts_of(roots):
        lines += [
            root.name,
            f"  有效期 Valid: {root.not_before:%Y-%m-%d} – {root.not_after:%Y-%m-%d}",
            "  SHA-256:",
            *(f"    {part}" for part in in_lines(root.sha256)),
            "  SHA-1 (Acrobat, Windows):",
            *(f"    {part}" for part in in_lines(root.sha1)),
            "",
        ]
    return "\n".join(lines).encode()


def in_lines(fingerprint: str, groups_a_line: int = 8) -> Iterator[str]:
    """Yield a grouped fingerprint line by line."""
    groups = fingerprint.split(" ")
    for start in range(0, len(groups), groups_a_line):
        yield " ".join(groups[start : start + groups_a_line])


def _grouped(digest: bytes) -> str:
    text = digest.hex().upper()
    return " ".join(text[i : i + _GROUP] for i in range(0, len(text), _GROUP))


def acrobat_settings(roots: Iterable[bytes]) -> bytes:
    """Return a file of Acrobat security settings that adds the roots to its trusted identities."""
    identities = "".join(
        "<Identity><ImportAction>1</ImportAction>"
        f"<Certificate>{base64.b64encode(der).decode()}</Certificate>"
        "<Trust><Root>1</Root><CertifiedDocuments>1</CertifiedDocuments></Trust>"
        f"<Identification><Source>{escape(shown_name(der))}</Source></Identification></Identity>"
        for der in roots
    )
    settings = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<SecuritySettings><TrustedIdentities>'
        f"{identities}</TrustedIdentities></SecuritySettings>\n"
    )
    return _pdf_with(settings.encode(), "SecuritySettings.xml")


def _pdf_with(attachment: bytes, name: str) -> bytes:
    """Return a PDF of one page with one attachment (ISO 32000-1 7.11.4)."""
    page = b"BT /F1 14 Tf 72 720 Td (Acrobat security settings: open this file in Acrobat.) Tj ET"
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R /Names << /EmbeddedFiles << /Names [(%b) 6 0 R] >> >> >>"
        % name.encode(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
            b"/Resources << /Font << /F1 5 0 R >> >> >>"
        ),
        _stream(b"", page),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Type /Filespec /F (%b) /UF (%b) /EF << /F 7 0 R >> >>"
        % (name.encode(), name.encode()),
        _stream(b"/Type /EmbeddedFile /Subtype /text#2Fxml ", attachment),
    ]
    out, offsets = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), []
    for number, body in enumerate(bodies, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start, size = len(out), len(bodies) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n" % size
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    identifier = hashlib.sha256(attachment).hexdigest()[:32].encode()
    out += b"trailer\n<< /Size %d /Root 1 0 R /ID [<%b> <%b>] >>\n" % (size, identifier, identifier)
    out += b"startxref\n%d\n%%%%EOF\n" % start
    return bytes(out)


def _stream(entries: bytes, data: bytes) -> bytes:
    return b"<< %b/Length %d >>\nstream\n%b\nendstream" % (entries, len(data), data)
