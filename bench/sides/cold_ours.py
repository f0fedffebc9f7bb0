"""Our side of one index from a cold start: ``cold_ours.py CLASS KIND``."""

from __future__ import annotations

import json
import sys
import time


def main(name: str, kind: str) -> None:
    """Import, make the table, measure once; then how long another call takes."""
    from cold_town import PLACED, arguments, counts, outlined

    from isopolis.compat import pysal

    table = outlined() if name in PLACED else counts()
    made = getattr(pysal, name)
    first = made(table, *arguments(name, kind))
    cold = time.process_time()  # from the start of the interpreter
    from clock import cpu_seconds

    warm = cpu_seconds(lambda: made(table, *arguments(name, kind)), repeats=3)
    print(json.dumps({"cold": cold, "warm": warm, "value": getattr(first, "statistic", None)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
