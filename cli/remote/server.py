"""A server of the issuing API, asked as whoever signed in from this command line."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, BinaryIO, Final
from urllib.parse import urlsplit

from cli.remote import messages
from cli.remote.sign_in_file import KeptSignIn, SignInFile
from core.clock import Clock
from core.errors import UnreachableError, UsageError, XinyinError
from core.ids import Random
from core.text import Language, Text
from core.web import client
from core.web.problems import PROBLEMS
from identity.addresses import InsecureAddressError, check_address, is_loopback
from identity.oidc.grants import refreshed
from identity.oidc.provider import Provider
from identity.oidc.sign_in import SignInClient
from identity.tokens.algorithms import JwsAlgorithm
from identity.tokens.making import dpop_proof

V1: Final = "/issuing/v1"
_SOON: Final = timedelta(seconds=30)
"""Before a token ends, another one is asked for."""
_MAX_ANSWER: Final = 16 * 1024 * 1024
_FAILED: Final = 400
_MOST_ENTRIES: Final = 1000
_BROKEN: Final = 500


class ServerRefusedError(XinyinError):
    """The server refused; its code and sentence are handed on."""

    def __init__(self, text: Text, code: str, entries: tuple[Mapping[str, str], ...] = ()) -> None:
        super().__init__(text)
        self.code = code  # type: ignore[misc]  # one class for all codes that a server may answer
        self.entries = entries
        """What is to be mended where; see `issuing_api.routes.batches`."""


class NotSignedInHereError(XinyinError):
    """Nobody is signed in at that server from this command line."""

    code = "not_signed_in"


def server_address(text: str) -> str:
    """Return a server's address as it is kept: scheme, host and port.

    Raises `UsageError` for one with more to it, or that is not secure.
    """
    try:
        parts = urlsplit(check_address(text, plain_loopback=is_loopback(_host(text))))
        port = "" if parts.port in (None, 443) else f":{parts.port}"
    except (InsecureAddressError, ValueError) as error:
        raise UsageError(messages.server_address_unusable(text[:200])) from error
    if parts.path not in ("", "/") or parts.query:
        raise UsageError(messages.server_address_unusable(text[:200]))
    host = str(parts.hostname)
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}"


class RemoteServer:
    """One server, and the sign-in there."""

    def __init__(
        self, address: str, file: SignInFile, clock: Clock, random: Random, language: Language
    ) -> None:
        """Raises `InsecureAddressError`."""
        self.address = server_address(address)
        self._file = file
        self._clock = clock
        self._random = random
        self._language = language

    def providers(self) -> dict[str, tuple[Provider, tuple[str, ...]]]:
        """Return the identity providers by which a command line signs in, by alias, each with the
        sign-ins that are strong there.

        Raises `UnreachableError`, `ServerRefusedError`.
        """
        told, _ = self._answer("GET", f"{self.address}{V1}/sign-in", None, {})
        found = {}
        try:
            for one in told["providers"]:
                provider = Provider(
                    str(one["alias"]),
                    str(one["issuer"]),
                    str(one["client_id"]),
                    JwsAlgorithm(one["algorithm"]),
                    None,
                    tuple(str(scope) for scope in one["scopes"]),
                    self.address,
                    self.is_local,
                )
                strong = tuple(str(value) for value in one["acr_values"])
                found[provider.alias] = provider, strong
        except (KeyError, TypeError, ValueError) as error:
            raise UnreachableError(messages.answer_unusable(self.address)) from error
        return found

    def ask(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> Any:
        """Ask as whoever is signed in; return the JSON that is answered.

        Raises `NotSignedInHereError`, `ServerRefusedError`, `UnreachableError`, and as `refreshed`.
        """
        return self.ask_whole(method, path, body, headers)[0]

    def ask_whole(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> tuple[Any, Mapping[str, str]]:
        """Return the answer's headers too; raises as `ask`."""
        address = f"{self.address}{V1}{path}"
        sent = {**self._proof(method, address), **(headers or {})}
        return self._answer(method, address, body, sent)

    def hand_in(self, path: str, data: bytes, kind: str, headers: Mapping[str, str]) -> Any:
        """Send a file of a media type as it is; return the JSON that is answered.

        Raises as `ask`.
        """
        address = f"{self.address}{V1}{path}"
        sent = {**self._proof("POST", address.partition("?")[0]), **headers, "Content-Type": kind}
        return self._answer("POST", address, data, sent)[0]

    def fetch(self, path: str, limit: int = _MAX_ANSWER) -> bytes:
        """Return a file of at most so many bytes; raises as `ask`."""
        address = f"{self.address}{V1}{path}"
        sent = {"Accept-Language": self._language, **self._proof("GET", address)}
        answer = client.ask("GET", address, None, sent, limit=limit)
        if answer.status < _FAILED:
            return answer.body
        raise _refused(_json(answer.body, self.address), self.address)

    def download(self, path: str, out: BinaryIO, limit: int) -> None:
        """Write a file of at most so many bytes to `out`; raises as `ask`."""
        address = f"{self.address}{V1}{path}"
        sent = {"Accept-Language": self._language, **self._proof("GET", address)}
        answer = client.download(address, out, sent, limit=limit)
        if answer.status >= _FAILED:
            raise _refused(_json(answer.body, self.address), self.address)

    def _proof(self, method: str, address: str) -> dict[str, str]:
        """Return the token, with a proof for one request."""
        one = self._signed_in()
        proof = dpop_proof(
            one.key,
            method,
            address,
            now=self._clock.now(),
            random=self._random,
            access_token=one.tokens.access_token,
        )
        return {"Authorization": f"DPoP {one.tokens.access_token}", "DPoP": proof}

    def ask_openly(self, method: str, path: str, body: object = None) -> Any:
        """Ask as nobody in particular; return the JSON that is answered.

        Raises `ServerRefusedError`, `UnreachableError`.
        """
        return self._answer(method, f"{self.address}{V1}{path}", body, {})[0]

    @property
    def is_local(self) -> bool:
        """Tell whether it is on this machine."""
        return _is_local(self.address)

    def client_of(self, provider: Provider) -> SignInClient:
        """Return the client that signs in at a provider. Raises `InsecureAddressError`."""
        return SignInClient(provider, self._clock, self._random)

    def _signed_in(self) -> KeptSignIn:
        """Return the sign-in, with tokens that still hold for a while."""
        one = self._kept()
        if one.tokens.expires_at - self._clock.now() > _SOON:
            return one
        with self._file.locked():
            one = self._kept()  # another command may have asked meanwhile
            if one.tokens.expires_at - self._clock.now() > _SOON:
                return one
            one = one.with_tokens(refreshed(self.client_of(one.provider), one.tokens, one.key))
            self._file.keep(one)
            return one

    def _kept(self) -> KeptSignIn:
        one = self._file.find(self.address)
        if one is None:
            raise NotSignedInHereError(messages.not_signed_in(self.address))
        return one

    def _answer(
        self, method: str, address: str, body: object, headers: Mapping[str, str]
    ) -> tuple[Any, Mapping[str, str]]:
        raw = isinstance(body, bytes)
        data = body if isinstance(body, bytes) else _written(body)
        sent = {"Accept": "application/json", "Accept-Language": self._language, **headers}
        if data is not None and not raw:
            sent["Content-Type"] = "application/json"
        try:
            answer = client.ask(method, address, data, sent, limit=_MAX_ANSWER)
        except client.LostAnswerError as error:
            if method == "GET":
                raise
            raise UnreachableError(messages.effect_unknown(self.address)) from error
        try:
            told = json.loads(answer.body)
        except ValueError as error:
            away = answer.status >= _BROKEN  # a proxy's page before a service that is away
            text = messages.server_away if away else messages.answer_unusable
            raise UnreachableError(text(self.address)) from error
        if answer.status < _FAILED and isinstance(told, dict):
            return told, answer.headers
        raise _refused(told, self.address)


def _refused(told: Any, server: str) -> XinyinError:
    if not isinstance(told, dict) or told.get("code") not in PROBLEMS:
        return UnreachableError(messages.answer_unusable(server))
    detail = str(told.get("detail", ""))[:2000]
    shown = _printable(detail)
    found = told.get("errors")
    entries = tuple(
        {str(key): _printable(str(value)[:500]) for key, value in one.items()}
        for one in (found if isinstance(found, list) else [])[:_MOST_ENTRIES]
        if isinstance(one, dict)
    )
    return ServerRefusedError(Text(shown, shown), str(told["code"]), entries)


def _json(body: bytes, server: str) -> Any:
    try:
        return json.loads(body)
    except ValueError as error:
        raise UnreachableError(messages.server_away(server)) from error


def _written(body: object) -> bytes | None:
    return None if body is None else json.dumps(body, ensure_ascii=False).encode()


def _printable(text: str) -> str:
    return "".join(one for one in text if one.isprintable())


def _is_local(address: str) -> bool:
    return is_loopback(_host(address))


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""
