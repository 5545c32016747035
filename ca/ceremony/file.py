"""A ceremony as it is written: one TOML file that is reviewed before anything is made.

What a step leaves out takes its default; what is not known here is refused.
"""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    Field,
    StringConstraints,
    ValidationError,
)

from ca.ceremony import messages
from ca.errors import BadCeremonyError
from ca.wire_types import Id, Line, PlannedRevocation, PlanSection, Sha256
from core.text import Text
from keys.model import KeyAlgorithm

MAX_FILE_BYTES: Final = 64 * 1024
"""A person reviews it: a few pages at most."""


def _beside(value: str) -> str:
    path = PurePosixPath(value)
    if path.is_absolute() or ".." in path.parts:
        raise ValueError("must lie beside the ceremony's file or below it")
    return value


Beside = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_beside)]
Days = Annotated[int, Field(ge=1)]


class Person(PlanSection):
    """Somebody present."""

    name: Line
    role: Line
    organization: Line | None = None

    @property
    def told(self) -> str:
        """Name of the person as the transcript has it."""
        body = "" if self.organization is None else f", {self.organization}"
        return f"{self.name} ({self.role}{body})"


class Head(PlanSection):
    """Head of the ceremony's file: its purpose, place, day and customer."""

    id: Id
    """Names its folder; never used twice in one place."""
    title: Line
    place: Line
    on: date
    """The civil date for which it is planned."""
    organization: Line
    """Legal name of the body that runs the CA; stands in every certificate."""
    uscc: Line
    pki_url: Line
    """http:// address that stands in every certificate."""
    keys: Line = "software:"
    """Where an offline root's key is: `software:` in its directory, or a token's PKCS#11 URI."""
    demo: bool = False
    """Loopback addresses are accepted in certificates."""


class MakeRoot(PlanSection):
    """Make a root: its key and its certificate."""

    do: Literal["make-root"]
    issuer: Id
    name: Line
    """Common name."""
    algorithm: KeyAlgorithm = KeyAlgorithm.ECDSA_P384
    validity_days: Days | None = None


class CertifyIssuing(PlanSection):
    """Certify an issuing CA by a root; without a request its key is made here."""

    do: Literal["certify-issuing"]
    issuer: Id
    by: Id = "root"
    name: Line
    algorithm: KeyAlgorithm = KeyAlgorithm.ECDSA_P384
    validity_days: Days | None = None
    policies: tuple[Line, ...] | None = None
    """Certificate policies, dotted decimal."""
    crl_shards: Annotated[int, Field(ge=1, le=256)] = 1
    request: Beside | None = None
    """Folder of the request (`xinyin ca request`)."""
    request_sha256: Sha256 | None = None
    """Of its request.json, compared by those who review."""


class CrossCertify(PlanSection):
    """Certify a root's name and key by another root (RFC 4210 4.4)."""

    do: Literal["cross-certify"]
    subject: Id
    by: Id
    validity_days: Days | None = None


class SignCrl(PlanSection):
    """Revoke what is listed, and sign a root's next CRL."""

    do: Literal["sign-crl"]
    issuer: Id
    revoke: tuple[PlannedRevocation, ...] = ()
    request: Beside | None = None
    request_sha256: Sha256 | None = None


class Retire(PlanSection):
    """Let a root certify nothing more; its CRLs go on."""

    do: Literal["retire"]
    issuer: Id


Step = MakeRoot | CertifyIssuing | CrossCertify | SignCrl | Retire


class Ceremony(PlanSection):
    """The whole file."""

    ceremony: Head
    participant: Annotated[tuple[Person, ...], Field(min_length=1)]
    witness: Annotated[tuple[Person, ...], Field(min_length=1)]
    step: Annotated[
        tuple[Annotated[Step, Field(discriminator="do")], ...], Field(min_length=1, max_length=50)
    ]


@dataclass(frozen=True, slots=True)
class CeremonyFile:
    """A ceremony with the bytes that were reviewed."""

    ceremony: Ceremony
    content: bytes
    directory: Path
    """Where it lies; requests are looked for from here."""

    @property
    def sha256(self) -> str:
        """Of the file, hexadecimal."""
        return hashlib.sha256(self.content).hexdigest()


def read_ceremony(path: Path) -> CeremonyFile:
    """Read a ceremony's file. Raises `BadCeremonyError` naming the key at fault."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
        if len(content) > MAX_FILE_BYTES:
            raise _bad(path, messages.size_limit_exceeded(MAX_FILE_BYTES))
        written = tomllib.loads(content.decode())
    except (OSError, ValueError) as error:
        raise _bad(path, Text(str(error), str(error))) from error
    return CeremonyFile(parse_ceremony(written, path), content, path.parent)


def parse_ceremony(written: Mapping[str, Any], path: Path) -> Ceremony:
    """Judge what was written. Raises `BadCeremonyError`."""
    try:
        return Ceremony.model_validate(written)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        # Positions are told from one, as people count; the union's own part says nothing.
        parts = [str(p + 1) if isinstance(p, int) else p for p in first["loc"]]
        key = ".".join(parts)
        raise _bad(path, Text(f"{key}：{first['msg']}", f"{key}: {first['msg']}")) from error


def _bad(path: Path, text: Text) -> BadCeremonyError:
    return BadCeremonyError(messages.ceremony_not_runnable(path_name=path.name, reason=text))
