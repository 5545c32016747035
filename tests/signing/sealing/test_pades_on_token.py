"""Sealing with a whole hierarchy on a token: what it makes is told from nothing else."""

import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from pyhanko.sign.ades.report import AdESPassed
from pyhanko.sign.validation.status import SignatureCoverageLevel

from keys.model import KeyAlgorithm, KeyUnavailableError
from signing.levels import PadesLevel
from tests.signing.pyhanko_validation import Judge
from tests.signing.sealing.sealing_world import SealingWorld
from tests.softhsm import SoftToken

ALGORITHMS = [KeyAlgorithm.ECDSA_P256, KeyAlgorithm.ECDSA_P384, KeyAlgorithm.RSA_3072]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_seal_on_a_token_seals(algorithm: KeyAlgorithm, tmp_path: Path, token: SoftToken) -> None:
    world = SealingWorld(algorithm, token.store())
    pdf = world.seal(PadesLevel.B_LT).pdf
    judge = Judge(world.root, world.ca.clock.now() + timedelta(seconds=5))
    status = judge.seal(pdf)
    assert status.bottom_line
    assert status.coverage is SignatureCoverageLevel.ENTIRE_FILE
    assert judge.ades_with_time(pdf) is AdESPassed.OK
    path = tmp_path / "sealed.pdf"
    path.write_bytes(pdf)
    said = subprocess.run(["pdfsig", "-nocert", path], capture_output=True, text=True, check=False)
    assert "Signature is Valid" in said.stdout
    assert "Total document signed" in said.stdout


def test_sealing_goes_on_when_the_token_returns(token: SoftToken) -> None:
    world = SealingWorld(KeyAlgorithm.ECDSA_P256, token.store())
    with token.away(), pytest.raises(KeyUnavailableError):
        world.seal(PadesLevel.B_LTA)
    token.noticed()
    document = world.seal(PadesLevel.B_LTA)
    judge = Judge(world.root, world.ca.clock.now() + timedelta(seconds=5))
    assert judge.ades_archived(document.pdf) is AdESPassed.OK
