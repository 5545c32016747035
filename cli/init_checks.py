"""Checks of `xinyin init` before it writes anything: none of it could be changed afterwards."""

from string import whitespace
from typing import NoReturn
from urllib.parse import urlsplit

from ca.addresses import PkiAddresses
from ca.hierarchy.founding import HierarchyNames
from ca.profiles.lint import is_address, is_public_name
from cli import messages
from core.errors import UsageError
from core.settings import ServiceSettings, is_loopback
from registry.identifiers import is_uscc

_LONGEST = 200
"""Bytes of the public address: with a licence's own part behind it, it must fit into a QR code
(`signing.qr`)."""


def refuse_bad_names(names: HierarchyNames) -> None:
    """Refuse a body that no certificate may name. Raises `UsageError`, `BadSubjectError`."""
    if not is_uscc(names.uscc):
        raise UsageError(messages.USCC_INVALID)
    for name in (names.root, names.issuing, names.ocsp, names.tsa):
        names.subject(name)


def refuse_bad_addresses(service: ServiceSettings) -> None:
    """Refuse addresses that nobody could open, or no certificate may hold; a demo's may be private.

    Raises `UsageError`, `ConfigurationError`.
    """
    PkiAddresses(service.pki_url)
    for option, address in (("--public-url", service.public_url), ("--pki-url", service.pki_url)):
        _refuse_malformed(option, address)
    if not is_address(service.pki_url):
        _refuse("--pki-url", service.pki_url)
    if not service.demo:
        _refuse_private(service.public_url, service.pki_url)


def _refuse_malformed(option: str, address: str) -> None:
    parts = urlsplit(address)
    try:
        parts.port  # noqa: B018  # raises where it is none
    except ValueError:
        parts = urlsplit("")
    odd = parts.fragment or parts.username or parts.password or set(address) & set(whitespace)
    too_long = len(address.encode()) > _LONGEST
    if odd or too_long or not parts.hostname or parts.hostname.endswith("."):
        _refuse(option, address)


def _refuse(option: str, address: str) -> NoReturn:
    raise UsageError(messages.address_malformed(option=option, address=address, max_bytes=_LONGEST))


def _refuse_private(public_url: str, pki_url: str) -> None:
    """Refuse addresses that nobody else could reach: they cannot be changed afterwards."""
    if is_loopback(public_url):
        raise UsageError(messages.public_url_loopback(public_url))
    if not is_public_name(urlsplit(pki_url).hostname or ""):
        raise UsageError(messages.pki_url_not_public(pki_url))
