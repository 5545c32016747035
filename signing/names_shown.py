"""Name of a certificate's subject as it is shown to people, whatever its key is.

`cryptography` refuses certificates with keys that it does not know (SM2); a name needs no key.
"""

from asn1crypto import x509

_SHOWN = ("common_name", "organization_name", "organizational_unit_name")


def shown_name(der: bytes) -> str:
    """Return the subject's common name, else what else names it. Raises `ValueError`."""
    try:
        subject = x509.Certificate.load(der, strict=True).subject
        values = {
            part["type"].native: str(part["value"].native) for rdn in subject.chosen for part in rdn
        }
        shown = next((values[key] for key in _SHOWN if values.get(key)), None)
        return shown or str(subject.human_friendly)
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError("not a certificate") from error
