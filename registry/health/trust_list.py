"""Check of the trust list: signature, version, and how long it still holds."""

from collections.abc import Iterator
from datetime import timedelta

from core.text import Text
from registry.health import messages
from registry.health.health import HealthFinding, HealthSubject, fail, ok, warn
from signing.trust.anchors import AnchorKind
from signing.trust.list_file import DRAFT, TrustListFolder
from signing.trust.lists import TrustList
from signing.trust.state import ListState

_WARN = timedelta(days=14)
_RENEW = Text(
    "核对后运行 xinyin trust sign。", "Look it through, then run: xinyin trust sign --basis …"
)
_REPLACE = Text(
    "放回正确的 list.json 与 list-signers.pem，或重新签署。",
    "Put the right list.json and list-signers.pem back, or sign the list again.",
)


def check_trust_list(subject: HealthSubject) -> Iterator[HealthFinding]:
    """See that the list is used, and for how long it will be."""
    folder, now = TrustListFolder(subject.directory, remembers=False), subject.clock.now()
    reading = folder.read(now)
    if reading.state is ListState.EXPIRED:
        yield fail(reading.said, _RENEW)
    elif not reading.is_in_order:
        yield fail(reading.said, _REPLACE)
    elif reading.trusted is None:
        yield ok(reading.said)
    else:
        yield _lasting(reading.trusted, reading.trusted.next_update - now)
        if not subject.settings.service.demo:
            yield from _tests(reading.trusted)
    if (folder.path / DRAFT).exists():
        yield warn(messages.TRUST_LIST_DRAFT_UNSIGNED, messages.SIGN_OR_DISCARD_DRAFT)


def _lasting(content: TrustList, left: timedelta) -> HealthFinding:
    said = messages.trust_list_summary(
        version=content.version, count=len(content.entries), next_update=content.next_update
    )
    return warn(said, _RENEW) if left <= _WARN else ok(said)


def _tests(content: TrustList) -> Iterator[HealthFinding]:
    count = sum(one.kind is AnchorKind.TEST for one in content.entries)
    if count:
        yield warn(
            messages.trust_list_test_entries(count),
            messages.REMOVE_TEST_ENTRIES,
        )
