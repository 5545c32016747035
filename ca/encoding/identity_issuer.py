"""The issuer of the identity behind a person's certificate, in an extension of it.

Who vouched for a person must be told by the certificate itself: whoever verifies for decades, and
offline, has nothing else. The extension is the one that Sigstore registered for exactly that (its
OID table, 1.8, "Issuer (V2)"): a UTF8String with the `iss` of the token in which the person was
enrolled. An arc of our own would have to be told to every verifier, and the one for documentation,
under which our policies stand until an operator puts their own, belongs to nobody.
"""

from cryptography import x509

from ca.encoding import der

IDENTITY_ISSUER = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.8")
MOST_OCTETS = 512
"""An issuer identifier is an address (OpenID Connect Core 2)."""
_UTF8_STRING = 0x0C


def identity_issuer_extension(issuer: str) -> x509.UnrecognizedExtension:
    """Return the extension, which is not critical. Raises `ValueError` for what is no address."""
    encoded = issuer.encode("ascii")  # an address; what is not ASCII could be shown as another
    if not issuer.isprintable() or " " in issuer or not 0 < len(encoded) <= MOST_OCTETS:
        raise ValueError("not an issuer identifier")
    return x509.UnrecognizedExtension(IDENTITY_ISSUER, der.tlv(_UTF8_STRING, encoded))


def identity_issuer_of(value: bytes) -> str | None:
    """Return the issuer that the extension's value names; None where it is not of our form."""
    for lead in (2, 3, 4):  # tag and length
        try:
            issuer = value[lead:].decode("ascii")
            if identity_issuer_extension(issuer).value == value:
                return issuer
        except ValueError:
            continue
    return None
