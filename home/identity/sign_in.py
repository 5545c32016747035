"""Opens the issuing API of a home whose `identity.toml` names providers."""

import secrets
import time
from collections.abc import Callable
from datetime import timedelta
from functools import cache, partial
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from fastapi import FastAPI

from core.errors import ConfigurationError
from core.ids import AuthorityId, KeyId
from core.permits import Role
from core.schedule import Duty
from core.web.limits.levels import Levels
from home.corrections import correction_terms
from home.identity import messages
from home.identity.enrolling import enrolment_duty, open_enrolments
from home.identity.file import IdentityFile, ProviderTable, read_client_key, read_identity_file
from home.identity.leaving import leaving_duties, open_leaving
from identity.accounts.break_glass import GROUP, BreakGlass
from identity.accounts.model import (
    BREAK_GLASS_ACR,
    BREAK_GLASS_ISSUER,
    LOCAL_ISSUER,
    PASSKEY_ACR,
)
from identity.accounts.passkeys import Site
from identity.accounts.passwords import Passwords
from identity.accounts.sign_in import LocalSignIn, warn_of_local_accounts
from identity.oidc.provider import ClientKey, Provider
from identity.oidc.sign_in import SignInClient
from identity.people.groups import GroupRule
from identity.sessions.sessions import Sessions
from identity.tokens.jose import SigningKey
from issuing_api.app import IssuingLimits, IssuingMetrics, create_issuing_app
from issuing_api.pages.routes import PageSettings
from issuing_api.ports import LocalParts, ProviderParts, ProvisioningClient, SignInParts
from keys.life import KeyDomain
from keys.model import KeyPurpose
from registry.desk.batch.batches import SheetParts
from registry.desk.desk import Desk
from registry.desk.documents.drafting import DocumentParts
from registry.desk.documents.papers import Papers
from registry.desk.key_requests import KeyRequests
from registry.desk.packages import Packages
from registry.desk.preview import Previews
from registry.desk.rights import Rights
from registry.desk.sign_in.account_store import SqlAccounts
from registry.desk.sign_in.break_glass import SqlBreakGlass
from registry.desk.sign_in.session_store import SqlSessions
from registry.desk.sign_in.sign_outs import forget_sign_outs
from registry.desk.sign_in.used_tokens import SqlReplays
from registry.officers.approval_use import Deciders

if TYPE_CHECKING:
    from home.wiring import Home
    from registry.desk.batch.engine import ChunkEngine
    from registry.desk.batch.working import JobWorker
    from registry.granting.groups.sealers import Sealers

SITE_NAME = "Xinyin 信印"
SWEEP_EVERY = timedelta(minutes=10)
WORK_EVERY = timedelta(seconds=2)
WORK_SECONDS = 30.0
"""After which other duties have their turn."""


def open_issuing_app(
    home: "Home",
    metrics: IssuingMetrics,
    levels: Levels | None = None,
    limits: IssuingLimits | None = None,
) -> tuple[FastAPI, list[Duty]] | None:
    """Return the API with what is to be done by itself; None without `identity.toml`.

    `limits`: others than a service's. Raises `ConfigurationError`.
    """
    file = read_identity_file(home.directory)
    if file is None:
        return None
    sessions = Sessions(SqlSessions(home.database), home.clock, secrets.token_bytes)
    replays, rights = SqlReplays(home.database), open_rights(home, file)
    accounts = SqlAccounts(home.database, home.clock, secrets.token_bytes)
    passwords = Passwords()
    parts = SignInParts(
        file.public_url,
        {one.alias: provider_parts(home, file, one) for one in file.providers},
        sessions,
        rights,
        replays,
        _local(home, file, accounts, passwords),
        BreakGlass(SqlBreakGlass(home.database), passwords, rights, home.clock),
        file.certificate_proxies,
    )
    desk = open_desk(home, rights, metrics.count_row)
    networks = home.settings.verify.connection_limits().networks
    limits = limits or IssuingLimits(networks=networks, levels=levels)
    leaving = open_leaving(home, parts, metrics)
    verify_url = home.settings.service.public_url
    enrolments = open_enrolments(home, file, rights)
    app = create_issuing_app(
        parts,
        desk,
        home.clock,
        previews=Previews(
            rights, home.catalogue, verify_url, lambda: home.renderer, home.read_photo
        ),
        settings=PageSettings(
            home.zone,
            verify_url,
            correction_terms(home),
            home.settings.corrections.public,
        ),
        leaving=leaving,
        enrolments=enrolments,
        keys=KeyRequests(rights, lambda: home.seal_maker, home.reaches(KeyDomain.CA)),
        metrics=metrics,
        limits=limits,
    )

    def sweep() -> None:
        sessions.sweep()
        replays.sweep(home.clock.now())
        accounts.sweep()
        desk.forget_lapsed()
        forget_sign_outs(home.database, home.clock.now())
        desk.exports.sweep()
        leaving.events.inbox.sweep(home.clock.now())
        enrolments.sweep()

    workers, jobs = open_workers(home, desk, metrics.count_takeover), home.jobs

    def work() -> None:
        if jobs is not None:
            jobs.look(workers, metrics)
            return
        end = time.monotonic() + WORK_SECONDS
        workers.work(lambda: time.monotonic() >= end)

    def export() -> None:
        desk.export_worker.work(lambda: False)

    duties = [
        Duty("sessions", SWEEP_EVERY, sweep),
        Duty("jobs", WORK_EVERY, work, alone=True),
        Duty("exports", WORK_EVERY, export, alone=True),
        *leaving_duties(home, file, parts, leaving),
    ]
    return app, duties


