"""From an empty directory to the first licence, by what the commands print and nothing else."""

from pathlib import Path

import pytest

from bench.first_licence import NEED_PASSPHRASE, RECORD, STEPS, is_told, name_of
from tests.cli.commands import xinyin


def test_a_new_department_needs_no_guess(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    secret = tmp_path / "passphrase"
    secret.touch(0o600)
    secret.write_text("correct horse battery staple")
    printed = "xinyin init"
    for step in STEPS:
        assert is_told(step, printed), step
        more = ["--passphrase-file", str(secret)] if name_of(step) in NEED_PASSPHRASE else []
        if step[0] == "init":
            more += ["--root-passphrase-file", str(secret)]
        ran = xinyin(*step, *more, env={"XINYIN_HOME": str(tmp_path / "home")})
        assert ran.code == 0, ran.err
        if name_of(step) == ("type", "sample"):
            (tmp_path / RECORD).write_text(ran.out)
        printed += ran.out + ran.err
    assert xinyin("verify", "licence.pdf", env={"XINYIN_HOME": str(tmp_path / "home")}).code == 0
