"""Key stores of a home's processes: one for each key domain, as the settings say."""

import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from core.clock import Clock
from core.errors import ConfigurationError
from core.files import locked
from core.settings import KeySettings
from home import messages
from keys.life import KeyDomain, KeyRegister
from keys.passphrase import PassphraseSource, new_passphrase_reader, read_once
from keys.pkcs11_uri import SCHEME, parse_token_uri
from keys.ring import KeyRing, Vault
from keys.software import SoftwareKeyStore
from keys.software_layout import domain_directory, settle_old_layout

KEY_CREDENTIAL = "xinyin-keys"
ROOT_CREDENTIAL = "xinyin-root"
ALL = frozenset(KeyDomain)
ALL_BUT_ROOT = ALL - {KeyDomain.ROOT}
SEALING = frozenset({KeyDomain.ISSUING, KeyDomain.TRUST})
"""Domains that a process that seals opens, as far as its command or role reaches them."""


@dataclass(frozen=True, slots=True)
class PassphraseOptions:
    """Sources of the passphrases, as given by flags."""

    file: Path | None = None
    descriptor: int | None = None
    root_file: Path | None = None
    root_descriptor: int | None = None


def new_namespace(uri: str) -> str | None:
    """Return a namespace that separates a new home's keys from others on the same token."""
    return secrets.token_hex(3) if uri.startswith(SCHEME) else None


class HomeKeys:
    """Opens the stores of a home's domains; each passphrase is asked for once."""

    def __init__(
        self,
        home: Path,
        settings: KeySettings,
        options: PassphraseOptions,
        environment: Mapping[str, str],
        clock: Clock,
    ) -> None:
        self._home = home
        self._settings = settings
        self._options = options
        self._environment = environment
        self._clock = clock
        self._readers: dict[PassphraseSource, Callable[[], bytes]] = {}
        self._tokens: dict[tuple[str, PassphraseSource], Vault] = {}
        """Domains on one token share its store."""

    def ring(self, domains: Collection[KeyDomain], register: KeyRegister | None) -> KeyRing:
        """Return the keys of some domains, and no others. Raises `ConfigurationError`."""
        settle_old_layout(self._home)
        return KeyRing(
            {domain: self._vault(domain) for domain in domains},
            register,
            partial(locked, self._home / ".keys.lock"),
        )

    def unlock(self, domains: Collection[KeyDomain]) -> None:
        """Ask for the passphrases of some domains now, so that processes forked from this one need
        not. Opens no key, token or register. Raises `ConfigurationError`.
        """
        self.ring(domains, None).unlock()

    def check(self) -> None:
        """See that each address can hold and each token is there; logs in to none.

        Raises `ConfigurationError`, `KeyUnavailableError`.
        """
        for domain in KeyDomain:
            self._vault(domain).location  # noqa: B018

    def uri_of(self, domain: KeyDomain) -> str:
        """Return the place of a domain's keys."""
        return getattr(self._settings, f"{domain}_uri") or self._settings.uri

    def _vault(self, domain: KeyDomain) -> Vault:
        uri = self.uri_of(domain)
        if not uri.startswith(SCHEME):
            directory = domain_directory(self._home, domain)
            return SoftwareKeyStore(directory, self._reader(self._source(domain)), self._clock)
        address = parse_token_uri(uri)
        source = self._source(domain, address.pin_file)
        if (uri, source) not in self._tokens:
            from keys.pkcs11_store import Pkcs11KeyStore  # noqa: PLC0415  # only where there is one

            namespace = self._settings.namespace
            self._tokens[uri, source] = Pkcs11KeyStore(
                address, self._reader(source), self._clock, secrets.token_bytes, namespace
            )
        return self._tokens[uri, source]

    def _source(self, domain: KeyDomain, pin_file: Path | None = None) -> PassphraseSource:
        """Return the source of a domain's passphrase or PIN.

        The root's has flags, a prompt and a credential of its own, unless it shares the token of
        the others. A domain's own file or credential comes before what flags say for all.
        """
        on_token = self.uri_of(domain).startswith(SCHEME)
        self._refuse_useless(on_token=on_token, domain=domain)
        own_file: Path | None = getattr(self._settings, f"{domain}_passphrase_file")
        shared = domain is not KeyDomain.ROOT or (on_token and self._settings.root_uri is None)
        own = PassphraseSource(
            f"{KEY_CREDENTIAL}-{domain}",
            f"Passphrase of the keys ({domain}) 密钥口令: ",
            self._home,
            file=pin_file or own_file,
            environment=self._environment,
        )
        if pin_file is not None or (shared and (own_file is not None or own.has_credential)):
            return own
        common = PassphraseSource(
            KEY_CREDENTIAL,
            "PIN of the token 令牌 PIN: " if on_token else "Passphrase of the keys 密钥口令: ",
            self._home,
            self._options.descriptor,
            self._options.file or self._settings.passphrase_file,
            self._environment,
        )
        if shared:
            return common
        return PassphraseSource(
            ROOT_CREDENTIAL,
            "Passphrase of the root key 根密钥口令: ",
            self._home,
            self._options.root_descriptor,
            self._options.root_file or own_file,
            self._environment,
            "--root-passphrase",
        )

    def _refuse_useless(self, *, on_token: bool, domain: KeyDomain) -> None:
        """Refuse a passphrase of the root's key where a token's one PIN opens all keys."""
        given = self._options.root_file is not None or self._options.root_descriptor is not None
        shared = domain is KeyDomain.ROOT and on_token and self._settings.root_uri is None
        if given and shared:
            raise ConfigurationError(messages.ROOT_PASSPHRASE_NOT_APPLICABLE)

    def _reader(self, source: PassphraseSource) -> Callable[[], bytes]:
        """Return a reader of a passphrase, cached; one that is being chosen is typed twice."""
        if source not in self._readers:

            def read() -> bytes:
                chosen = any(self._has_keys(one) for one in KeyDomain if self._uses(one, source))
                return source.read() if chosen else new_passphrase_reader(source)()

            self._readers[source] = read_once(read)
        return self._readers[source]

    def _has_keys(self, domain: KeyDomain) -> bool:
        """A token's PIN was chosen when it was initialised."""
        on_token = self.uri_of(domain).startswith(SCHEME)
        return on_token or any(domain_directory(self._home, domain).glob("*.pem"))

    def _uses(self, domain: KeyDomain, source: PassphraseSource) -> bool:
        uri = self.uri_of(domain)
        pin_file = parse_token_uri(uri).pin_file if uri.startswith(SCHEME) else None
        return self._source(domain, pin_file) == source