def open_workers(
    home: "Home", desk: Desk, count_takeover: Callable[[], None] = lambda: None
) -> "JobWorker | ChunkEngine":
    """Return the worker of batches: on PostgreSQL all machines together, else this process.

    `count_takeover` is told of each chunk of a dead worker that is leased out again.
    """
    url = home.settings.database_url(home.directory)
    if not url.startswith("postgres"):
        return desk.worker
    from registry.desk.batch.engine import ChunkEngine  # noqa: PLC0415  # on PostgreSQL alone

    return ChunkEngine(url, desk.worker, count_takeover)


def open_desk(
    home: "Home",
    rights: Rights,
    count_row: Callable[[str], None] = lambda _: None,
    sealers: "Sealers | None" = None,
) -> Desk:
    """Return the desk of officers; `count_row` is told the outcome of each row of a batch.

    `sealers` seal the rows of batches; None: this process.
    """
    sheets = SheetParts(
        lambda: home.recogniser,
        lambda: home.renderer,
        home.settings.service.public_url,
        cache(partial(home.open_groups, sealers)),
        count_row,
    )
    parts = DocumentParts(
        lambda: home.document_signing,
        lambda: home.intake,
        lambda: home.countersigning,
        lambda: home.taking_in,
    )
    papers = Papers(rights, home.catalogue, parts)
    packages = Packages(rights, home.open_packer)
    kept = timedelta(days=home.settings.issuing.exports_kept_days)
    return Desk(
        rights,
        home.catalogue,
        lambda: home.granting,
        sheets,
        papers,
        packages,
        kept,
        home.read_photo,
        home.read_photos,
    )


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
    groups[BREAK_GLASS_ISSUER] = (GroupRule(GROUP, Role.ADMINISTRATOR, None),)
    strong = {one.issuer: one.strong_acrs for one in file.providers}
    strong |= {LOCAL_ISSUER: (PASSKEY_ACR,), BREAK_GLASS_ISSUER: (BREAK_GLASS_ACR,)}
    return Rights(home.database, home.clock, home.zone, secrets.token_bytes, groups, strong)


def open_deciders(home: "Home") -> Deciders:
    """Return the judge of whether who approved something might still do so.

    Without `identity.toml` nobody has a role from a group. Raises `ConfigurationError`.
    """
    file = read_identity_file(home.directory)
    return Deciders(home.zone) if file is None else open_rights(home, file).deciders


def _local(
    home: "Home", file: IdentityFile, accounts: SqlAccounts, passwords: Passwords
) -> LocalParts | None:
    if not file.has_accounts:
        return None
    warn_of_local_accounts()
    site = Site(file.public_url, SITE_NAME)
    sign_in = LocalSignIn(accounts, passwords, home.clock, site)
    return LocalParts(sign_in, file.accounts_beyond_this_machine)


def provider_parts(home: "Home", file: IdentityFile, table: ProviderTable) -> ProviderParts:
    """Return a provider with our client there. Raises `ConfigurationError`, and as `keys.open`."""
    provider = Provider(
        table.alias,
        table.issuer,
        table.client_id,
        table.algorithm,
        ClientKey(_client_key(home, table), table.key_id),
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
        None if table.events is None else table.events.audience or table.client_id,
        None
        if table.scim is None
        else ProvisioningClient(table.scim.client, table.scim.scope, table.scim.subject),
    )


def _client_key(home: "Home", table: ProviderTable) -> SigningKey:
    if table.custody_name is not None:
        return home.keys.open(KeyId(table.custody_name), KeyPurpose.CLIENT)
    try:
        key = load_pem_private_key(read_client_key(home.directory, table), None)
    except (ValueError, TypeError) as error:
        raise ConfigurationError(messages.client_key_unusable(table.alias)) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise ConfigurationError(messages.client_key_unusable(table.alias))
    return key
