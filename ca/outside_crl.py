"""CRLs of CAs that are not ours: fetched, judged and kept, so that documents can carry them."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ca.adoption_crl import CLOCK_TOLERANCE
from ca.describe import describe_name
from ca.errors import ExchangeError, SealRevokedError, StaleValidationDataError
from ca.exchange import refused
from ca.issuers import IssuerRecord
from ca.ledger import Ledger, SignedCrl
from ca.outside_path import crl_addresses
from core.clock import Clock
from core.errors import UnreachableError
from core.ids import IssuerId

REFRESH_EVERY: Final = timedelta(hours=6)
"""How old a CRL of others may be before it is fetched again, where it holds longer."""

Fetch = Callable[[str], bytes]
"""Returns what an address answers; raises `UnreachableError`."""


@dataclass(frozen=True, slots=True)
class Link:
    """A certificate and the CA outside whose CRL speaks of it."""

    certificate: x509.Certificate
    issuer: x509.Certificate

    @property
    def crl_id(self) -> IssuerId:
        """Under which the ledger keeps that CA's CRLs."""
        return outside_id(self.issuer)


def outside_id(certificate: x509.Certificate) -> IssuerId:
    """Return the id under which a CA outside is known: by its key, whatever it is called."""
    spki = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return IssuerId(f"outside-{hashlib.sha256(spki).hexdigest()[:24]}")


def links(path: Sequence[bytes]) -> list[Link]:
    """Return each certificate (DER) of a path with who issued it, but the anchor."""
    certificates = [x509.load_der_x509_certificate(one) for one in path]
    return [Link(*pair) for pair in pairwise(certificates)]


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
        """Keep a CRL (DER) of a CA outside that is on record; None if it is kept already.

        Raises `ExchangeError`.
        """
        crl = _load(der)
        for link in self._links():
            if _signed(crl, link.issuer):
                return self._keep(link, crl, der)
        raise _not_in_chain(crl)

    def refresh(self, fetch: Fetch, *, force: bool = False) -> list[IssuerId]:
        """Fetch what is missing, old or about to end; return whose CRLs are new.

        Raises `UnreachableError` once all were tried, if one could not be had.
        """
        fresh, failed = [], None
        for link in {one.crl_id: one for one in self._links()}.values():
            try:
                taken = self.fetch(link, fetch, force=force)
            except UnreachableError as error:
                failed = error
                continue
            if taken is not None:
                fresh.append(taken)
        if failed is not None:
            raise failed
        return fresh

    def fetch(self, link: Link, fetch: Fetch, *, force: bool = False) -> IssuerId | None:
        """Fetch the CRL that speaks of one certificate, if it is due; return whose is new.

        Raises `UnreachableError`, `ExchangeError`.
        """
        if not force and not self._is_due(link):
            return None
        der = _fetch_any(link, fetch)
        crl = _load(der)
        if not _signed(crl, link.issuer):
            raise _not_in_chain(crl)
        return self._keep(link, crl, der)

    def current(self, link: Link) -> bytes:
        """Return the CRL (DER) that speaks of a certificate now.

        Raises `StaleValidationDataError` without one that holds, `SealRevokedError` if it revokes
        the certificate.
        """
        der = self._ledger.latest_crl(link.crl_id)
        crl = None if der is None else x509.load_der_x509_crl(der)
        name = describe_name(link.issuer.subject)
        if der is None or crl is None or not _holds(crl, self._clock.now()):
            raise StaleValidationDataError(
                f"没有“{name}”现行的吊销列表。请执行 xinyin ca fetch-crls。",
                f"There is no CRL of “{name}” that holds now. Run xinyin ca fetch-crls.",
            )
        if crl.get_revoked_certificate_by_serial_number(link.certificate.serial_number):
            revoked = describe_name(link.certificate.subject)
            raise SealRevokedError(
                f"“{revoked}”的证书已被“{name}”吊销，不能再用。",
                f"The certificate of “{revoked}” was revoked by “{name}” and may not be used.",
            )
        return der

    def _links(self) -> Iterator[Link]:
        for path in outside_paths(self._ledger):
            yield from links(path)

    def _is_due(self, link: Link) -> bool:
        der = self._ledger.latest_crl(link.crl_id)
        if der is None:
            return True
        crl, now = x509.load_der_x509_crl(der), self._clock.now()
        if crl.next_update_utc is None:
            return True
        half = (crl.next_update_utc - crl.last_update_utc) / 2
        return now >= crl.last_update_utc + min(REFRESH_EVERY, half)

    def _keep(self, link: Link, crl: x509.CertificateRevocationList, der: bytes) -> IssuerId | None:
        known = self._ledger.find_crl(link.crl_id)
        if known is not None and known.crl == der:
            return None
        _check_scope(crl)
        now = self._clock.now()
        if not _holds(crl, now):
            raise refused("吊销列表已过期或日期在将来", "the CRL has ended, or is of the future")
        number = _number(crl)
        if known is not None:
            before = x509.load_der_x509_crl(known.crl).last_update_utc
            if number <= known.number or crl.last_update_utc < before:
                raise refused("吊销列表比已有的旧", "the CRL is older than the one that is known")
        self._ledger.record_crl(SignedCrl(link.crl_id, 0, number, der, 0), now)
        return link.crl_id


def _load(der: bytes) -> x509.CertificateRevocationList:
    try:
        return x509.load_der_x509_crl(der)
    except ValueError as error:
        raise refused("不是吊销列表", "this is no CRL") from error


def _signed(crl: x509.CertificateRevocationList, issuer: x509.Certificate) -> bool:
    key = issuer.public_key()
    return crl.issuer == issuer.subject and crl.is_signature_valid(key)  # type: ignore[arg-type]


def _not_in_chain(crl: x509.CertificateRevocationList) -> ExchangeError:
    name = describe_name(crl.issuer)
    return refused(
        f"“{name}”不在链中，或吊销列表的签名无效",
        f"“{name}” is in no chain on record, or did not sign this CRL",
    )


def _fetch_any(link: Link, fetch: Fetch) -> bytes:
    failed: UnreachableError | None = None
    for address in crl_addresses(link.certificate):
        try:
            return fetch(address)
        except UnreachableError as error:
            failed = error
    if failed is not None:
        raise failed
    name = describe_name(link.certificate.subject)
    raise UnreachableError(
        f"“{name}”的证书没有 http 吊销列表地址。请用 xinyin ca import --crl 导入。",
        f"The certificate of “{name}” names no http address of a CRL. Take one in with "
        "xinyin ca import --crl.",
    )


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


def _check_scope(crl: x509.CertificateRevocationList) -> None:
    """A list that speaks of some certificates or reasons only may be silent of ours."""
    for extension in crl.extensions:
        value = extension.value
        if isinstance(value, x509.IssuingDistributionPoint):
            if (
                value.only_contains_user_certs
                or value.only_contains_attribute_certs
                or value.indirect_crl
                or value.only_some_reasons
            ):
                raise refused(
                    "吊销列表只涵盖部分证书或原因", "the CRL speaks of some certificates only"
                )
        elif extension.critical:
            raise refused("吊销列表含有未知的关键扩展", "the CRL has an unknown critical extension")
