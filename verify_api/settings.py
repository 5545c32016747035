"""The public edge's limits and names, each with its reason. Read once, handed down.

The defaults are made for an office of 200 behind one address.
"""

from dataclasses import dataclass, field
from typing import Self
from zoneinfo import ZoneInfo

from core import settings as core_settings
from core.client_networks import ClientNetworks
from core.text import Text
from core.web.limits.bodies import Pace
from core.web.limits.fair_queue import QueueLimits
from core.web.limits.memory_budget import MemoryLimits
from core.web.limits.setbacks import SetbackRule
from core.web.limits.throttling import Rate

MIB = 1024 * 1024
SERVICE_NAME = Text("电子证照核验", "E-licence verification")
SMALL_FILE_BYTES = 2 * MIB
"""Licences have 0.1 to 2 MiB: room is kept for them, whatever larger files there are."""


def file_queue(workers: int, waiting: int = 64, waiting_each: int = 32) -> QueueLimits:
    """Return the bounds of the line before the sandbox's workers."""
    return QueueLimits(
        working=workers,
        working_each=1,
        working_large=max(1, workers - 1),
        waiting=waiting,
        waiting_each=waiting_each,
        waiting_large=max(1, waiting // 2),
    )


@dataclass(frozen=True, slots=True)
class VerifyApiSettings:
    """Settings of the verification API and its pages."""

    public_url: str
    """Origin that the public uses, without a trailing slash; stands in QR codes."""
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))
    """In which times are shown to people."""
    service_name: Text = SERVICE_NAME
    operator: tuple[str, ...] = ()
    """Who runs the service, where to ask, the site's filing: named on every page."""
    networks: ClientNetworks = field(default_factory=ClientNetworks)
    """Which addresses count as one client."""
    max_file_bytes: int = 32 * MIB
    """A licence has 0.1 to 2 MiB; scanned documents of other makers reach 20."""
    max_json_bytes: int = 16 * 1024
    """A QR payload has at most 2,953 bytes; claims are a handful of short fields."""
    file_pace: Pace = field(default_factory=lambda: Pace(seconds=120.0))
    """32 MiB at 2.2 Mbit/s; whoever sends more slowly holds memory for nothing."""
    small_pace: Pace = field(default_factory=lambda: Pace(seconds=15.0))
    """Of look-ups and forms."""
    memory: MemoryLimits = field(
        default_factory=lambda: MemoryLimits(
            total=256 * MIB, each=64 * MIB, small=SMALL_FILE_BYTES, kept_for_small=64 * MIB
        )
    )
    """All uploads together, since they stand in memory: eight of the largest, two of one client."""
    files: QueueLimits = field(default_factory=lambda: file_queue(2))
    """Each at work is a sandbox process that takes a core. One of each client: with two workers
    or more, whoever hands in what keeps a worker busy leaves the others to the others."""
    lookups: QueueLimits = field(
        default_factory=lambda: QueueLimits(
            working=8, working_each=4, waiting=256, waiting_each=128
        )
    )
    """Threads that stand in SQL, also for uploaded files that may be registered ones. As many wait
    as are served in a tenth of a second; a longer line means that the database is in trouble."""
    claims: QueueLimits = field(
        default_factory=lambda: QueueLimits(working=2, working_each=1, waiting=64, waiting_each=16)
    )
    """One of each client, so that a wrong one has slowed it before the next is looked at."""
    file_rate: Rate = field(default_factory=lambda: Rate(burst=120, per_minute=240))
    """One client's files: 200 people hand in one a minute each at the worst of times. A large one
    counts once more for each size of a small one, since receiving and hashing it costs as much."""
    request_rate: Rate = field(default_factory=lambda: Rate(burst=600, per_minute=6000))
    """One client's requests of any kind, pages and their parts too: a tenth of a core."""
    lookup_rate: Rate = field(default_factory=lambda: Rate(burst=120, per_minute=240))
    """One client's look-ups: ample for people, too slow for trying out numbers."""
    judging: Rate = field(default_factory=lambda: Rate(burst=60, per_minute=30))
    """One client's seconds of sandbox workers: 120 to 300 honest files a minute, three hostile
    ones. Registered files take none."""
    wrong_claims: SetbackRule = field(default_factory=SetbackRule)

    @classmethod
    def of(cls, verify: core_settings.VerifySettings, public_url: str, zone: ZoneInfo) -> Self:
        """Return the settings of the section `[verify]`."""
        return cls(
            public_url=public_url,
            zone=zone,
            networks=ClientNetworks(verify.ipv4_prefix, verify.ipv6_prefix),
            file_pace=Pace(120.0, verify.upload_kib_per_second * 1024),
            memory=MemoryLimits(
                total=verify.memory_mib * MIB,
                each=verify.memory_mib_per_network * MIB,
                small=SMALL_FILE_BYTES,
                kept_for_small=verify.memory_mib * MIB // 4,
                uploads_each=verify.uploads_per_network,
            ),
            files=file_queue(
                verify.workers, verify.waiting_files, verify.waiting_files_per_network
            ),
            file_rate=Rate(max(1, verify.files_per_minute / 2), verify.files_per_minute),
            request_rate=Rate(max(1, verify.requests_per_minute / 10), verify.requests_per_minute),
            lookup_rate=Rate(max(1, verify.lookups_per_minute / 2), verify.lookups_per_minute),
            judging=Rate(verify.judging_seconds_per_minute * 2, verify.judging_seconds_per_minute),
        )
