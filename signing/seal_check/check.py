"""A seal of ours checked over a file's very bytes: no PDF parser, no record, no shared code.

1. The signature dictionaries stand as our sealer and archiver write them, the seal's and those
   after it, with no other /ByteRange among them.
2. The seal's range is everything up to its revision's end but the string of /Contents.
3. Its CMS is strict DER, and the signed messageDigest is that of the range.
4. The signature value holds under the certificate that signing-certificate-v2 names, a body's.
5. The signature timestamp, if there is one, is over that value, by a TSA under a root.
6. The certificate's path ends at a root *that is given*, valid at the time of signing.
7. What follows the seal's revision is archive revisions as we write them, each with a document
   timestamp over all before it.
8. A person's signature, and seals and document timestamps, in revisions before the last seal's
   hold in the same ways, the person's under a person's certificate. Each covers all before it.

`holds` speaks of 1 to 6, `complete` of all. What this cannot judge is left open, for the sandbox.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from ca.encoding.reading import DerError
from signing.algorithm_ends import AlgorithmSuite, suite_of
from signing.report import SignatureKind
from signing.seal_check.archive_form import explains
from signing.seal_check.cms import (
    DATA,
    TST_INFO,
    Cms,
    UnsupportedCmsError,
    instant_of,
    read_cms,
    read_stamp,
    verify,
)
from signing.seal_check.dictionary_form import AFTER_STRING, BEFORE_STRING, END, MARK, RANGE
from signing.seal_check.path import Path, UnreadableCertificateError, find_path, read_certificate

SEAL_FIELD, ARCHIVE_FIELD, PERSON_FIELD = "Seal", "Archive", "Officer"
"""As `signing.sealing.field` names them; that module is out of the public verifier's reach."""
MAX_SIGNATURES = 64
"""A seal and its document timestamps: renewed yearly, more than a century's dozens."""
_DSS = b"<< /Type /DSS "
_PERSONS = b"/T (" + PERSON_FIELD.encode() + b")"
_FIELD_NAME = re.compile(rb"/T \(((?:Seal|Taken)\d{0,2})\)")


@dataclass(frozen=True, slots=True)
class CheckedSignature:
    """A seal or document timestamp that holds, and what it rests on."""

    field: str
    kind: SignatureKind
    signer: str
    path: Path
    stamp: Path | None
    """Of the TSA of a seal's signature timestamp."""
    suite: AlgorithmSuite
    """The algorithms of the newest proof in it: of its timestamp, where there is one."""
    own_suite: AlgorithmSuite
    claimed_time: datetime | None
    best_time: datetime | None
    signed_digest: str
    covered_length: int


@dataclass(frozen=True, slots=True)
class SealCheck:
    """Result of the check."""

    holds: bool | None
    """The seal's signature holds over its revision, up to a given root; None: not judged."""
    why: str
    """A word for logs."""
    complete: bool = False
    """All that the file holds was judged and holds, and nothing unexplained follows the seal."""
    signatures: tuple[CheckedSignature, ...] = ()
    """In the order of the file, a person's before the seal; where the check is not complete, the
    seal alone."""
    length: int = 0
    """Of the file."""
    sealed_length: int = 0
    """What the seal covers, if all that follows is archive revisions by their bytes; else 0."""
    validation_data: bool = False
    """The seal covers a document security store."""


class Beginning:
    """The SHA-256 of a file up to its last signature: where its own and its seal's digest begin."""

    __slots__ = ("_begun", "_view", "at")

    def __init__(self, data: bytes) -> None:
        signed = data.rfind(MARK) >= 0  # `in` would search from the other end
        self.at = data.rfind(BEFORE_STRING) + len(BEFORE_STRING) - 1 if signed else 0
        self._view = memoryview(data)
        self._begun = hashlib.sha256(self._view[: self.at])

    def whole(self) -> str:
        """Return the SHA-256 of the file; lower-case hex."""
        running = self._begun.copy()
        running.update(self._view[self.at :])
        return running.hexdigest()

    def without(self, start: int, stop: int, end: int) -> bytes:
        """Return the SHA-256 of the file up to `end`, without what stands from `start` to `stop`.

        `start` is where the beginning ends, or later.
        """
        running = self._begun.copy()
        running.update(self._view[self.at : start])
        running.update(self._view[stop:end])
        return running.digest()


