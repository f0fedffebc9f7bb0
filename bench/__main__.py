"""``python -m bench [AREA]``: run one area or all, print a table, write bench/results/AREA.json."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

AREAS = (
    "segregation", "cold", "inference", "profiles", "coverage", "load", "library", "ballots", "lottery",
    "budget", "opinions", "grid", "reach", "transit",
)  # fmt: skip
RESULTS = Path(__file__).parent / "results"


def main(arguments: list[str]) -> int:
    """Run the areas named, or all of them."""
    unknown = [a for a in arguments if a not in AREAS]
    if unknown:
        print(f"no bench area {unknown[0]}; there is {', '.join(AREAS)}", file=sys.stderr)
        return 2
    for area in arguments or AREAS:
        module = importlib.import_module(f"bench.{area}")
        rows = module.run()
        RESULTS.mkdir(exist_ok=True)
        target = RESULTS / f"{area}.json"
        target.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        getattr(module, "show", show)(rows)
        print(f"\nwritten to {target}")
    return 0


def show(rows: list[dict[str, object]]) -> None:
    """Print the rows as a table."""
    wide = max(len(str(r["name"])) for r in rows)
    print(f"{'case':<{wide}}  {'ours':>12}  {'peer':>12}  {'ratio':>9}")
    for r in rows:
        peer = "-" if r["peer"] is None else f"{r['peer']:.5f}"
        ratio = "-" if r["ratio"] is None else f"{r['ratio']:,.1f}"
        print(f"{r['name']:<{wide}}  {r['ours']:>12.5f}  {peer:>12}  {ratio:>9}")
    print(f"\nratio = peer ÷ ours, {rows[0]['unit']}; {rows[0]['conditions']}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
