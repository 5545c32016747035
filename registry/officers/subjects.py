"""Subject of an officer's certificate: from the records of the identity and of the authority alone.

EN 319 412-2 4.2.4. The serialNumber is the identity's random id in the register, which says nothing
of the person and is never given again.
"""

from ca.profiles.names import NaturalSubject
from registry.model import Authority
from registry.officers.model import IdentityRecord

_LOCAL = "PI:CN-"
"""EN 319 412-1 5.1.3: an identifier that is defined here, not a national one."""


def officer_subject(
    person: IdentityRecord, authority: Authority, parts: tuple[str, str] | None
) -> NaturalSubject:
    """Return the subject; `parts` are surname and given name, where the name is divided.

    A name that nobody divides stands in the surname as a whole, as travel documents have it (ICAO
    9303-3, 4.6): a guess would be wrong in law.
    """
    surname, given = parts or (person.name, None)
    return NaturalSubject(
        name=person.name,
        identifier=f"{_LOCAL}{person.identity_id}",
        given_name=given,
        surname=surname,
        organization=authority.name,
        uscc=authority.uscc,
    )
