"""Several processes make keys of the same names on one token: of each name there is one in the end.

On SQLite they share a home, as processes of one machine do; on PostgreSQL each has its own, as
machines do whose keys are on a token that all reach.
"""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from core.clock import SystemClock
from core.files import locked
from core.ids import KeyId
from core.settings import KeySettings
from home.keys import HomeKeys, PassphraseOptions
from keys.life import KeyDomain
from keys.model import KeyAlgorithm, KeyPurpose
from registry.db.database import Database
from registry.ledger.key_register import SqlKeyRegister
from tests.keys.rings import on_token
from tests.softhsm import SoftToken

PROCESSES, NAMES = 3, 8
PROGRAM = """
import sys
from pathlib import Path
from core.clock import SystemClock
from core.errors import XinyinError
from core.ids import KeyId
from core.settings import KeySettings
from home.keys import HomeKeys, PassphraseOptions
from keys.life import KeyDomain
from keys.model import KeyAlgorithm, KeyPurpose
from registry.db.database import Database
from registry.ledger.key_register import SqlKeyRegister

home, url, uri = sys.argv[1:]
settings = KeySettings(uri=uri, namespace="test")
keys = HomeKeys(Path(home), settings, PassphraseOptions(), {}, SystemClock())
ring = keys.ring([KeyDomain.ISSUING], SqlKeyRegister(Database(url), SystemClock()))
print("ready", flush=True)
for name in sys.stdin:
    try:
        made = ring.generate(KeyId(name.strip()), KeyPurpose.SEAL, KeyAlgorithm.ECDSA_P256)
        print(made.spki.hex(), flush=True)
    except XinyinError as error:
        print(error.code, flush=True)
"""


def test_one_of_several_processes_makes_a_key(
    token: SoftToken, database: Database, tmp_path: Path
) -> None:
    is_one_home = database.engine.dialect.name == "sqlite"
    with ExitStack() as ends:
        running = []
        for number in range(PROCESSES):
            home = tmp_path / ("home" if is_one_home else f"home{number}")
            home.mkdir(exist_ok=True)
            arguments = (str(home), database.url, str(on_token(token)["uri"]))
            one = subprocess.Popen(
                [sys.executable, "-c", PROGRAM, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                cwd=Path(__file__).parents[2],
            )
            running.append(ends.enter_context(one))
        talks = [(one.stdin, one.stdout) for one in running if one.stdin and one.stdout]
        assert [said.readline() for _, said in talks] == ["ready\n"] * PROCESSES
        for number in range(NAMES):
            for asked, _ in talks:
                asked.write(f"k{number}\n")
                asked.flush()
            answers = sorted(said.readline().strip() for _, said in talks)
            assert answers[1:] == ["key_exists"] * (PROCESSES - 1), answers
        for asked, _ in talks:
            asked.close()
    listed = token.tool("--list-objects", "--type", "privkey")
    labels = sorted(line.split()[1] for line in listed.splitlines() if "label:" in line)
    assert labels == sorted(f"k{number}@test" for number in range(NAMES))


def test_a_machine_waits_until_another_has_made_its_key(
    token: SoftToken, database: Database, tmp_path: Path
) -> None:
    """Else both may look, find nothing, and make one: a token takes two of one name. On SQLite the
    home's lock is what is waited for.
    """
    clock = SystemClock()
    register = SqlKeyRegister(database, clock)
    settings = KeySettings.model_validate(on_token(token))
    keys = HomeKeys(tmp_path, settings, PassphraseOptions(), {}, clock)
    ring = keys.ring([KeyDomain.ISSUING], register)
    make = partial(ring.generate, KeyId("k"), KeyPurpose.SEAL, KeyAlgorithm.ECDSA_P256)
    with ThreadPoolExecutor(1) as pool:
        is_one_home = database.engine.dialect.name == "sqlite"
        with locked(tmp_path / ".keys.lock") if is_one_home else register.making():
            made = pool.submit(make)
            with pytest.raises(TimeoutError):
                made.result(0.5)
            assert register.find(KeyId("k")) is None
        assert made.result(60).key_id == "k"
