"""Signing in person at a server: what the officer's own machine sees to before its key is used.

1. The page is taken from the server, and shown: it is in a file before anything is signed.
2. Its digest and the signed attributes are made here, from those bytes and the officer's own
   certificate. What the server says is to be signed is only compared: a server, or whoever holds
   the session, that asks for a signature over anything else gets none.
3. The key signs; the value alone goes back.
"""

import base64
import binascii
from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from cli.remote import messages
from core.errors import UsageError, XinyinError
from core.text import Text
from keys.model import Signer
from signing.sealing.person_form import to_be_signed

MOST_OCTETS: Final = 8 * 1024 * 1024
"""Of a page; those with a photo take some 300 KiB."""


class NotThePageError(XinyinError):
    """The server asks for a signature over something else than the page that it sent."""

    code = "not_the_page"


@dataclass(frozen=True, slots=True)
class PageToSign:
    """A page, and what the key signs for it."""

    identifier: str
    pdf: bytes
    octets: bytes


def read_certificate_file(content: bytes) -> bytes:
    """Return a certificate (DER) from a file in DER or PEM. Raises `UsageError`."""
    try:
        if content.lstrip().startswith(b"-----BEGIN"):
            found = x509.load_pem_x509_certificate(content)
        else:
            found = x509.load_der_x509_certificate(content)
    except ValueError as error:
        raise UsageError(messages.CERTIFICATE_UNREADABLE) from error
    return found.public_bytes(Encoding.DER)


def read_page(told: dict[str, object], certificate: bytes) -> PageToSign:
    """Return the page that a server handed out, with the octets that were made of it here.

    Raises `NotThePageError`, `UnsuitablePageError`, `NoPersonError`.
    """
    pdf, theirs = _octets(told, "document"), _octets(told, "to_be_signed")
    identifier = str(told.get("identifier", ""))
    if len(pdf) > MOST_OCTETS or not identifier or identifier.encode() not in pdf:
        raise NotThePageError(messages.NOT_THE_PAGE)
    octets = to_be_signed(pdf, certificate)
    if octets != theirs:
        raise NotThePageError(messages.NOT_THE_PAGE)
    return PageToSign(identifier, pdf, octets)


def refuse_other_key(signer: Signer, certificate: bytes) -> None:
    """See that the certificate is the key's, before anything is asked. Raises `UsageError`."""
    if x509.load_der_x509_certificate(certificate).public_key() != signer.public_key:
        raise UsageError(messages.KEY_OF_ANOTHER_CERTIFICATE)


def question(page: PageToSign, place: str) -> Text:
    """Ask whether the officer read what they are to sign."""
    return messages.sign_page(identifier=page.identifier, place=place)


def _octets(told: dict[str, object], key: str) -> bytes:
    try:
        return base64.b64decode(str(told[key]), validate=True)
    except (KeyError, binascii.Error, ValueError) as error:
        raise NotThePageError(messages.NOT_THE_PAGE) from error