@dataclass(frozen=True, slots=True)
class _Dictionary:
    """A signature dictionary where it stands."""

    start: int
    """Of the string of /Contents, with its brackets."""
    stop: int
    end: int
    """Of the covered range."""
    is_seal: bool
    """A seal's or a person's; else a document timestamp's."""
    claimed: datetime | None


class _BrokenSealError(Exception):
    """The seal does not hold; the text says why."""


_UNSUPPORTED = (UnsupportedCmsError, UnreadableCertificateError)
_NOT_ACCEPTED = (_BrokenSealError, DerError, *_UNSUPPORTED)


def check_seal(
    data: bytes, roots: tuple[bytes, ...], beginning: Beginning | None = None
) -> SealCheck:
    """Check a file of ours against root certificates (DER). Never raises for what the bytes are.

    `beginning` is that of `data`, where the caller has digested it.
    """
    if not roots:
        return SealCheck(None, "no_roots")
    try:
        return _check(data, roots, beginning)
    except _BrokenSealError as error:
        return SealCheck(False, str(error))
    except DerError:
        return SealCheck(False, "malformed")


def signed_page_holds(page: bytes, roots: tuple[bytes, ...]) -> bool:
    """Tell whether a page that is to be sealed bears a person's signature that holds by itself.

    All of it: value, path to a root that is given, and its timestamp.
    """
    try:
        at = page.rfind(MARK)
        one = _dictionary(page, at) if at >= 0 else None
        if one is None or one.end != len(page) or page.count(MARK) != 1:
            return False
        return _check_person(page, one, roots).stamp is not None
    except _NOT_ACCEPTED:
        return False


def sealed_digest_of(data: bytes) -> str | None:
    """Return the messageDigest that a seal of ours states, whoever made it; lower-case hex."""
    try:
        found = _dictionaries(data)
        return None if not found else read_cms(_contents(data, found[0]), DATA).message_digest.hex()
    except _NOT_ACCEPTED:
        return None


def _check(data: bytes, roots: tuple[bytes, ...], beginning: Beginning | None) -> SealCheck:
    found = _dictionaries(data)
    if found is None:
        return SealCheck(None, "form")
    _refuse_other_coverage(data, found)
    sealed = found[0].end if explains(data, [one.end for one in found]) else 0
    try:
        seal, refused = _check_signer(
            data, found[0], roots, beginning, kind=SignatureKind.SEAL, field=SEAL_FIELD
        )
    except _UNSUPPORTED:
        return SealCheck(None, "unsupported", sealed_length=sealed)
    store = data.rfind(_DSS, 0, found[0].end) >= 0
    partly = SealCheck(True, "holds", False, (seal,), len(data), sealed, store)
    if refused or not sealed:
        return partly
    try:
        stamps = [
            _check_stamp(data, one, n, roots, beginning) for n, one in enumerate(found[1:], 1)
        ]
        earlier = _check_earlier(data, found[0], roots)
    except _NOT_ACCEPTED:
        return partly
    seal = replace(seal, field=_field_of(data, found[0]))
    return replace(partly, complete=True, signatures=(*earlier, seal, *stamps))


def _dictionaries(data: bytes) -> list[_Dictionary] | None:
    """Return the seal's dictionary and those after it; None where one is not of our form.

    From the end: what stands before the seal is what was sealed.
    """
    found: list[_Dictionary] = []
    at = data.rfind(MARK)
    while at >= 0:
        one = _dictionary(data, at)
        if one is None or len(found) == MAX_SIGNATURES:
            return None
        found.append(one)
        if one.is_seal:
            return found[::-1]
        at = data.rfind(MARK, 0, at)
    return None


def _dictionary(data: bytes, at: int) -> _Dictionary | None:
    """Return the dictionary around a /ByteRange; None where it is not of our form."""
    match = RANGE.match(data, at)
    if match is None:
        return None
    first, second, rest = (int(match[n]) for n in (1, 2, 3))
    own = (
        second == at - 1
        and data.endswith(BEFORE_STRING, 0, first + 1)
        and data.startswith(AFTER_STRING, second - 1)
    )
    if not own:
        raise _BrokenSealError("coverage")
    return _Dictionary(first, second, second + rest, match[4] is not None, _instant(match[5]))


