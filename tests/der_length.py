"""How long a DER value is, read from its header alone (X.690 8.1.3)."""


def encoded_length(padded: bytes) -> int:
    """Return the length of the value at the start, its header included.

    asn1crypto would tell it by encoding the value again, which takes seconds for some lengths.
    """
    assert padded[1] & 0x80, "longer than 127 octets"
    octets = padded[1] & 0x7F
    return 2 + octets + int.from_bytes(padded[2 : 2 + octets])
