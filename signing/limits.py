"""Limits of what is looked at in a foreign document, and of the sandbox that looks."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of what validation looks at; whatever is beyond is answered with `LIMIT`."""

    file_bytes: int = 32 * 1024 * 1024
    """Licences measure below 1 MiB; scanned documents of other makers reach some 20 MiB."""
    signatures: int = 32
    """Each costs some 10 ms; a document that passes through many hands bears below ten, some twice
    as many."""
    revisions: int = 64
    """Each is parsed and compared with its neighbours; an archive renewed yearly has below 40."""
    fields: int = 4096
    """Form fields are walked one by one (50,000 took pyHanko 3.5 s)."""
    objects: int = 200_000
    """Cross-reference entries; each costs memory, even if nothing uses it."""
    dss_items: int = 64
    """Of each kind (certificates, CRLs, OCSP answers); more would feed path building forever."""
    contents_bytes: int = 1024 * 1024
    """Room for one CMS; the largest post-quantum seals with timestamp take some 40 KiB."""
    decoded_bytes: int = 64 * 1024 * 1024
    """All streams of a document together, decoded: against decompression bombs."""
    nesting: int = 64
    """Depth of form field trees."""
    identifiers: int = 16
    """Agreed in `signing.report`."""
    revision_ends: int = 64
    """Agreed in `signing.report`; each costs the registry one SHA-256 over the prefix."""
    seconds: float = 10.0
    """Wall clock of one document in a worker; the slowest honest file took below 2 s."""
    memory_bytes: int = 1024 * 1024 * 1024
    """Address space of one worker: 32 MiB of file, 64 MiB decoded, and the libraries."""


DEFAULT_LIMITS = Limits()
