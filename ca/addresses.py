"""Addresses at which the hierarchy is published, as they stand in certificates."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from ca import messages
from core.errors import ConfigurationError
from core.ids import IssuerId


@dataclass(frozen=True, slots=True)
class PkiAddresses:
    """Addresses under one base, e.g. `http://pki.example.gov.cn`; fixed for the certificates' life.

    Plain HTTP: over HTTPS a client would need a certificate checked in order to check a
    certificate (RFC 5280 8); what is served is signed. Raises `ConfigurationError`.
    """

    pki_url: str

    def __post_init__(self) -> None:
        parts = urlsplit(self.pki_url)
        plain = not (parts.query or parts.fragment or parts.username or parts.password)
        if parts.scheme != "http" or not parts.hostname or not plain or not self.pki_url.isascii():
            raise ConfigurationError(messages.pki_url_unusable(self.pki_url))

    def certificate(self, issuer: IssuerId) -> str:
        """Address of an issuer's certificate, for AIA caIssuers (RFC 5280 4.2.2.1)."""
        return f"{self._base}/pki/{issuer}.cer"

    def crl(self, issuer: IssuerId, shard: int = 0) -> str:
        """Address of an issuer's CRL, or of one shard of it (RFC 5280 4.2.1.13)."""
        return f"{self._base}/pki/{crl_name(issuer, shard)}.crl"

    @property
    def ocsp(self) -> str:
        """Address of the OCSP responder, for all issuers."""
        return f"{self._base}/pki/ocsp"

    @property
    def tsa(self) -> str:
        """Address of the timestamping authority."""
        return f"{self._base}/pki/tsa"

    @property
    def _base(self) -> str:
        return self.pki_url.rstrip("/")


def crl_name(issuer: IssuerId, shard: int) -> str:
    """Return a CRL's name in its address; the first shard bears its issuer's name."""
    return f"{issuer}-{shard}" if shard else issuer


def shard_of(serial: int, shards: int) -> int:
    """Return which CRL speaks of a certificate; serials are random, so shards are even."""
    return serial % shards


def find_crl_name(name: str, shards: Mapping[IssuerId, int]) -> tuple[IssuerId, int] | None:
    """Return the issuer and shard that a CRL's name means; `shards`: how many each issuer has."""
    if name in shards:
        return IssuerId(name), 0
    issuer, _, shard = name.rpartition("-")
    for number in range(1, shards.get(IssuerId(issuer), 0)):
        if shard == str(number):
            return IssuerId(issuer), number
    return None
