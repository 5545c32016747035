"""Asking a provider for security event tokens (RFC 8936): short polls, acknowledged once kept.

A token is acknowledged in the question after the one that brought it, when it is on record here; so
a crash in between has it delivered again, and none is lost.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from core.errors import UnreachableError
from core.web import client
from identity.oidc import messages
from identity.oidc.errors import ProviderUnreachableError
from identity.oidc.service_access import ServiceAccess
from identity.tokens.refusals import TokenRefusedError
from identity.tokens.strict import read_object

MAX_EVENTS: Final = 32
"""Tokens in one answer: some 16 KiB each."""
MAX_ANSWER: Final = 1024 * 1024
MAX_ROUNDS: Final = 20
"""Questions in one go: a flood of events must not keep a duty busy for ever."""
MAX_TOKEN_ID: Final = 255
_OK, _UNAUTHORIZED = 200, 401


@dataclass(frozen=True, slots=True)
class DeliveryFault:
    """Reason why a token is not taken (RFC 8935 2.4); the transmitter delivers it no more."""

    error: str
    description: str


class Deliveries:
    """Tokens that wait at a provider."""

    def __init__(self, address: str, access: ServiceAccess) -> None:
        self._address = address
        self._access = access

    def take(self, keep: Callable[[str, str], DeliveryFault | None]) -> int:
        """Fetch all that waits; return how many tokens were kept.

        `keep` is given a token with the id under which it was delivered, and returns when it is
        durably on record, or with the fault for which it never will be. What it raises ends the
        round, with that token not acknowledged. Raises `ProviderUnreachableError`, and as
        `ServiceAccess.headers`.
        """
        kept = 0
        acks: list[str] = []
        faults: dict[str, DeliveryFault] = {}
        for _ in range(MAX_ROUNDS):
            told = self._ask(acks, faults)
            acks, faults = [], {}
            tokens = _tokens(told, self._address)
            try:
                for token_id, token in tokens.items():
                    fault = keep(token_id, token)
                    if fault is None:
                        acks.append(token_id)
                    else:
                        faults[token_id] = fault
            except Exception:
                if acks or faults:
                    self._ask(acks, faults, most=0)
                raise
            kept += len(acks)
            if not tokens:
                break
        return kept

    def _ask(
        self, acks: list[str], faults: Mapping[str, DeliveryFault], *, most: int = MAX_EVENTS
    ) -> Mapping[str, object]:
        asked: dict[str, object] = {"maxEvents": most, "returnImmediately": True}
        if acks:
            asked["ack"] = acks
        if faults:
            asked["setErrs"] = {
                one: {"err": fault.error, "description": fault.description}
                for one, fault in faults.items()
            }
        body = json.dumps(asked).encode()
        answer = self._send(body)
        if answer.status == _UNAUTHORIZED:  # the token was taken back: once more, with another
            self._access.forget()
            answer = self._send(body)
        if answer.status != _OK or answer.media_type != "application/json":
            raise ProviderUnreachableError(messages.events_unusable(self._address))
        try:
            return read_object(answer.body)
        except TokenRefusedError as error:
            raise ProviderUnreachableError(messages.events_unusable(self._address)) from error

    def _send(self, body: bytes) -> client.HttpAnswer:
        headers = {
            **self._access.headers(),
            "Content-Type": "application/json",
            "Accept": "application/json",
        }
        try:
            return client.ask("POST", self._address, body, headers, limit=MAX_ANSWER)
        except UnreachableError as error:
            raise ProviderUnreachableError(messages.events_unusable(self._address)) from error


def _tokens(told: Mapping[str, object], address: str) -> Mapping[str, str]:
    found = told.get("sets")
    if not isinstance(found, dict) or len(found) > MAX_EVENTS:
        raise ProviderUnreachableError(messages.events_unusable(address))
    for token_id, token in found.items():
        if not isinstance(token, str) or not 0 < len(token_id) <= MAX_TOKEN_ID:
            raise ProviderUnreachableError(messages.events_unusable(address))
    return found
