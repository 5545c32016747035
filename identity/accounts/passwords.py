"""Passwords: which will do (NIST SP 800-63B-4 3.1.1), and argon2id over them (RFC 9106)."""

import base64
import secrets
import unicodedata
from itertools import pairwise
from typing import Final

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from identity.accounts import messages
from identity.accounts.errors import UnfitPasswordError

SHORTEST: Final = 12
LONGEST: Final = 128
"""Characters; more would be work for nothing."""
TIME_COST: Final = 3
MEMORY_KIB: Final = 64 * 1024
LANES: Final = 4
"""RFC 9106 section 4, the second recommended option."""
_HASH_OCTETS: Final = 32
_SALT_OCTETS: Final = 16
_FEW_CHARACTERS: Final = 4
_SHORT_UNIT: Final = 4
_REST_BESIDE_NAME: Final = 6
_COMMON: Final = frozenset(
    """
    password1234 password12345 password123456 password1234567 password12345678 passwordpassword
    passw0rd1234 p@ssw0rd1234 p@ssword1234 mypassword123 mypassword1234 password2024 password2025
    password2026 password2027 administrator administrator1 administrator123 admin1234567
    admin12345678 admin123456789 adminadmin123 admin@123456 admin@12345678 welcome12345
    welcome123456 welcome@1234 letmein12345 letmein123456 iloveyou1234 iloveyou12345
    iloveyouforever qwertyuiop12 qwertyuiop123 qwertyuiop1234 qwertyuiopasdf qwertyuiop[]
    qwerty123456 qwerty1234567 qwerty12345678 qwerty123456789 1qaz2wsx3edc 1qaz2wsx3edc4rfv
    1q2w3e4r5t6y 1q2w3e4r5t6y7u qazwsxedcrfv zaq12wsxcde3 zxcvbnm12345 asdfghjkl123 asdfghjkl1234
    asdfqwer1234 abcd12345678 abc123456789 abcdef123456 abcdefg123456 a12345678901 aa1234567890
    123456789abc 123456789qwe 1234567890qwe 1234567890abc 123123123123 112233445566 111222333444
    101010101010 woaini1314520 woaini5201314 woaini1314521 5201314woaini 1314520woaini
    woaiwojia123 nihao1234567 zhongguo1234 zhongguo123456 beijing12345 shanghai1234 renminyiyuan
    changeme1234 changemeplease changeit12345 correcthorsebatterystaple trustno1trustno1
    sunshine1234 princess1234 football1234 baseball1234 superman1234 michael12345 dragon123456
    monkey123456 master123456 computer1234 internet1234 secret123456 secretsecret default12345
    testtesttest test12345678 test123456789 guest1234567 root12345678 toor12345678 oracle123456
    manager12345 operator1234 xinyin123456 xinyinxinyin xinyin2026xinyin licence12345
    government123
    """.split()  # noqa: SIM905  # a list of one a line would be as long as the module
)


class Passwords:
    """Makes and checks hashes; each takes 64 MiB, so whoever serves bounds how many at a time."""

    def __init__(
        self, *, time_cost: int = TIME_COST, memory_kib: int = MEMORY_KIB, lanes: int = LANES
    ) -> None:
        self._hasher = PasswordHasher(
            time_cost, memory_kib, lanes, _HASH_OCTETS, _SALT_OCTETS, type=Type.ID
        )
        salt, tag = (_plain(secrets.token_bytes(one)) for one in (_SALT_OCTETS, _HASH_OCTETS))
        self._nobodys = f"$argon2id$v=19$m={memory_kib},t={time_cost},p={lanes}${salt}${tag}"
        """Hash of no password, with the parameters of now."""

    def make(self, password: str) -> str:
        """Return the hash of a password, with a salt of its own."""
        return self._hasher.hash(_normal(password))

    def verify(self, kept: str | None, password: str) -> bool:
        """Tell whether a password is the one; takes as long where there is none to compare with."""
        try:
            return self._hasher.verify(kept or self._nobodys, _normal(password)[: LONGEST + 1])
        except (VerificationError, InvalidHashError):
            return False

    def is_outdated(self, kept: str) -> bool:
        """Tell whether a hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(kept)


def check_new(password: str, *names: str) -> None:
    """See that a password that is being chosen will do; `names` are the person's.

    No rules of composition. Raises `UnfitPasswordError`.
    """
    text = _normal(password)
    if len(text) < SHORTEST:
        raise UnfitPasswordError(messages.password_too_short(SHORTEST))
    if len(text) > LONGEST or not text.isprintable():
        raise UnfitPasswordError(messages.password_unusable(LONGEST))
    if _is_guessed_first(text.casefold(), [one.casefold() for one in names if one]):
        raise UnfitPasswordError(messages.PASSWORD_COMMON)


def _is_guessed_first(text: str, names: list[str]) -> bool:
    if text in _COMMON or len(set(text)) <= _FEW_CHARACTERS:
        return True
    steps = {ord(after) - ord(before) for before, after in pairwise(text)}
    if text.isdecimal():
        steps = {one % 10 for one in steps}  # 9 is followed by 0
    if steps in ({1}, {-1}, {9}):
        return True
    for size in range(1, len(text) // 2 + 1):  # one word over and over
        unit = text[:size]
        repeated = (unit * (len(text) // size + 1))[: len(text)] == text
        if repeated and (size <= _SHORT_UNIT or unit in _COMMON):
            return True
    return any(one in text and len(text) - len(one) < _REST_BESIDE_NAME for one in names)


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


def _plain(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")
