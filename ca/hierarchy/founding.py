"""Founding a hierarchy on one machine: root, issuing CA, OCSP responder, time-stamping unit.

The steps are those of `ca.hierarchy.steps`; run again after an interruption, what is missing is
made.
"""

from dataclasses import dataclass

from cryptography import x509

from ca.hierarchy.hierarchy import Hierarchy, open_hierarchy
from ca.hierarchy.steps import CaSteps, NewCa
from ca.issuers import FIRST_ISSUING, ROOT
from ca.issuing.parts import CaParts
from ca.profiles.names import LegalSubject
from ca.profiles.profiles import ProfileKind
from core.ids import IssuerId
from core.permits import Permit
from keys.model import KeyStore


@dataclass(frozen=True, slots=True)
class HierarchyNames:
    """Operator of the hierarchy, and the common names of its four certificates."""

    organization: str
    uscc: str
    root: str = "电子证照根CA 1"
    issuing: str = "电子证照签发CA 1"
    ocsp: str = "电子证照OCSP服务 1"
    tsa: str = "电子证照时间戳服务 1"

    def subject(self, name: str) -> x509.Name:
        """Return one of them as a subject. Raises `BadSubjectError`."""
        return LegalSubject(name, self.organization, self.uscc).to_name()


def found_hierarchy(
    names: HierarchyNames,
    *,
    root_keys: KeyStore,
    keys: KeyStore,
    parts: CaParts,
    permit: Permit,
    crl_shards: int = 1,
) -> Hierarchy:
    """Make what is missing of the hierarchy and return it, with the root's key left behind.

    `root_keys` is opened only if the root still has something to sign; `crl_shards` says into how
    many CRLs the issuing CA's certificates are divided, for good.
    Raises `BadSubjectError`, `LintError`, and what the key stores and the ledger raise.
    """
    root_name, issuing_name = names.subject(names.root), names.subject(names.issuing)
    ocsp, tsa = names.subject(names.ocsp), names.subject(names.tsa)
    # All names were judged before anything is made.
    steps = CaSteps(parts, root_keys, keys)
    root = _new(parts, ROOT, ProfileKind.ROOT, root_name)
    steps.make_root(root, permit)
    issuing = _new(parts, FIRST_ISSUING, ProfileKind.ISSUING, issuing_name, ROOT, crl_shards)
    steps.certify_issuing(issuing, permit)
    steps.first_crls(ROOT)
    steps.furnish(FIRST_ISSUING, ocsp, tsa, permit)
    return open_hierarchy(keys, parts)


def _new(  # noqa: PLR0917  # each of another type
    parts: CaParts,
    issuer: IssuerId,
    kind: ProfileKind,
    subject: x509.Name,
    parent: IssuerId | None = None,
    crl_shards: int = 1,
) -> NewCa:
    profile = parts.profiles[kind]
    return NewCa(issuer, subject, profile, profile.algorithm, parent, crl_shards)