def _instant(digits: bytes | None) -> datetime | None:
    if digits is None:
        return None
    try:
        return instant_of(digits)
    except ValueError:
        return None


def _refuse_other_coverage(data: bytes, found: list[_Dictionary]) -> None:
    """Each range ends a revision, each lies behind the one before, the last ends the file."""
    ends = [one.end for one in found]
    ordered = all(before.end <= after.start for before, after in pairwise(found))
    if ends[-1] != len(data) or not ordered:
        raise _BrokenSealError("coverage")
    if not all(data.endswith(END, 0, end) for end in ends):
        raise _BrokenSealError("coverage")


def _contents(data: bytes, one: _Dictionary) -> bytes:
    digits = data[one.start + 1 : one.stop - 1]
    try:
        decoded = bytes.fromhex(digits.decode("ascii"))
    except ValueError as error:
        raise _BrokenSealError("contents") from error
    if 2 * len(decoded) != len(digits):  # white space, which `fromhex` passes over
        raise _BrokenSealError("contents")
    return decoded


def _digest(data: bytes, one: _Dictionary, name: str, beginning: Beginning | None = None) -> bytes:
    if beginning is not None and name == "sha256" and beginning.at <= one.start:
        return beginning.without(one.start, one.stop, one.end)
    view = memoryview(data)
    running = hashlib.new(name, view[: one.start])
    running.update(view[one.stop : one.end])
    return running.digest()


def _check_signer(
    data: bytes,
    one: _Dictionary,
    roots: tuple[bytes, ...],
    beginning: Beginning | None = None,
    *,
    kind: SignatureKind,
    field: str,
) -> tuple[CheckedSignature, bool]:
    """Return the seal or signature, and whether it bears a timestamp that was not accepted."""
    cms = read_cms(_contents(data, one), DATA)
    if cms.content is not None:
        raise _BrokenSealError("not_detached")
    if cms.message_digest != _digest(data, one, cms.digest_name, beginning):
        raise _BrokenSealError("digest")
    certificate = read_certificate(cms.certificate)
    if not (certificate.seals if kind is SignatureKind.SEAL else certificate.signs):
        raise _BrokenSealError("not_a_seal")
    if not verify(cms, certificate.key):
        raise _BrokenSealError("signature")
    stamp = _signature_timestamp(cms, roots)
    at = one.claimed if stamp is None else stamp.best_time
    if at is None:
        raise UnsupportedCmsError("no time")
    path = find_path(certificate, cms.certificates, roots, at)
    if path is None:
        raise _BrokenSealError("untrusted")
    suite = suite_of(certificate.key, (cms.digest_name,))
    found = CheckedSignature(
        field=field,
        kind=kind,
        signer=certificate.common_name,
        path=path,
        stamp=None if stamp is None else stamp.path,
        suite=suite if stamp is None else stamp.suite,
        own_suite=suite,
        claimed_time=one.claimed,
        best_time=None if stamp is None else stamp.best_time,
        signed_digest=cms.message_digest.hex(),
        covered_length=one.end,
    )
    return found, stamp is None and cms.timestamp is not None


def _check_earlier(
    data: bytes, seal: _Dictionary, roots: tuple[bytes, ...]
) -> list[CheckedSignature]:
    """Return the signatures before the last seal, in the order of the file.

    Raises `_BrokenSealError` for whatever else of a signature stands there.
    """
    earlier = _before_seal(data, seal)
    checked: list[CheckedSignature] = []
    for one in earlier:
        if not one.is_seal:
            checked.append(_check_stamp(data, one, 1, roots))
            continue
        person = not read_certificate(read_cms(_contents(data, one), DATA).certificate).seals
        if person and (checked or one is not earlier[0]):
            raise _BrokenSealError("several")
        checked.append(
            _check_person(data, one, roots) if person else _check_countersealed(data, one, roots)
        )
    return checked


