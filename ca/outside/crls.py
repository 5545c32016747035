"""CRLs of CAs that are not ours: fetched, judged and kept, so that documents can carry them."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ca.errors import ExchangeError, SealRevokedError, StaleValidationDataError
from ca.issuers import IssuerRecord
from ca.ledger import Ledger, SignedCrl
from ca.outside import messages
from ca.outside.adoption_crl import CLOCK_TOLERANCE
from ca.outside.exchange import refused
from ca.outside.path import crl_addresses, distribution_points
from ca.outside.rules import is_ca
from ca.profiles.describe import describe_name
from core.clock import Clock
from core.errors import UnreachableError
from core.ids import IssuerId
from core.text import Text

REFRESH_EVERY: Final = timedelta(hours=6)
"""How old a CRL of others may be before it is fetched again, where it holds longer."""

Fetch = Callable[[str], bytes]
"""Returns what an address answers; raises `UnreachableError`."""


@dataclass(frozen=True, slots=True)
class OutsideLink:
    """A certificate and the CA outside whose CRL speaks of it."""

    certificate: x509.Certificate
    issuer: x509.Certificate

    @property
    def crl_id(self) -> IssuerId:
        """Under which the ledger keeps the CRLs that speak of the certificate.

        A CA may publish several lists (shards, user and CA certificates apart), so they are kept
        by the CA's key and the certificate's distribution points.
        """
        points = sorted(str(name.value) for name in distribution_points(self.certificate))
        if not points:
            return outside_id(self.issuer)
        told = hashlib.sha256("\n".join(points).encode()).hexdigest()[:16]
        return IssuerId(f"{outside_id(self.issuer)}-{told}")


@dataclass(frozen=True, slots=True)
class JudgedCrls:
    """CRLs of a path, judged and not recorded yet."""

    found: tuple[SignedCrl, ...]
    unreachable: UnreachableError | None
    """Why one of them could not be had."""


def outside_id(certificate: x509.Certificate) -> IssuerId:
    """Return the id under which a CA outside is known: by its key, whatever it is called."""
    spki = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return IssuerId(f"outside-{hashlib.sha256(spki).hexdigest()[:24]}")


def links(path: Sequence[bytes]) -> list[OutsideLink]:
    """Return each certificate (DER) of a path with who issued it, but the anchor."""
    certificates = [x509.load_der_x509_certificate(one) for one in path]
    return [OutsideLink(*pair) for pair in pairwise(certificates)]


def outside_paths(ledger: Ledger) -> Iterator[tuple[bytes, ...]]:
    """Yield the paths of all CAs that are ours below others', or others' altogether."""
    for record in ledger.list_issuers():
        if path := outside_path(record):
            yield path
    for ca in ledger.list_outside_cas():
        yield ca.path


def outside_path(record: IssuerRecord) -> tuple[bytes, ...]:
    """Return the path of a CA of ours that somebody else certified; empty where we did."""
    if record.parent is not None or record.certificate is None or not record.chain:
        return ()
    return (record.certificate, *record.chain)


class OutsideCrls:
    """The CRLs of CAs outside in a ledger."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock

    def take(self, der: bytes) -> IssuerId | None:
        """Keep a CRL (DER or PEM) of a CA outside on record for the certificates that it speaks of.

        Returns under which id the first is kept; None if nothing is new. Raises `ExchangeError`.
        """
        crl = load_crl(der)
        signed = [link for link in self._by_id() if _signed(crl, link.issuer)]
        if not signed:
            raise _not_in_chain(crl)
        covered = [link for link in signed if _why_silent(crl, link.certificate) is None]
        if not covered:
            _check_scope(crl, signed[0].certificate)
        judged = [one for link in covered if (one := self._judge(link, crl)) is not None]
        self.record(judged)
        return judged[0].issuer if judged else None

    def refresh(self, fetch: Fetch, *, force: bool = False) -> list[IssuerId]:
        """Fetch what is missing, old or about to end; return whose CRLs are new.

        Raises `UnreachableError` or `ExchangeError` once all were tried, if one could not be had.
        """
        fresh: list[IssuerId] = []
        failed: UnreachableError | ExchangeError | None = None
        for link in self._by_id():
            try:
                taken = self.fetch(link, fetch, force=force)
            except (UnreachableError, ExchangeError) as error:
                failed = failed or error
                continue
            if taken is not None:
                fresh.append(taken)
        if failed is not None:
            raise failed
        return fresh

    def fetch(self, link: OutsideLink, fetch: Fetch, *, force: bool = False) -> IssuerId | None:
        """Fetch the CRL that speaks of one certificate, if it is due; return whose is new.

        Raises `UnreachableError`, `ExchangeError`.
        """
        if not force and not self._is_due(link):
            return None
        judged = self._judge(link, load_crl(_fetch_any(link, fetch)))
        self.record([] if judged is None else [judged])
        return None if judged is None else judged.issuer

    def judge_path(self, path: Sequence[bytes], fetch: Fetch) -> JudgedCrls:
        """Judge the CRLs of a path (DER) that is about to be recorded; record nothing.

        Raises `ExchangeError` for a CRL that is not accepted, or that revokes a certificate.
        """
        found, unreachable = [], None
        for link in links(path):
            try:
                crl = load_crl(_fetch_any(link, fetch))
            except UnreachableError as error:
                unreachable = error
                continue
            judged = self._judge(link, crl)
            if crl.get_revoked_certificate_by_serial_number(link.certificate.serial_number):
                name = describe_name(link.certificate.subject)
                raise refused(messages.certificate_revoked(name))
            if judged is not None:
                found.append(judged)
        return JudgedCrls(tuple(found), unreachable)

    def record(self, judged: Sequence[SignedCrl]) -> None:
        """Keep CRLs that were judged."""
        for one in judged:
            self._ledger.record_crl(one, self._clock.now())

    def current(self, link: OutsideLink) -> bytes:
        """Return the CRL (DER) that speaks of a certificate now.

        Raises `StaleValidationDataError` without one that holds, `SealRevokedError` if it revokes
        the certificate.
        """
        der = self._ledger.latest_crl(link.crl_id)
        crl = None if der is None else x509.load_der_x509_crl(der)
        name = describe_name(link.issuer.subject)
        if der is None or crl is None or not _holds(crl, self._clock.now()):
            raise StaleValidationDataError(messages.no_current_crl(name))
        if crl.get_revoked_certificate_by_serial_number(link.certificate.serial_number):
            revoked = describe_name(link.certificate.subject)
            raise SealRevokedError(
                messages.certificate_revoked_by_issuer(subject=revoked, issuer=name)
            )
        return der

    def _by_id(self) -> list[OutsideLink]:
        """One certificate for each list that is wanted."""
        found = (link for path in outside_paths(self._ledger) for link in links(path))
        return list({link.crl_id: link for link in found}.values())

    def _is_due(self, link: OutsideLink) -> bool:
        der = self._ledger.latest_crl(link.crl_id)
        if der is None:
            return True
        crl, now = x509.load_der_x509_crl(der), self._clock.now()
        if crl.next_update_utc is None:
            return True
        half = (crl.next_update_utc - crl.last_update_utc) / 2
        return now >= crl.last_update_utc + min(REFRESH_EVERY, half)

    def _judge(self, link: OutsideLink, crl: x509.CertificateRevocationList) -> SignedCrl | None:
        """Return the CRL to record; None if it is kept already. Raises `ExchangeError`."""
        if not _signed(crl, link.issuer):
            raise _not_in_chain(crl)
        der = crl.public_bytes(Encoding.DER)
        known = self._ledger.find_crl(link.crl_id)
        if known is not None and known.crl == der:
            return None
        _check_scope(crl, link.certificate)
        now = self._clock.now()
        if not _holds(crl, now):
            raise refused(messages.CRL_OUT_OF_PERIOD)
        number = _number(crl)
        if known is not None:
            before = x509.load_der_x509_crl(known.crl).last_update_utc
            if number <= known.number or crl.last_update_utc < before:
                raise refused(messages.KNOWN_CRL_NEWER)
        return SignedCrl(link.crl_id, 0, number, der, 0)


