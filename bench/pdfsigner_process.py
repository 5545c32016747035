"""`python -m bench.pdfsigner_process`: pdfsignerpy's sealing as a process of its own.

It is under the GPL, and nothing of ours is loaded here beside it. Reads one line of JSON, says that
it is ready, and then signs the page at the level that each line names. Ends with its stdin.
"""

import json
import sys

import pdfsigner


def main() -> None:
    """Serve until stdin ends."""
    told = json.loads(sys.stdin.readline())
    print("ready", flush=True)
    for line in sys.stdin:
        pdfsigner.sign_pdf(
            told["page"],
            told["signed"],
            told["keystore"],
            told["password"],
            reason=told["reason"],
            level=line.strip(),
            tsa_url=told["tsa_url"],
        )
        print("signed", flush=True)


if __name__ == "__main__":
    main()
