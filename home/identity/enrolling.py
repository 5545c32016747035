"""Puts enrolment together: for the process that officers ask, and for the one that certifies."""

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from core.schedule import Duty
from home.identity.file import IdentityFile, ProviderTable
from identity.oidc.provider import Provider
from identity.oidc.sign_in import SignInClient
from keys.life import KeyDomain
from registry.desk.enrolment.asking import Enrolments
from registry.desk.enrolment.certifying import EnrolmentIssuer
from registry.desk.enrolment.evidence import EnrolmentProvider, EvidenceCheck
from registry.desk.rights import Rights

if TYPE_CHECKING:
    from home.wiring import Home

ENROL_EVERY = timedelta(seconds=5)
"""An officer waits for it."""


def open_enrolments(home: "Home", file: IdentityFile, rights: Rights) -> Enrolments:
    """Return the enrolments, which certify where this process has the CA's key."""
    check = _check(home, file)
    issuer = _issuer(home, check, rights) if home.reaches(KeyDomain.CA) else None
    return Enrolments(rights, check, home.ledger, issuer)


def enrolment_duty(home: "Home", rights: Rights, file: IdentityFile) -> Duty:
    """Return the duty of certifying what other processes took, or one that was cut off."""
    issuer = _issuer(home, _check(home, file), rights)
    return Duty("enrolments", ENROL_EVERY, issuer.issue_due, remote=True)


def _issuer(home: "Home", check: EvidenceCheck, rights: Rights) -> EnrolmentIssuer:
    return EnrolmentIssuer(
        check, rights, home.ledger, home.profiles, lambda: home.hierarchy.authority
    )


def _check(home: "Home", file: IdentityFile) -> EvidenceCheck:
    providers = {
        one.alias: found for one in file.providers if (found := _provider(home, one)) is not None
    }
    return EvidenceCheck(file.public_url, providers, home.clock)


def _provider(home: "Home", table: ProviderTable) -> EnrolmentProvider | None:
    if table.enrolment_client is None:
        return None
    provider = Provider(
        table.alias,
        table.issuer,
        table.enrolment_client,
        table.algorithm,
        None,
        tuple(one for one in table.scopes if one != table.scope),  # it calls no API
        None,
        table.plain_loopback,
    )
    client = SignInClient(provider, home.clock, secrets.token_bytes)
    return EnrolmentProvider(table.label, client, table.groups_claim, table.strong_acrs)
