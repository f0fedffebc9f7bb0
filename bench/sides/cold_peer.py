"""PySAL's side of one index from a cold start: ``cold_peer.py CLASS KIND``."""

from __future__ import annotations

import json
import sys
import time
import warnings

warnings.filterwarnings("ignore")


def main(name: str, kind: str) -> None:
    """Import, make the table, measure once; then how long another call takes."""
    from importlib import import_module

    from cold_town import PLACED, arguments, counts, outlined

    home = "singlegroup" if kind == "one" else "multigroup"
    if "Local" in name or "Location" in name:
        home = "local"
    made = getattr(import_module(f"segregation.{home}"), name)
    if name not in PLACED:
        import pandas

        table = pandas.DataFrame(counts())
    else:
        table = outlined()
    options = {"n_jobs": 1} if name.startswith("Modified") else {}

    def call() -> object:
        return made(table, *arguments(name, kind), **options)

    first = call()
    cold = time.process_time()  # from the start of the interpreter
    from clock import cpu_seconds

    warm = cpu_seconds(call, repeats=1)
    value = getattr(first, "statistic", None)
    print(json.dumps({"cold": cold, "warm": warm, "value": None if value is None else float(value)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
