"""Place of a bucket: where it is, and how patiently it is asked."""

from dataclasses import dataclass
from pathlib import Path

from registry.objects.credentials import Credentials


@dataclass(frozen=True, slots=True)
class BucketPlace:
    """A bucket of an S3-compatible store."""

    endpoint: str
    """Address of the store; the bucket's name follows as a path."""
    bucket: str
    region: str
    prefix: str
    """Beginning of all names: empty, or with a slash at its end."""
    credentials: Credentials
    ca_file: Path | None
    """PEM file of the CAs that the store's certificate may be of, beside the system's."""
    seconds: float
    """Longest time of one attempt."""
    attempts: int
    """Attempts where the store failed in a way that may pass."""