def load_crl(data: bytes) -> x509.CertificateRevocationList:
    """Read a CRL: DER, or PEM, which some CAs publish all the same. Raises `ExchangeError`."""
    load = x509.load_pem_x509_crl if b"-----BEGIN" in data[:1024] else x509.load_der_x509_crl
    try:
        crl = load(data)
        list(crl.extensions)
    except (ValueError, x509.DuplicateExtension) as error:
        raise refused(messages.CONTENT_NOT_CRL) from error
    return crl


def _signed(crl: x509.CertificateRevocationList, issuer: x509.Certificate) -> bool:
    key = issuer.public_key()
    return crl.issuer == issuer.subject and crl.is_signature_valid(key)  # type: ignore[arg-type]


def _not_in_chain(crl: x509.CertificateRevocationList) -> ExchangeError:
    name = describe_name(crl.issuer)
    return refused(messages.crl_signer_not_in_chain(name))


def _fetch_any(link: OutsideLink, fetch: Fetch) -> bytes:
    failed: UnreachableError | None = None
    for address in crl_addresses(link.certificate):
        try:
            return fetch(address)
        except UnreachableError as error:
            failed = error
    if failed is not None:
        raise failed
    name = describe_name(link.certificate.subject)
    raise UnreachableError(messages.no_http_crl_address(name))


def _holds(crl: x509.CertificateRevocationList, now: datetime) -> bool:
    return (
        crl.next_update_utc is not None
        and crl.last_update_utc <= now + CLOCK_TOLERANCE
        and now < crl.next_update_utc
    )


def _number(crl: x509.CertificateRevocationList) -> int:
    """CRLNumber; of a CA that gives none, the second of thisUpdate."""
    try:
        return crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
    except x509.ExtensionNotFound:
        return int(crl.last_update_utc.timestamp())


def _check_scope(crl: x509.CertificateRevocationList, certificate: x509.Certificate) -> None:
    """Raise `ExchangeError` unless a list speaks of this certificate, for every reason."""
    why = _why_silent(crl, certificate)
    if why is not None:
        raise refused(why)


def _why_silent(crl: x509.CertificateRevocationList, certificate: x509.Certificate) -> Text | None:
    """Return why a list may be silent of a revoked certificate (RFC 5280 5.2.5, 6.3.3 b), if so."""
    for extension in crl.extensions:
        value = extension.value
        if isinstance(value, x509.IssuingDistributionPoint):
            if not _is_in_scope(value, certificate):
                name = describe_name(certificate.subject)
                return messages.crl_scope_lacks_certificate(name)
        elif extension.critical or isinstance(value, x509.DeltaCRLIndicator):
            return messages.CRL_CRITICAL_EXTENSION_UNKNOWN
    return None


def _is_in_scope(point: x509.IssuingDistributionPoint, certificate: x509.Certificate) -> bool:
    if point.only_contains_attribute_certs or point.indirect_crl or point.only_some_reasons:
        return False
    if point.only_contains_user_certs and is_ca(certificate):
        return False
    if point.only_contains_ca_certs and not is_ca(certificate):
        return False
    if point.relative_name is not None:  # relative to the CRL's issuer: nobody is known to use it
        return False
    return point.full_name is None or any(
        name in point.full_name for name in distribution_points(certificate)
    )
