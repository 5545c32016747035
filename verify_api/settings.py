"""The public edge's limits and names, each with its reason. Read once, handed down."""

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from core.limits import Rate
from core.text import Text

MIB = 1024 * 1024
SERVICE_NAME = Text("电子证照核验", "E-licence verification")


@dataclass(frozen=True, slots=True)
class VerifySettings:
    """Settings of the verification API and its pages."""

    public_url: str
    """Origin that the public uses, without a trailing slash; stands in QR codes."""
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))
    """In which times are shown to people."""
    service_name: Text = SERVICE_NAME
    max_file_bytes: int = 32 * MIB
    """A licence has 0.1 to 2 MiB; scanned documents of other makers reach 20."""
    max_json_bytes: int = 16 * 1024
    """A QR payload has at most 2,953 bytes; claims are a handful of short fields."""
    upload_seconds: float = 120.0
    """32 MiB at 2.2 Mbit/s; whoever sends more slowly holds memory for nothing."""
    max_bytes_in_flight: int = 256 * MIB
    """All uploads together, since they stand in memory: eight of the largest."""
    concurrent_file_checks: int = 2
    """Each is a sandbox process that takes a core."""
    waiting_file_checks: int = 16
    """Beyond these the answer would come too late to be waited for."""
    concurrent_lookups: int = 8
    """Threads that stand in SQL."""
    waiting_lookups: int = 256
    """A tenth of a second's worth; a longer line means that the database is in trouble."""
    file_rate: Rate = field(default_factory=lambda: Rate(burst=30, per_minute=30))
    """One client's files: a counter checks a few a minute, an office behind one address more."""
    lookup_rate: Rate = field(default_factory=lambda: Rate(burst=60, per_minute=120))
    """One client's look-ups: ample for people, too slow for trying out numbers."""
