"""A token whose library does not return from a call: each wait ends, and it is used again once it
answers.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.softhsm import MODULE, SoftToken, faulty_library


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the library that hangs when told to."""
    return faulty_library(tmp_path_factory.mktemp("faulty"))


def uri_with(token: SoftToken, library: str) -> str:
    """Return a token's address by another library."""
    return token.uri(pin_source=False).replace(str(MODULE), library)


def told(code: str, token: SoftToken, library: Path, told_by: Path) -> list[str]:
    """Run a program with the library; return what it said."""
    begin = (
        "import signal, sys, time, secrets\n"
        "from pathlib import Path\n"
        "from core.clock import SystemClock\n"
        "from core.errors import XinyinError\n"
        "from core.ids import KeyId\n"
        "from keys import pkcs11_module, pkcs11_token\n"
        "from keys.model import KeyAlgorithm, KeyPurpose\n"
        "from keys.pkcs11_store import Pkcs11KeyStore\n"
        "from keys.pkcs11_uri import parse_token_uri\n"
        "signal.alarm(60)\n"
        "pkcs11_module.ANSWER_SECONDS = pkcs11_token.GENERATION_SECONDS = 0.3\n"
        "pkcs11_module._FAREWELL_SECONDS = 3.0\n"
        "pkcs11_module._RESTART_INTERVAL_S = 0.0\n"
        f"hangs = Path({str(told_by)!r})\n"
        f"address = parse_token_uri({uri_with(token, str(library))!r})\n"
        "def store():\n"
        "    pin = lambda: b'pin of the tests'\n"
        "    return Pkcs11KeyStore(address, pin, SystemClock(), secrets.token_bytes)\n"
        "def attempt(work):\n"
        "    begun = time.monotonic()\n"
        "    try:\n"
        "        work()\n"
        "        said = 'done'\n"
        "    except XinyinError as error:\n"
        "        said = f'{error.code} {error.details.get(\"reason\")}'\n"
        "    took = time.monotonic() - begun\n"
        "    print(said, 'at once' if took < 0.2 else 'soon' if took < 5 else took, flush=True)\n"
        "def answered():\n"
        "    hangs.unlink()\n"
        "    while pkcs11_module.load_module(address.module_path)._caller.is_stuck:\n"
        "        time.sleep(0.01)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", begin + code],
        env=os.environ | {"XY_TOKEN_HANGS": str(told_by)},
        stdout=subprocess.PIPE,
        text=True,
        timeout=90,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    return [*run.stdout.splitlines(), f"exit {run.returncode}"]


GONE = "key_unavailable NoAnswer"


def test_whatever_hangs_is_given_up_and_used_again_when_it_answers(
    token: SoftToken, library: Path, tmp_path: Path
) -> None:
    code = (
        "hangs.write_text('C_Initialize')\n"
        "keys = store()\n"
        "attempt(keys.list_keys)\n"
        "answered()\n"
        "keys.generate(KeyId('k'), KeyPurpose.SEAL, KeyAlgorithm.ECDSA_P256)\n"
        "signer = keys.open(KeyId('k'), KeyPurpose.SEAL)\n"
        "for function in ('C_GetSlotList', 'C_OpenSession', 'C_Login', 'C_FindObjectsInit'):\n"
        "    hangs.write_text(function)\n"
        "    keys = store()\n"
        "    attempt(lambda: keys.find(KeyId('k')))\n"
        "    attempt(lambda: keys.find(KeyId('k')))\n"
        "    attempt(lambda: signer.sign(b''))\n"
        "    answered()\n"
        "    attempt(lambda: signer.sign(b''))\n"
        "hangs.write_text('C_Sign')\n"
        "attempt(lambda: signer.sign(b''))\n"
        "answered()\n"
        "hangs.write_text('C_GenerateKeyPair')\n"
        "make = lambda: keys.generate(KeyId('l'), KeyPurpose.SEAL, KeyAlgorithm.ECDSA_P256)\n"
        "attempt(make)\n"
        "answered()\n"
        "print([one.key_id for one in keys.list_keys()])\n"
    )
    said = told(code, token, library, tmp_path / "hangs")
    unused_login = [f"{GONE} soon", f"{GONE} at once", f"{GONE} at once", "done at once"]
    assert said[0] == f"{GONE} soon"
    rest = said[1:]
    for function in ("C_GetSlotList", "C_OpenSession", "C_Login", "C_FindObjectsInit"):
        assert rest[:4] == unused_login, function
        rest = rest[4:]
    # Made after all: what is asked for by that name again finds it.
    assert rest == [f"{GONE} soon", f"{GONE} soon", "['k', 'l']", "exit 0"]


@pytest.mark.parametrize("function", ["C_Sign", "C_Finalize", ""])
def test_a_process_ends_though_the_library_does_not_answer(
    function: str, token: SoftToken, library: Path, tmp_path: Path
) -> None:
    code = (
        "keys = store()\n"
        "keys.generate(KeyId('k'), KeyPurpose.SEAL, KeyAlgorithm.ECDSA_P256)\n"
        "signer = keys.open(KeyId('k'), KeyPurpose.SEAL)\n"
        f"hangs.write_text({function!r})\n"
        "attempt(lambda: signer.sign(b''))\n"
        "sys.exit(5)\n"
    )
    said = told(code, token, library, tmp_path / "hangs")
    assert said == ["done at once" if function == "C_Finalize" else f"{GONE} soon", "exit 5"]


def test_one_that_cannot_be_finalised_does_not_stop_the_others(
    token: SoftToken, library: Path, tmp_path: Path
) -> None:
    """As where a token is away: the library is initialised anew, and threads must run meanwhile."""
    code = (
        "keys = store()\n"
        "keys.generate(KeyId('k'), KeyPurpose.SEAL, KeyAlgorithm.ECDSA_P256)\n"
        "hangs.write_text('C_Finalize')\n"
        "module = pkcs11_module.load_module(address.module_path)\n"
        "attempt(lambda: module.call(module.restart))\n"
        "answered()\n"
        "attempt(lambda: keys.find(KeyId('k')))\n"
    )
    said = told(code, token, library, tmp_path / "hangs")
    assert said == [f"{GONE} soon", "done at once", "exit 0"]
