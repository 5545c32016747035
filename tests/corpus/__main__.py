"""`python -m tests.corpus OUT_DIR`: write every case and answers.json, and judge them here."""

import json
import sys
import tempfile
from pathlib import Path

from tests.corpus.cases import ATTACKS, HONEST
from tests.corpus.model import Case, Said
from tests.corpus.render import shown_by
from tests.corpus.stage import ask, stage
from tests.world import build_template


def _line(case: Case, said: Said) -> str:
    mark = "ok " if said.fits(case.required) else "BAD"
    first = case.required[0]
    wanted = f"{'/'.join(first.integrity)} {'/'.join(first.codes) or '*'}"
    return (
        f"{mark} {case.kind:7} {case.family:14} {case.name:52} {said.integrity:8} {said.code:26} "
        f"{said.outcome:16} {','.join(map(str, said.later_changes)):28} {','.join(said.notes):30} "
        f"wanted {wanted}"
    )


def main(out: Path, words: list[str]) -> int:
    """Write the cases whose names hold one of the words (or all), and print what comes out."""
    out.mkdir(parents=True, exist_ok=True)
    chosen = [
        case
        for case in (*HONEST, *ATTACKS)
        if not words or any(word in f"{case.kind}:{case.name}" for word in words)
    ]
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="xy-corpus-") as directory:
        build_template(Path(directory), None)
        with stage(Path(directory), Path(directory) / "copy") as (papers, verifier):
            for case in chosen:
                data = case.build(papers)
                (out / f"{case.name}.pdf").write_bytes(data)
                said = ask(verifier, data)
                wrong += not said.fits(case.required)
                shown = ""
                if case.before is not None:
                    seen = shown_by(case.before(papers), data)
                    if set(seen) != set(case.shown_by):
                        shown = f" SHOWN BY {seen}, said {case.shown_by}"
                sys.stdout.write(_line(case, said) + shown + "\n")
    answers = [case.described() for case in (*HONEST, *ATTACKS)]
    (out / "answers.json").write_text(json.dumps(answers, ensure_ascii=False, indent=1))
    sys.stdout.write(f"{len(chosen)} cases, {wrong} not as required\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
