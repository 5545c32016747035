"""Checks of `xinyin init` before it writes anything: none of it could be changed afterwards."""

from string import whitespace
from typing import NoReturn
from urllib.parse import urlsplit

from ca.addresses import PkiAddresses
from ca.hierarchy.founding import HierarchyNames
from ca.profiles.lint import is_address, is_public_name
from core.errors import UsageError
from core.settings import ServiceSettings, is_loopback
from registry.codes import is_uscc

_LONGEST = 200
"""Bytes of the public address: with a licence's own part behind it, it must fit into a QR code
(`signing.qr`)."""


def refuse_bad_names(names: HierarchyNames) -> None:
    """Refuse a body that no certificate may name. Raises `UsageError`, `BadSubjectError`."""
    if not is_uscc(names.uscc):
        raise UsageError(
            "--uscc 不是正确的统一社会信用代码。它将写入所有 CA 证书，请核对。",
            "--uscc is not a correct unified social credit code. It is written into every CA "
            "certificate; compare it with the original.",
        )
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
    raise UsageError(
        f"{option} {address} 不是正确的网址。请核对域名和端口，不要带账号、空格或 #，"
        f"域名不要以点结尾，总长不要超过 {_LONGEST} 字节。",
        f"{option} {address} is no correct address. Look at its name and port; it must not hold an "
        "account, blanks or a #, nor a dot at the end of its name, nor be longer than "
        f"{_LONGEST} bytes.",
    )


def _refuse_private(public_url: str, pki_url: str) -> None:
    """Refuse addresses that nobody else could reach: they cannot be changed afterwards."""
    if is_loopback(public_url):
        raise UsageError(
            f"--public-url 是本机地址 {public_url}，它将印在二维码上，其他人打不开。"
            "请用正式地址；只是试用请加 --demo。",
            f"--public-url is the loopback address {public_url}, printed into QR codes that nobody "
            "else could open. Use the real address; to try it out, add --demo.",
        )
    if not is_public_name(urlsplit(pki_url).hostname or ""):
        raise UsageError(
            f"--pki-url {pki_url} 不是公网域名：印章证书不能写入本机、内网或 IP 地址，"
            "此后将无法制作印章。请用正式域名；只是试用请加 --demo。",
            f"--pki-url {pki_url} is no public domain name: certificates of seals may not name "
            "loopback, internal or IP addresses, so that no seal could ever be made. Use the real "
            "name; to try it out, add --demo.",
        )
