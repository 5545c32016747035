"""A person's signature over a prepared page, from the page's very bytes: no PDF parser, no server.

Who holds the key must see what they sign. So the client takes the prepared page alone, shows it,
digests it here and makes the signed attributes itself; of the server it takes no digest. What a
key signs here is always a SET OF three attributes over a whole page that has one empty signature,
and nothing that means anything elsewhere.
"""

import hashlib
from dataclasses import dataclass

from ca.encoding.reading import DerError
from keys.algorithms import algorithm_of
from signing.errors import NoPersonError, PersonSignatureError, UnsuitablePageError
from signing.seal_check.cms import DATA, Cms, UnsupportedCmsError, read_cms, verify
from signing.seal_check.dictionary_form import AFTER_STRING, BEFORE_STRING, END, MARK, RANGE
from signing.seal_check.path import UnreadableCertificateError, read_certificate
from signing.sealing import messages
from signing.sealing.cms import CmsForm

_FIELD = b"/T (Officer)"
_EOF = b"%%EOF"


@dataclass(frozen=True, slots=True)
class SignaturePage:
    """A page of one revision with one signature, whose place may be empty yet."""

    pdf: bytes
    start: int
    """Of the string of /Contents, with its brackets."""
    stop: int

    @property
    def room(self) -> int:
        """Octets of the longest CMS that fits."""
        return (self.stop - self.start - 2) // 2

    @property
    def contents(self) -> bytes:
        """Octets in the signature's place, zeros and all."""
        return bytes.fromhex(self.pdf[self.start + 1 : self.stop - 1].decode("ascii"))

    def digest(self, name: str) -> bytes:
        """Return the digest of all but the signature's place."""
        running = hashlib.new(name, memoryview(self.pdf)[: self.start])
        running.update(memoryview(self.pdf)[self.stop :])
        return running.digest()

    def with_contents(self, cms: bytes) -> bytes:
        """Return the page with a CMS in its place. Raises `UnsuitablePageError`: it is too long."""
        digits = cms.hex().encode().ljust(2 * self.room, b"0")
        if len(digits) != self.stop - self.start - 2:
            raise _refused("no room for the signature")
        return self.pdf[: self.start + 1] + digits + self.pdf[self.stop - 1 :]

    def emptied(self) -> bytes:
        """Return the page as it was before it was signed."""
        return self.with_contents(b"")


def read_page(pdf: bytes) -> SignaturePage:
    """Find the one signature of a page that our server prepared. Raises `UnsuitablePageError`.

    It covers the whole file but its own place; there is no second revision and no other signature.
    """
    if pdf.count(MARK) != 1 or pdf.count(_FIELD) != 1:
        raise _refused("it has not one signature field of an officer")
    if pdf.count(_EOF) != 1 or not pdf.endswith(END) or not pdf.startswith(b"%PDF-"):
        raise _refused("it is not of one revision")
    at = pdf.find(MARK)
    match = RANGE.match(pdf, at)
    if match is None or match[4] is None:
        raise _refused("its signature is of another form")
    start, stop, rest = (int(match[n]) for n in (1, 2, 3))
    own = (
        stop == at - 1
        and pdf.endswith(BEFORE_STRING, 0, start + 1)
        and pdf.startswith(AFTER_STRING, stop - 1)
    )
    digits = pdf[start + 1 : stop - 1]
    if not own or stop + rest != len(pdf) or digits.translate(None, b"0123456789abcdefABCDEF"):
        raise _refused("its signature does not cover it")
    if len(digits) % 2:
        raise _refused("its signature is of another form")
    return SignaturePage(pdf, start, stop)


def read_empty_page(pdf: bytes) -> SignaturePage:
    """Return a page that waits for its signature. Raises `UnsuitablePageError`."""
    page = read_page(pdf)
    if page.contents.strip(b"\0"):
        raise _refused("it is signed already")
    return page


def form_of(certificate: bytes, *chain: bytes) -> CmsForm:
    """Return the CMS of a person's signatures. Raises `NoPersonError`."""
    try:
        facts = read_certificate(certificate)
    except UnreadableCertificateError as error:
        raise NoPersonError(messages.NOT_A_PERSONS_CERTIFICATE) from error
    if not facts.signs:
        raise NoPersonError(messages.NOT_A_PERSONS_CERTIFICATE)
    return CmsForm(algorithm_of(facts.key), certificate, chain)


def to_be_signed(pdf: bytes, certificate: bytes) -> bytes:
    """Return the octets that the key of a person's certificate (DER) signs for a prepared page.

    Raises `UnsuitablePageError`, `NoPersonError`.
    """
    page, form = read_empty_page(pdf), form_of(certificate)
    return form.to_be_signed(page.digest(form.digest_name))


def verify_signed_page(pdf: bytes, certificate: bytes) -> Cms:
    """Return the CMS of a page that the key of this certificate (DER) signed.

    Raises `UnsuitablePageError`, `PersonSignatureError`.
    """
    page = read_page(pdf)
    try:
        cms = read_cms(page.contents, DATA)
        holds = (
            cms.content is None
            and cms.certificate == certificate
            and cms.message_digest == page.digest(cms.digest_name)
            and read_certificate(certificate).signs
            and verify(cms, read_certificate(certificate).key)
        )
    except (DerError, UnsupportedCmsError, UnreadableCertificateError) as error:
        raise PersonSignatureError(messages.PERSON_SIGNATURE_MISMATCH) from error
    if not holds:
        raise PersonSignatureError(messages.PERSON_SIGNATURE_MISMATCH)
    return cms


def common_name_of(certificate: bytes) -> str:
    """Return a person's name, as readers show it. Raises `UnreadableCertificateError`."""
    return read_certificate(certificate).common_name


def _refused(why: str) -> UnsuitablePageError:
    return UnsuitablePageError(messages.page_not_to_be_signed(why))