def _before_seal(data: bytes, seal: _Dictionary) -> list[_Dictionary]:
    """Return the dictionaries before the last seal's. Raises `_BrokenSealError`."""
    earlier: list[_Dictionary] = []
    behind = seal
    at = data.rfind(MARK, 0, seal.start)
    while at >= 0:
        one = _dictionary(data, at)
        if one is None or one.end > behind.start or not data.endswith(END, 0, one.end):
            raise _BrokenSealError("coverage")
        if len(earlier) == MAX_SIGNATURES:
            raise _BrokenSealError("several")
        earlier.append(one)
        behind = one
        at = data.rfind(MARK, 0, one.start)
    return earlier[::-1]


def _check_countersealed(
    data: bytes, one: _Dictionary, roots: tuple[bytes, ...]
) -> CheckedSignature:
    """Check a seal that others signed after."""
    begun = max(data.rfind(END, 0, one.start), 0)
    if data.find(_PERSONS, begun, one.end) >= 0:
        raise _BrokenSealError("not_a_person")
    kind, field = SignatureKind.SEAL, _field_of(data, one)
    found, refused = _check_signer(data, one, roots, kind=kind, field=field)
    if refused:
        raise _BrokenSealError("timestamp")
    return found


def _field_of(data: bytes, one: _Dictionary) -> str:
    """Return the name of a seal's field: of the one that its revision wrote; else the first."""
    begun = data.rfind(END, 0, one.start)
    named = _FIELD_NAME.findall(data, max(begun, 0), one.end) if begun >= 0 else []
    return named[0].decode("ascii") if len(set(named)) == 1 else SEAL_FIELD


def _check_person(data: bytes, one: _Dictionary, roots: tuple[bytes, ...]) -> CheckedSignature:
    kind = SignatureKind.SIGNATURE
    found, refused = _check_signer(data, one, roots, kind=kind, field=PERSON_FIELD)
    if refused:
        raise _BrokenSealError("timestamp")
    return found


def _signature_timestamp(cms: Cms, roots: tuple[bytes, ...]) -> CheckedSignature | None:
    """Return the timestamp over the signature value; None where there is none that holds."""
    if cms.timestamp is None:
        return None
    try:
        return _token(cms.timestamp, lambda name: hashlib.new(name, cms.signature).digest(), roots)
    except _NOT_ACCEPTED:
        return None  # it proves nothing (EN 319 102-1 5.5.4); the sandbox says what is wrong


def _check_stamp(
    data: bytes,
    one: _Dictionary,
    number: int,
    roots: tuple[bytes, ...],
    beginning: Beginning | None = None,
) -> CheckedSignature:
    """Check a document timestamp."""
    found = _token(_contents(data, one), lambda name: _digest(data, one, name, beginning), roots)
    field = ARCHIVE_FIELD if number == 1 else f"{ARCHIVE_FIELD}{number}"
    return replace(found, field=field, covered_length=one.end)


def _token(
    encoded: bytes, digest_of: Callable[[str], bytes], roots: tuple[bytes, ...]
) -> CheckedSignature:
    """Check a timestamp token (RFC 3161 2.4.2) over what `digest_of` digests."""
    cms = read_cms(encoded, TST_INFO)
    if cms.content is None:
        raise _BrokenSealError("timestamp")
    if hashlib.new(cms.digest_name, cms.content).digest() != cms.message_digest:
        raise _BrokenSealError("timestamp")
    stamp = read_stamp(cms.content)
    if stamp.imprint != digest_of(stamp.digest_name):
        raise _BrokenSealError("timestamp")
    certificate = read_certificate(cms.certificate)
    if not certificate.stamps_time or not verify(cms, certificate.key):
        raise _BrokenSealError("timestamp")
    path = find_path(certificate, cms.certificates, roots, stamp.at)
    if path is None:
        raise _BrokenSealError("timestamp")
    suite = suite_of(certificate.key, (cms.digest_name, stamp.digest_name))
    return CheckedSignature(
        field="",
        kind=SignatureKind.TIMESTAMP,
        signer=certificate.common_name,
        path=path,
        stamp=None,
        suite=suite,
        own_suite=suite,
        claimed_time=None,
        best_time=stamp.at,
        signed_digest=cms.message_digest.hex(),
        covered_length=0,
    )
