"""Steps of a ceremony, each stated first and then performed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding

from ca.ceremony import messages
from ca.ceremony.file import (
    CeremonyFile,
    CertifyIssuing,
    CrossCertify,
    MakeRoot,
    Retire,
    SignCrl,
    Step,
)
from ca.errors import BadCeremonyError
from ca.hierarchy.steps import CaSteps, NewCa
from ca.issuers import IssuerRole, IssuerState, cross_name
from ca.issuing.parts import CaParts
from ca.ledger import CertificateState
from ca.outside.exchange import Request, read_request
from ca.profiles.describe import Fact, describe_certificate, describe_crl, describe_key, fingerprint
from ca.profiles.names import LegalSubject
from ca.profiles.profiles import RULES, Profile, ProfileConfig, ProfileKind, validate_profile
from core.ids import IssuerId
from core.permits import Permit
from core.text import Text
from keys.model import KeyAlgorithm, KeyStore


@dataclass(frozen=True, slots=True)
class CeremonyDesk:
    """Place of a ceremony, with its parts."""

    parts: CaParts
    root_keys: KeyStore
    keys: KeyStore | None
    """Of issuing CAs; None where the root is offline and their keys are elsewhere."""
    directory: Path
    """Ceremonies are recorded below it."""

    @property
    def steps(self) -> CaSteps:
        """The steps that CAs are made of."""
        return CaSteps(self.parts, self.root_keys, self.keys or self.root_keys)


@dataclass(frozen=True, slots=True)
class Made:
    """Products of a step."""

    facts: list[Fact]
    files: Mapping[str, bytes] = field(default_factory=dict)
    """By name: certificates (.cer) and CRLs (.crl), DER."""


@dataclass(frozen=True, slots=True)
class _Judged:
    """A step with the CAs that will be there when it is done."""

    number: int
    step: Step
    roots: set[IssuerId]
    issuing: set[IssuerId]

    def need_root(self, name: str) -> None:
        if name not in self.roots:
            raise _bad(self.number, messages.no_such_root(name))

    def need_issuing(self, step: SignCrl) -> None:
        for wanted in step.revoke:
            name = wanted.certificate
            if name not in self.issuing:
                raise _bad(self.number, messages.no_such_ca(name))


class StepWork:
    """Does the steps of one ceremony; all of it is judged when this is made.

    Raises `BadCeremonyError`, `BadSubjectError`, `BadProfileError`, `ExchangeError`.
    """

    def __init__(self, file: CeremonyFile, desk: CeremonyDesk) -> None:
        self._head = file.ceremony.ceremony
        self._file = file
        self._desk = desk
        self._requests: dict[Step, Request] = {}
        self._new: dict[Step, NewCa] = {}
        self._judge()

    def before(self, step: Step) -> list[Fact]:
        """Return the entry recorded before a step's first key is used."""
        facts: list[Fact] = []
        if step in self._requests:
            request = self._requests[step]
            facts.append(("request-sha256", request.sha256))
            facts.append(("request-key", describe_key(request.public_key)))
        if isinstance(step, SignCrl):
            facts.append(("crl-number-before", str(self._crl_number(IssuerId(step.issuer)))))
        return facts

    def is_done_elsewhere(self, step: Step) -> bool:
        """Tell whether a CA that a step is to make is there before the step was begun."""
        if not isinstance(step, MakeRoot | CertifyIssuing):
            return False
        record = self._desk.steps.find(IssuerId(step.issuer))
        return record is not None and record.certificate is not None

    def do(self, step: Step, before: Mapping[str, str], permit: Permit) -> Made:
        """Do a step, or find that it was done. `before`: what `before` returned the first time."""
        match step:
            case MakeRoot():
                root = self._desk.steps.make_root(self._new[step], permit)
                return _certificate(step.issuer, root.x509)
            case CertifyIssuing():
                return self._certify(step, permit)
            case CrossCertify():
                return self._cross_certify(step, permit)
            case SignCrl():
                return self._sign_crl(step, int(before["crl-number-before"]), permit)
            case Retire():
                issuer, retired = IssuerId(step.issuer), IssuerState.RETIRED
                record = self._desk.steps.set_state(issuer, retired, permit)
                return Made([("state", record.state)])

    def _certify(self, step: CertifyIssuing, permit: Permit) -> Made:
        request = self._requests.get(step)
        key = None if request is None else request.public_key
        # Where its key is too, it is put to use once it has CRLs, a responder and a TSA.
        state = IssuerState.PREPARED if key is None else IssuerState.ACTIVE
        record = self._desk.steps.certify_issuing(self._new[step], permit, key, state)
        return _certificate(step.issuer, record.x509)

    def _cross_certify(self, step: CrossCertify, permit: Permit) -> Made:
        days = None if step.validity_days is None else timedelta(days=step.validity_days)
        subject, by = IssuerId(step.subject), IssuerId(step.by)
        certificate = self._desk.steps.cross_certify(subject, by, permit, days)
        name = cross_name(subject, by)
        return _certificate(name, x509.load_der_x509_certificate(certificate))

    def _sign_crl(self, step: SignCrl, number_before: int, permit: Permit) -> Made:
        issuer, ledger = IssuerId(step.issuer), self._desk.parts.ledger
        for wanted in step.revoke:
            serial = self._desk.steps.get(IssuerId(wanted.certificate)).x509.serial_number
            entry = ledger.find(issuer, serial)
            if entry is not None and entry.state is not CertificateState.REVOKED:
                now = self._desk.parts.clock.now()
                ledger.revoke(issuer, serial, wanted.reason, now, permit)
        if self._crl_number(issuer) == number_before:
            self._desk.steps.crls(issuer).publish()
        signed = ledger.find_crl(issuer)
        assert signed is not None
        facts = describe_crl(x509.load_der_x509_crl(signed.crl))
        return Made(facts, {f"{issuer}.crl": signed.crl})

    def _crl_number(self, issuer: IssuerId) -> int:
        signed = self._desk.parts.ledger.find_crl(issuer)
        return 0 if signed is None else signed.number

    def _judge(self) -> None:
        if self._head.pki_url.rstrip("/") != self._desk.parts.addresses.pki_url.rstrip("/"):
            raise BadCeremonyError(messages.PKI_URL_HOME_MISMATCH)
        records = self._desk.parts.ledger.list_issuers()
        roots = {one.issuer for one in records if one.role is IssuerRole.ROOT}
        issuing = {one.issuer for one in records if one.role is IssuerRole.ISSUING}
        seen: set[tuple[str, str]] = set()
        for number, step in enumerate(self._file.ceremony.step, 1):
            self._judge_one(_Judged(number, step, roots, issuing))
            if (key := _target(step)) in seen:
                raise _bad(number, messages.STEP_REPEATED)
            seen.add(key)

    def _judge_one(self, judged: _Judged) -> None:
        step = judged.step
        match step:
            case MakeRoot():
                profile = self._profile(ProfileKind.ROOT, step.algorithm, step.validity_days)
                subject = self._subject(step.name)
                self._new[step] = NewCa(IssuerId(step.issuer), subject, profile, step.algorithm)
                judged.roots.add(IssuerId(step.issuer))
            case CertifyIssuing():
                judged.need_root(step.by)
                self._take_request(judged.number, step)
                self._new[step] = self._issuing(judged.number, step)
                judged.issuing.add(IssuerId(step.issuer))
            case CrossCertify():
                judged.need_root(step.by)
                judged.need_root(step.subject)
                if step.by == step.subject:
                    raise _bad(judged.number, messages.ROOT_CROSS_CERTIFIES_ITSELF)
            case SignCrl():
                judged.need_root(step.issuer)
                self._take_request(judged.number, step)
                judged.need_issuing(step)
            case Retire():
                judged.need_root(step.issuer)

    def _issuing(self, number: int, step: CertifyIssuing) -> NewCa:
        if step.request is None and self._desk.keys is None:
            raise _bad(number, messages.REQUEST_NEEDED)
        return NewCa(
            issuer=IssuerId(step.issuer),
            subject=self._subject(step.name),
            profile=self._profile(
                ProfileKind.ISSUING, step.algorithm, step.validity_days, step.policies
            ),
            algorithm=step.algorithm,
            parent=IssuerId(step.by),
            crl_shards=step.crl_shards,
        )

    def _take_request(self, number: int, step: CertifyIssuing | SignCrl) -> None:
        if step.request is None:
            return
        if step.request_sha256 is None:
            raise _bad(number, messages.REQUEST_SHA256_NEEDED)
        folder = self._file.directory / step.request
        request = read_request(folder, self._known_keys(), step.request_sha256)
        asked = request.asked
        if asked.pki_url.rstrip("/") != self._head.pki_url.rstrip("/"):
            raise _bad(number, messages.REQUEST_PKI_URL_DIFFERS)
        wanted = {(one.certificate, one.reason) for one in asked.revoke}
        if isinstance(step, CertifyIssuing):
            if asked.issuer != step.issuer or request.csr is None:
                raise _bad(number, messages.request_for_another_ca(step.issuer))
        elif wanted != {(one.certificate, one.reason) for one in step.revoke}:
            raise _bad(number, messages.REVOCATIONS_DIFFER_FROM_REQUEST)
        self._requests[step] = request

    def _known_keys(self) -> dict[str, CertificatePublicKeyTypes]:
        records = self._desk.parts.ledger.list_issuers()
        return {r.issuer: r.x509.public_key() for r in records if r.certificate is not None}

    def _profile(
        self,
        kind: ProfileKind,
        algorithm: KeyAlgorithm,
        days: int | None,
        policies: tuple[str, ...] | None = None,
    ) -> Profile:
        suites = [suite for suite, known in RULES[kind].algorithms.items() if algorithm in known]
        if not suites:
            raise BadCeremonyError(
                messages.profile_refuses_algorithm(profile=kind, algorithm=algorithm)
            )
        config = ProfileConfig(validity_days=days, policies=policies)
        return validate_profile(kind, config, suite=suites[0])

    def _subject(self, name: str) -> x509.Name:
        return LegalSubject(name, self._head.organization, self._head.uscc).to_name()


def _target(step: Step) -> tuple[str, str]:
    """Product of a step; no two steps of a ceremony make the same."""
    if isinstance(step, CrossCertify):
        return step.do, cross_name(IssuerId(step.subject), IssuerId(step.by))
    kind = "make" if isinstance(step, MakeRoot | CertifyIssuing) else step.do
    return kind, step.issuer


def _certificate(name: str, certificate: x509.Certificate) -> Made:
    tbs = ("tbs-sha256", fingerprint(certificate.tbs_certificate_bytes))
    encoded = certificate.public_bytes(Encoding.DER)
    return Made([*describe_certificate(certificate), tbs], {f"{name}.cer": encoded})


def _bad(number: int, text: Text) -> BadCeremonyError:
    return BadCeremonyError(messages.step_not_possible(number=number, reason=text), step=number)
