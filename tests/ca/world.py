"""A whole PKI in miniature: real keys, a ledger in memory, a clock that can be set."""

import secrets
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes

from ca.addresses import PkiAddresses
from ca.hierarchy.founding import HierarchyNames, found_hierarchy
from ca.hierarchy.hierarchy import Hierarchy
from ca.hierarchy.steps import CaSteps, NewCa
from ca.issuers import IssuerRecord
from ca.issuing.parts import CaParts
from ca.ocsp.answer_counts import AnswerCounts
from ca.profiles.lint import Linter
from ca.profiles.names import LegalSubject, NaturalSubject
from ca.profiles.profiles import ProfileKind, Suite, validate_profiles
from ca.recorder import Collector
from core.ids import IssuerId, KeyId
from core.text import Text
from keys.algorithms import generate_private_key
from keys.model import (
    KeyAlgorithm,
    KeyExistsError,
    KeyInfo,
    KeyNotFoundError,
    KeyPurpose,
    KeyStore,
    Signer,
)
from keys.software import SoftwareSigner
from tests.ca.memory_ledger import MemoryLedger
from tests.clock import StoppedClock
from tests.permits import MANAGE_CA, to_certify

USCC = "11370000004504644L"
ORGANIZATION = "某某省政务服务数据管理局"
SECOND_ROOT = IssuerId("root-2")
NAMES = HierarchyNames(ORGANIZATION, USCC)
HTTP = "http://pki.example.gov.cn"
OFFICER = NaturalSubject(
    name="张三",
    identifier="PI:CN-370100-0042",
    surname="张",
    given_name="三",
    organization="某某市市场监督管理局",
    uscc=USCC,
)
SEAL = LegalSubject("某某市市场监督管理局食品经营许可专用章", "某某市市场监督管理局", USCC)


class MemoryKeyStore:
    """Keys in memory, without the passphrase work of the real store; counts what is opened."""

    def __init__(self) -> None:
        self.keys: dict[KeyId, SoftwareSigner] = {}
        self.opened: list[KeyId] = []
        self.retired: set[KeyId] = set()

    def generate(self, key_id: KeyId, purpose: KeyPurpose, algorithm: KeyAlgorithm) -> KeyInfo:
        if key_id in self.keys:
            raise KeyExistsError(Text("有", "exists"))
        key = generate_private_key(algorithm)
        spki = key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        info = KeyInfo(key_id, purpose, algorithm, spki, datetime.now(UTC))
        self.keys[key_id] = SoftwareSigner(info, key)
        return info

    def find(self, key_id: KeyId) -> KeyInfo:
        if key_id not in self.keys:
            raise KeyNotFoundError(Text("无", "not there"))
        return self.keys[key_id].info

    def list_keys(self) -> list[KeyInfo]:
        return [signer.info for signer in self.keys.values()]

    def may_open(self, key_id: KeyId, purpose: KeyPurpose) -> bool:
        return self.find(key_id).purpose is purpose and key_id not in self.retired

    def life_epoch(self) -> int:
        return len(self.retired)

    def open(self, key_id: KeyId, purpose: KeyPurpose) -> Signer:
        assert self.find(key_id).purpose is purpose
        self.opened.append(key_id)
        return self.keys[key_id]


class World:
    """A founded hierarchy with one seal."""

    def __init__(
        self,
        pki_url: str = HTTP,
        *,
        demo: bool = False,
        keys: KeyStore | None = None,
        suite: Suite = Suite.ECDSA,
    ) -> None:
        """Keep all keys in `keys`, the root's too; without it, in memory."""
        self.clock = StoppedClock(datetime.now(UTC))  # to the microsecond
        self.ledger = MemoryLedger()
        self.recorder = Collector()
        self.answers = AnswerCounts(self.recorder, self.clock)
        self.root_keys = MemoryKeyStore()
        self.keys = MemoryKeyStore()
        if keys is not None:  # whoever asks a store what it opened has one in memory
            self.root_keys = self.keys = keys  # type: ignore[assignment]
        self.parts = CaParts(
            ledger=self.ledger,
            recorder=self.recorder,
            answers=self.answers,
            clock=self.clock,
            random=secrets.token_bytes,
            linter=Linter(demo=demo),
            addresses=PkiAddresses(pki_url),
            profiles=validate_profiles({}, suite=suite),
        )

    def with_clock_guard(self, check: Callable[[datetime], None]) -> CaParts:
        """Return the parts with a clock that is looked at before it is stated."""
        return replace(self.parts, check_clock=check)

    def found(self) -> Hierarchy:
        return found_hierarchy(
            NAMES, root_keys=self.root_keys, keys=self.keys, parts=self.parts, permit=MANAGE_CA
        )

    def seal(self, hierarchy: Hierarchy) -> x509.Certificate:
        """Issue a seal's certificate; its key is thrown away."""
        return self.certify(hierarchy, ProfileKind.SEAL)

    def certify(
        self,
        hierarchy: Hierarchy,
        kind: ProfileKind,
        key: CertificatePublicKeyTypes | None = None,
        subject: x509.Name | None = None,
    ) -> x509.Certificate:
        """Issue an end entity's certificate, without `key` for one that is thrown away."""
        known = {ProfileKind.OFFICER: OFFICER, ProfileKind.OFFICER_SHORT: OFFICER}
        subject = subject or known.get(kind, SEAL).to_name()
        profile = self.parts.profiles[kind]
        key = key or generate_private_key(profile.algorithm).public_key()
        token = hierarchy.authority.prepare(profile, subject, key, permit=to_certify(profile))
        return x509.load_der_x509_certificate(hierarchy.authority.issue(token))

    @property
    def steps(self) -> CaSteps:
        """The steps that CAs are made of."""
        return CaSteps(self.parts, self.root_keys, self.keys)

    def second_root(self) -> IssuerRecord:
        """Make another root beside the first."""
        profile = self.parts.profiles[ProfileKind.ROOT]
        subject = NAMES.subject("电子证照根CA 2")
        return self.steps.make_root(
            NewCa(SECOND_ROOT, subject, profile, profile.algorithm), permit=MANAGE_CA
        )


def pem(path: Path, *certificates: x509.Certificate) -> Path:
    """Write certificates for openssl."""
    encoding = serialization.Encoding.PEM
    path.write_bytes(b"".join(c.public_bytes(encoding) for c in certificates))
    return path


def openssl(*arguments: str | Path) -> str:
    """Run openssl; fail with what it said unless it exits 0."""
    return _run("openssl", *arguments)


def certtool(*arguments: str | Path) -> str:
    """Run GnuTLS's certtool in the same way."""
    return _run("certtool", *arguments)


def ocsptool(*arguments: str | Path) -> str:
    """Run GnuTLS's ocsptool in the same way."""
    return _run("ocsptool", *arguments)


def _run(*command: str | Path) -> str:
    run = subprocess.run(
        [*map(str, command)], capture_output=True, text=True, timeout=30, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout + run.stderr
