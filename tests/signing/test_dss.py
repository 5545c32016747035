"""What we seal, judged by EU DSS, which knows nothing of us but our root."""

from datetime import timedelta
from pathlib import Path

import pytest

from keys.model import KeyAlgorithm
from signing.pades import PadesLevel
from tests.dss_witness import NOTHING, Dss, Trust
from tests.signing.sealing_world import SealingWorld
from tests.softhsm import SoftToken

# The levels in DSS's own words. A store that stands before the signature it leaves out of account
# (see StoreBeforeSeal.java), and so takes B-LT in one revision for B-T.
STOCK = {
    PadesLevel.B_B: ("TOTAL_PASSED", "B"),
    PadesLevel.B_T: ("TOTAL_PASSED", "T"),
    PadesLevel.B_LT: ("TOTAL_PASSED", "T"),
    PadesLevel.B_LTA: ("TOTAL_PASSED", "LTA"),
}
ALGORITHMS = [KeyAlgorithm.ECDSA_P256, KeyAlgorithm.ECDSA_P384, KeyAlgorithm.RSA_3072]
SECONDS = timedelta(seconds=5)


def _sealed(world: SealingWorld, level: PadesLevel, folder: Path) -> Path:
    """A licence sealed some minutes after its CA was founded, as in life."""
    world.ca.clock.move(timedelta(minutes=5))
    path = folder / f"{level}.pdf"
    path.write_bytes(world.seal(level).pdf)
    return path


def _check_levels(world: SealingWorld, dss: Dss, tmp_path: Path) -> None:
    root = Trust.make(tmp_path / "root", world.root)
    for level in PadesLevel:
        pdf = _sealed(world, level, tmp_path)
        at = world.ca.clock.now() + SECONDS
        # What B-B and B-T leave to the verifier; for B-LT, what stock DSS leaves out of account.
        known = world.hierarchy.validation.for_seal(world.certificate)
        given = Trust.make(tmp_path / f"given-{level}", world.root, known=known)
        archived = level is PadesLevel.B_LTA
        stock = dss.judge(pdf, root if archived else given, at).only
        assert stock.told == STOCK[level], (level, stock.detail)
        assert stock.detail["scopes"] == ["PARTIAL" if archived else "FULL"]
        if level in {PadesLevel.B_LT, PadesLevel.B_LTA}:
            counted = dss.judge(pdf, root, at, counted=True).only
            assert counted.told == ("TOTAL_PASSED", str(level)[2:]), (level, counted.detail)
            assert [one["indication"] for one in counted.detail["timestamps"]] == (
                ["PASSED"] * (2 if archived else 1)
            )
            assert (counted.detail["errors"], counted.detail["warnings"]) == ([], [])


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_level_passes_on_software_keys(
    algorithm: KeyAlgorithm, dss: Dss, tmp_path: Path
) -> None:
    _check_levels(SealingWorld(algorithm), dss, tmp_path)


@pytest.mark.parametrize("algorithm", [KeyAlgorithm.ECDSA_P256, KeyAlgorithm.RSA_3072])
def test_every_level_passes_on_a_token(
    algorithm: KeyAlgorithm, token: SoftToken, dss: Dss, tmp_path: Path
) -> None:
    _check_levels(SealingWorld(algorithm, token.store()), dss, tmp_path)


def test_it_would_notice(dss: Dss, tmp_path: Path) -> None:
    """A changed byte, another's root, and a file whose revocation data nobody has."""
    world = SealingWorld()
    pdf = _sealed(world, PadesLevel.B_LT, tmp_path)
    at = world.ca.clock.now() + SECONDS
    root = Trust.make(tmp_path / "root", world.root)
    data = pdf.read_bytes()
    changed = tmp_path / "changed.pdf"
    changed.write_bytes(data.replace(b"/Helvetica", b"/Helvetixa", 1))
    assert changed.read_bytes() != data
    verdict = dss.judge(changed, root, at, counted=True).only
    assert (verdict.indication, verdict.sub_indication) == ("TOTAL_FAILED", "HASH_FAILURE")
    other = Trust.make(tmp_path / "other", SealingWorld().root)
    verdict = dss.judge(pdf, other, at, counted=True).only
    assert verdict.indication == "INDETERMINATE"
    assert verdict.sub_indication == "NO_CERTIFICATE_CHAIN_FOUND"
    bare = Trust.make(tmp_path / "bare", world.root, known=NOTHING)
    assert dss.judge(pdf, bare, at).only.indication == "INDETERMINATE"


def test_an_archived_seal_passes_after_its_certificate_has_expired(
    dss: Dss, tmp_path: Path
) -> None:
    """The seal's lasts 3 years and the responder's 1; the timestamping unit's, 8."""
    world = SealingWorld()
    pdf = _sealed(world, PadesLevel.B_LTA, tmp_path)
    root = Trust.make(tmp_path / "root", world.root)
    verdict = dss.judge(pdf, root, world.ca.clock.now() + timedelta(days=7 * 365)).only
    assert verdict.told == ("TOTAL_PASSED", "LTA"), verdict.detail
