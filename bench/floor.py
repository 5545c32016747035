"""What the cryptography alone costs: the raw signatures and digests that each level needs."""

import hashlib
from collections.abc import Callable, Iterator
from functools import partial

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509 import ocsp

from bench.home import BenchHome
from bench.measure import Row
from ca.hierarchy.hierarchy import OCSP_KEY, TSA_KEY
from keys.algorithms import generate_private_key, signing_with
from keys.model import KeyAlgorithm, KeyPurpose, Signer
from signing.levels import PadesLevel

_DATA = bytes(256)
"""About as long as signed attributes and OCSP answers are."""


def sealing_floor(home: BenchHome, level: PadesLevel) -> Callable[[], object]:
    """Return the signatures of one seal: its own, each timestamp's, each OCSP answer's made for it;
    and a digest of the file for each that covers it.
    """
    tsa = home.keys.open(TSA_KEY, KeyPurpose.TSA)
    ocsp = home.keys.open(OCSP_KEY, KeyPurpose.OCSP)
    signers: dict[PadesLevel, tuple[Signer, ...]] = {
        PadesLevel.B_B: (home.signer,),
        PadesLevel.B_T: (home.signer, tsa),
        PadesLevel.B_LT: (ocsp, home.signer, tsa),
        PadesLevel.B_LTA: (ocsp, home.signer, tsa, ocsp, tsa),
    }
    document = home.seal(level)
    covered = [document.pdf[:length] for length in document.revisions]

    def work() -> None:
        for data in covered:
            hashlib.sha256(data).digest()
        for signer in signers[level]:
            signer.sign(_DATA)

    return work


def signing_rows() -> Iterator[Row]:
    """Yield `sign.*`: a signature by each kind of key that a seal may have, and by RSA-4096, which
    others have. No seal costs less.
    """
    for algorithm in KeyAlgorithm:
        sign = signing_with(generate_private_key(algorithm))
        yield Row(f"sign.{algorithm.replace('-', '_')}", partial(sign, _DATA))
    longer = rsa.generate_private_key(65537, 4096)
    yield Row("sign.rsa_4096", partial(signing_with(longer), _DATA))


def verifying_floor(home: BenchHome, level: PadesLevel, pdf: bytes) -> Callable[[], object]:
    """Return the digest of the file and the signatures that must be checked, each once.

    The seal's and its timestamps'; the certificates' below the root; those of the OCSP answers
    about seal and timestamping unit, and of the root's CRL.
    """
    checks = [*_seal_checks(home)]
    if level is not PadesLevel.B_B:
        checks += _timestamp_checks(home)
    if level is PadesLevel.B_LTA:
        checks.append(_own_check(home.keys.open(TSA_KEY, KeyPurpose.TSA)))

    def work() -> None:
        hashlib.sha256(pdf).digest()
        for key, signature, data, algorithm in checks:
            key.verify(signature, data, ec.ECDSA(algorithm))

    return work


_Check = tuple[ec.EllipticCurvePublicKey, bytes, bytes, hashes.HashAlgorithm]


def _seal_checks(home: BenchHome) -> Iterator[_Check]:
    h = home.hierarchy
    data = home.hierarchy.validation.for_seal(home.certificate)
    yield _own_check(home.signer)
    yield _check_of(h.issuing, x509.load_der_x509_certificate(home.certificate))
    yield _check_of(h.root, h.issuing)
    yield _check_of(h.issuing, h.ocsp)
    yield _ocsp_check(home, data.ocsps[0])
    crl = x509.load_der_x509_crl(data.crls[0])
    assert crl.signature_hash_algorithm is not None
    yield (
        _key_of(h.root),
        crl.signature,
        crl.tbs_certlist_bytes,
        crl.signature_hash_algorithm,
    )


def _timestamp_checks(home: BenchHome) -> Iterator[_Check]:
    data = home.hierarchy.validation.for_seal(home.certificate)
    yield _own_check(home.keys.open(TSA_KEY, KeyPurpose.TSA))
    yield _check_of(home.hierarchy.issuing, home.hierarchy.tsa)
    yield _ocsp_check(home, data.ocsps[1])


def _own_check(signer: Signer) -> _Check:
    key = signer.public_key
    assert isinstance(key, ec.EllipticCurvePublicKey)
    return key, signer.sign(_DATA), _DATA, hashes.SHA256()


def _check_of(issuer: x509.Certificate, issued: x509.Certificate) -> _Check:
    assert issued.signature_hash_algorithm is not None
    return (
        _key_of(issuer),
        issued.signature,
        issued.tbs_certificate_bytes,
        issued.signature_hash_algorithm,
    )


def _ocsp_check(home: BenchHome, encoded: bytes) -> _Check:
    answer = ocsp.load_der_ocsp_response(encoded)
    assert answer.signature_hash_algorithm is not None
    return (
        _key_of(home.hierarchy.ocsp),
        answer.signature,
        answer.tbs_response_bytes,
        answer.signature_hash_algorithm,
    )


def _key_of(certificate: x509.Certificate) -> ec.EllipticCurvePublicKey:
    key = certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    return key
