"""What mutants are made from: files of our sealer's, of pyHanko's, and of the corpora."""

import hashlib
import re
from dataclasses import dataclass

from pyhanko.sign.fields import MDPPerm

from signing.levels import PadesLevel
from tests.signing.material import NOW as SIGNED_AT
from tests.signing.material import How, archive, blank, pki, sealed, sign
from tests.world import World

BYTE_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]")
DIGESTS = ("sha256", "sha384", "sha512", "sha1")


@dataclass(frozen=True, slots=True)
class Seed:
    """A file as it was signed."""

    name: str
    data: bytes


def own_seeds(world: World) -> tuple[Seed, ...]:
    """Grant licences at every level, and return them; their bytes are registered."""
    levels = enumerate(PadesLevel)
    return tuple(
        Seed(f"licence-{level}", world.grant(number, slug, level=level).pdf)
        for slug in ("food-operation", "disability")
        for number, level in levels
    )


def foreign_seeds() -> tuple[Seed, ...]:
    """Files that pyHanko signed under a PKI of its own."""
    approval = How(docmdp=None, field="Approval", box=(10, 10, 90, 50))
    streams = sign(blank(stream_xrefs=True), pki(), How(level="B-T"))
    fillable = sign(blank(), pki(), How(docmdp=MDPPerm.ANNOTATE))
    seeds = [Seed(f"pyhanko-{level}", sealed(level)) for level in ("B-B", "B-T", "B-LT", "B-LTA")]
    return (
        *seeds,
        Seed("pyhanko-blank", blank()),
        Seed("pyhanko-visible", sign(blank(), pki(), approval, pki().officer)),
        Seed("pyhanko-twice", sign(sign(blank(), pki(), approval), pki(), How(docmdp=None))),
        Seed("pyhanko-streams", streams),
        Seed("pyhanko-annotatable", fillable),
        Seed("pyhanko-archived", archive(sealed("B-LTA"), pki(), SIGNED_AT)),
    )


def covered_digests(data: bytes) -> dict[int, set[str]]:
    """Return, of each byte range that stands in a file, its end and the digests over it.

    By a search and hashlib alone, so that no code under test has a part in it. A range whose gap
    holds anything but one hexadecimal string is left out: what stands there nobody signed.
    """
    found: dict[int, set[str]] = {}
    for match in BYTE_RANGE.finditer(data):
        start, first, second, last = map(int, match.groups())
        end = second + last
        if start != 0 or not 0 < first < second <= end <= len(data):
            continue
        if re.fullmatch(rb"<[0-9A-Fa-f\s]*>", data[first:second]) is None:
            continue
        signed = data[:first] + data[second:end]
        found.setdefault(end, set()).update(hashlib.new(n, signed).hexdigest() for n in DIGESTS)
    return found
