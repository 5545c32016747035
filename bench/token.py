"""Signing and sealing with every key on a token: SoftHSM2, beside what the library itself costs."""

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pkcs11
from pkcs11 import Attribute, Mechanism, ObjectClass

from bench.home import BenchHome
from bench.measure import Baseline, Row
from core.ids import KeyId
from keys.model import KeyAlgorithm, KeyPurpose
from signing.levels import PadesLevel
from tests.softhsm import MODULE, PIN, SoftHsm, SoftToken, have_softhsm

_DATA = bytes(256)
_CALLS = {KeyAlgorithm.ECDSA_P256: 50, KeyAlgorithm.ECDSA_P384: 10, KeyAlgorithm.RSA_3072: 5}


@contextmanager
def new_token() -> Iterator[SoftToken]:
    """Hand out a token that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="xinyin-bench-") as directory:
        yield SoftHsm(Path(directory)).token()


def rows(home: BenchHome) -> Iterator[Row]:
    """Yield `token.sign.*` and `token.seal.b_lt`, if SoftHSM2 is installed."""
    if not have_softhsm():
        print("token.*: SoftHSM2 is not installed", file=sys.stderr)
        return
    with new_token() as token:
        for algorithm, calls in _CALLS.items():
            yield _signing(token, algorithm, calls)
        on_token = BenchHome(keys=token.store())
        yield Row(
            "token.seal.b_lt",
            partial(on_token.seal, PadesLevel.B_LT),
            (Baseline("software-keys", partial(home.seal, PadesLevel.B_LT), calls=10),),
            tail=True,
        )


def _signing(token: SoftToken, algorithm: KeyAlgorithm, calls: int) -> Row:
    store, key_id = token.store(), KeyId(f"bench-{algorithm}")
    store.generate(key_id, KeyPurpose.SEAL, algorithm)
    signer = store.open(key_id, KeyPurpose.SEAL)
    baseline = Baseline("pkcs11-raw", _raw_signing(token, key_id, algorithm), calls=calls)
    name = algorithm.replace("ecdsa-", "").replace("-", "")
    return Row(f"token.sign.{name}", partial(signer.sign, _DATA), (baseline,), calls=calls)


def _raw_signing(token: SoftToken, key_id: KeyId, algorithm: KeyAlgorithm) -> Callable[[], object]:
    """Return what the library does for one signature, without digest, lock, or encoding."""
    found = pkcs11.lib(str(MODULE)).get_token(token_label=token.label)
    try:
        session = found.open(user_pin=PIN)
    except pkcs11.UserAlreadyLoggedIn:
        session = found.open()
    wanted = {Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.LABEL: key_id}
    (key,) = session.get_objects(wanted)
    assert isinstance(key, pkcs11.SignMixin)
    mechanism = Mechanism.RSA_PKCS if algorithm is KeyAlgorithm.RSA_3072 else Mechanism.ECDSA
    return partial(key.sign, bytes(32), mechanism=mechanism)
