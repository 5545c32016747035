"""What we seal, judged by EU DSS, which knows nothing of us but our root."""

from datetime import timedelta
from pathlib import Path

import pytest

from keys.model import KeyAlgorithm
from signing.levels import PadesLevel
from tests.dss_witness import NOTHING, Dss, Trust, check_levels
from tests.signing.sealing.sealing_world import SealingWorld
from tests.softhsm import SoftToken

ALGORITHMS = [KeyAlgorithm.ECDSA_P256, KeyAlgorithm.ECDSA_P384, KeyAlgorithm.RSA_3072]
SECONDS = timedelta(seconds=5)


def _sealed(world: SealingWorld, level: PadesLevel, folder: Path) -> Path:
    """A licence sealed some minutes after its CA was founded, as in life."""
    world.ca.clock.advance(timedelta(minutes=5))
    path = folder / f"{level}.pdf"
    path.write_bytes(world.seal(level).pdf)
    return path


def _check(world: SealingWorld, dss: Dss, tmp_path: Path) -> None:
    sealed = {level: _sealed(world, level, tmp_path) for level in PadesLevel}
    check_levels(dss, sealed, world.root, tmp_path / "trust", world.ca.clock.now() + SECONDS)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_level_passes_on_software_keys(
    algorithm: KeyAlgorithm, dss: Dss, tmp_path: Path
) -> None:
    _check(SealingWorld(algorithm), dss, tmp_path)


@pytest.mark.parametrize("algorithm", [KeyAlgorithm.ECDSA_P256, KeyAlgorithm.RSA_3072])
def test_every_level_passes_on_a_token(
    algorithm: KeyAlgorithm, token: SoftToken, dss: Dss, tmp_path: Path
) -> None:
    _check(SealingWorld(algorithm, token.store()), dss, tmp_path)


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
