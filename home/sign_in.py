"""Opens the issuing API of a home whose `identity.toml` names providers."""

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from fastapi import FastAPI

from core.errors import ConfigurationError
from core.ids import AuthorityId
from core.schedule import Duty
from core.web.levels import Levels
from home import messages
from home.enrolling import enrolment_duty, open_enrolments
from home.identity_file import IdentityFile, ProviderTable, read_client_key, read_identity_file
from identity.oidc.provider import ClientKey, Provider
from identity.oidc.sign_in import SignInClient
from identity.people.groups import GroupRule
from identity.sessions.sessions import Sessions
from identity.tokens.jose import SigningKey
from issuing_api.app import IssuingLimits, IssuingMetrics, create_issuing_app
from issuing_api.ports import ProviderParts, SignInParts
from keys.life import KeyDomain
from registry.desk.desk import Desk
from registry.desk.key_requests import KeyRequests
from registry.desk.rights import Rights
from registry.desk.session_store import SqlSessions
from registry.desk.used_tokens import SqlReplays

if TYPE_CHECKING:
    from home.wiring import Home

SWEEP_EVERY = timedelta(minutes=10)


def open_issuing_app(
    home: "Home", metrics: IssuingMetrics, levels: Levels | None = None
) -> tuple[FastAPI, Duty] | None:
    """Return the API with the duty that forgets what is over; None without `identity.toml`.

    Raises `ConfigurationError`.
    """
    file = read_identity_file(home.directory)
    if file is None:
        return None
    sessions = Sessions(SqlSessions(home.database), home.clock, secrets.token_bytes)
    replays, rights = SqlReplays(home.database), open_rights(home, file)
    parts = SignInParts(
        file.public_url,
        {one.alias: _provider(home, file, one) for one in file.providers},
        sessions,
        rights,
        replays,
    )
    desk = Desk(rights, home.catalogue, lambda: home.granting)
    networks = home.settings.verify.connection_limits().networks
    limits = IssuingLimits(networks=networks, levels=levels)
    enrolments = open_enrolments(home, file, rights)
    app = create_issuing_app(
        parts,
        desk,
        home.clock,
        enrolments=enrolments,
        keys=KeyRequests(rights, lambda: home.seal_maker, home.reaches(KeyDomain.CA)),
        metrics=metrics,
        limits=limits,
    )

    def sweep() -> None:
        sessions.sweep()
        replays.sweep(home.clock.now())
        desk.forget_lapsed()
        enrolments.sweep()

    return app, Duty("sessions", SWEEP_EVERY, sweep)


def certify_officers(home: "Home") -> list[Duty]:
    """Return the duty of certifying officers' keys; none where nobody enrols."""
    file = read_identity_file(home.directory)
    if file is None or all(one.enrolment_client is None for one in file.providers):
        return []
    return [enrolment_duty(home, open_rights(home, file), file)]


def open_rights(home: "Home", file: IdentityFile) -> Rights:
    """Return the rights that identities have, by the register and the groups of the file."""
    issuers = {one.alias: one.issuer for one in file.providers}
    groups: dict[str, tuple[GroupRule, ...]] = {}
    for one in file.groups:
        authority = None if one.authority is None else AuthorityId(one.authority)
        rule = GroupRule(one.group, one.role, authority)
        groups[issuers[one.provider]] = (*groups.get(issuers[one.provider], ()), rule)
    strong = {one.issuer: one.strong_acrs for one in file.providers}
    return Rights(home.database, home.clock, home.zone, secrets.token_bytes, groups, strong)


def _provider(home: "Home", file: IdentityFile, table: ProviderTable) -> ProviderParts:
    provider = Provider(
        table.alias,
        table.issuer,
        table.client_id,
        table.algorithm,
        ClientKey(_client_key(home, table), table.client_key_id),
        table.scopes,
        file.public_url,
        table.plain_loopback,
    )
    return ProviderParts(
        SignInClient(provider, home.clock, secrets.token_bytes),
        table.label,
        table.command_line_client,
        table.scope,
        table.groups_claim,
        table.strong_acrs,
    )


def _client_key(home: "Home", table: ProviderTable) -> SigningKey:
    try:
        key = load_pem_private_key(read_client_key(home.directory, table), None)
    except (ValueError, TypeError) as error:
        raise ConfigurationError(messages.client_key_unusable(table.alias)) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise ConfigurationError(messages.client_key_unusable(table.alias))
    return key
