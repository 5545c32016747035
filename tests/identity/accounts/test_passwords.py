"""Passwords that will do, and the time it takes to tell that one does not."""

import time

import pytest

from identity.accounts.errors import UnfitPasswordError
from identity.accounts.passwords import Passwords, check_new

SMALL = {"time_cost": 1, "memory_kib": 64, "lanes": 1}


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "elevenchars",
        "x" * 129,
        "correct\u0000horse battery",
        "Password1234",
        "QWERTYUIOP123",
        "123456789012",
        "210987654321",
        "abcdefghijklm",
        "aaaaaaaaaaaaaaaa",
        "abababababab",
        "xyzxyzxyzxyzxyz",
        "secretsecretsecretsecret"[:12],
        "lixiaomei1234",
        "1234lixiaomei",
    ],
)
def test_what_somebody_would_try_first_will_not_do(password: str) -> None:
    with pytest.raises(UnfitPasswordError):
        check_new(password, "lixiaomei", "李小梅")


@pytest.mark.parametrize(
    "password",
    ["violet gravel otter", "西山晴雪夜读春秋三五卷书", "tQ7#pL0vXz2w", "no rules of composition"],
)
def test_length_is_what_counts(password: str) -> None:
    check_new(password, "lixiaomei", "李小梅")


def test_a_hash_is_argon2id_with_the_parameters_of_rfc_9106() -> None:
    made = Passwords().make("violet gravel otter")
    assert made.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert Passwords().verify(made, "violet gravel otter")
    assert not Passwords().verify(made, "violet gravel otters")


def test_one_password_typed_in_two_ways_is_one() -> None:
    passwords = Passwords(**SMALL)
    made = passwords.make("ｖｉｏｌｅｔ gravel é")
    assert passwords.verify(made, "violet gravel e\u0301")
    assert not passwords.verify(made, "violet gravel e")


def test_an_unknown_name_costs_as_much_as_a_wrong_password() -> None:
    passwords = Passwords()
    made = passwords.make("violet gravel otter")

    def seconds(kept: str | None) -> float:
        began = time.process_time()
        assert not passwords.verify(kept, "violet gravel fox")
        return time.process_time() - began

    known, unknown = (min(seconds(kept) for _ in range(3)) for kept in (made, None))
    assert unknown > known * 0.7


def test_nobody_has_the_password_of_no_account() -> None:
    assert not Passwords(**SMALL).verify(None, "")


def test_a_hash_of_other_parameters_is_outdated() -> None:
    made = Passwords(**SMALL).make("violet gravel otter")
    assert Passwords().is_outdated(made)
    assert not Passwords(**SMALL).is_outdated(made)
    assert Passwords().verify(made, "violet gravel otter")


def test_what_is_no_hash_fits_nothing() -> None:
    assert not Passwords(**SMALL).verify("$argon2id$garbage", "violet gravel otter")
