"""The CA of a home: its ledger, its hierarchy and what changes its certificates."""

import secrets
from functools import cached_property
from typing import TYPE_CHECKING

from ca.addresses import PkiAddresses
from ca.hierarchy.hierarchy import Hierarchy, open_hierarchy
from ca.hierarchy.steps import CaSteps
from ca.issuing.crl import CrlIssuer
from ca.issuing.parts import CaParts
from ca.profiles.lint import Linter
from ca.profiles.profiles import (
    DEFAULT_TIMESTAMP_POLICY,
    ProfileConfig,
    ProfileKind,
    Profiles,
    Suite,
    validate_profiles,
)
from core.ids import IssuerId
from home.base import BaseHome
from home.renewing import ServiceRenewal
from keys.life import KeyDomain
from registry.facts.loss import refuse_with_loss
from registry.ledger.certifying import Certifier
from registry.ledger.ledger import SqlLedger
from registry.ledger.status_changes import StatusChanges

if TYPE_CHECKING:
    from registry.ledger.trust_desk import TrustListDesk


class CaHome(BaseHome):
    """A home's CA, each part opened when it is first needed."""

    @cached_property
    def ledger(self) -> SqlLedger:
        """The CA's ledger."""
        return SqlLedger(self.database)

    @cached_property
    def profiles(self) -> Profiles:
        """The certificate profiles, validated. Raises `BadProfileError` naming the key."""
        written = self.settings.profiles.model_dump(by_alias=True)
        return validate_profiles(
            {kind: ProfileConfig(**written[kind]) for kind in ProfileKind},
            certificate_policy=self.settings.ca.certificate_policy,
            suite=Suite(self.settings.ca.algorithms),
        )

    @cached_property
    def ca_parts(self) -> CaParts:
        """Dependencies of the CA."""
        service = self.settings.service
        return CaParts(
            ledger=self.ledger,
            recorder=self.audit.recorder,
            answers=self.audit.answers,
            clock=self.clock,
            random=secrets.token_bytes,
            linter=Linter(demo=service.demo),
            addresses=PkiAddresses(service.pki_url),
            profiles=self.profiles,
            check_clock=self.clock_guard.check,
            services_url=None if KeyDomain.TRUST in self._domains else self.services_url,
        )

    @property
    def services_url(self) -> str:
        """Address that a process without OCSP and TSA keys asks for answers and timestamps."""
        return self.settings.issuing.services_url or self.settings.service.pki_url

    @cached_property
    def hierarchy(self) -> Hierarchy:
        """The CA; each of its keys is opened when it is first used.

        Raises `UnacceptedLossError`: what it would publish may be out of date.
        """
        refuse_with_loss(self.database)
        return open_hierarchy(self.keys, self.ca_parts, self.timestamp_policy)

    @property
    def timestamp_policy(self) -> str:
        """The policy of our own timestamps, dotted decimal."""
        return self.settings.ca.timestamp_policy or DEFAULT_TIMESTAMP_POLICY

    @cached_property
    def service_renewal(self) -> ServiceRenewal:
        """Renews what OCSP and TSA work with."""
        return ServiceRenewal(
            self.keys, self.ca_parts, self.database, self.ledger, self.timestamp_policy
        )

    @cached_property
    def certifier(self) -> Certifier:
        """Certifies officers' and services' keys."""
        return Certifier(
            database=self.database,
            authority=lambda: self.hierarchy.authority,
            profiles=self.profiles,
            clock=self.clock,
        )

    def open_crls(self, issuer: IssuerId) -> CrlIssuer:
        """Return the maker of an issuer's CRLs, its key opened. Raises what the key store raises.

        It needs no more than the issuer: a hierarchy whose OCSP or TSA certificate was revoked
        must still be able to say so.
        """
        return CaSteps(self.ca_parts, self.root_keys, self.keys).crls(issuer)

    @cached_property
    def status_changes(self) -> StatusChanges:
        """Revokes, holds and releases certificates."""
        return StatusChanges(self.ledger, self.open_crls, self.clock)

    @cached_property
    def trust_desk(self) -> "TrustListDesk":
        """Prepares and signs the trust list."""
        from registry.ledger.trust_desk import TrustListDesk  # noqa: PLC0415  # as granting

        return TrustListDesk(
            home=self.directory,
            database=lambda: self.database,
            keys=lambda: self.keys,
            clock=self.clock,
        )
