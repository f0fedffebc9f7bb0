"""Our side: a lottery on the pool that it is handed, from people to chances."""

from __future__ import annotations

import json
import sys
import time

from isopolis.engage.lottery.mixing import Budget
from isopolis.engage.lottery.pool import Person, Quota, collapse
from isopolis.engage.lottery.solve import lottery


def main() -> None:
    with open(sys.argv[1], encoding="utf-8") as file:
        pool = json.load(file)
    people = [Person(str(i), {f"a{f}": v for f, v in enumerate(p)}) for i, p in enumerate(pool["people"])]
    quotas = [Quota(((a, v),), int(low), int(high)) for a, v, low, high in pool["quotas"]]
    start, wall = time.process_time(), time.monotonic()
    types = collapse(people, quotas, pool["size"])
    budget = Budget(time.monotonic, time.monotonic() + float(sys.argv[2]))
    made = lottery(types, sys.argv[3], budget)
    said = {"seconds": time.process_time() - start, "wall": time.monotonic() - wall, "types": len(types)}
    print(json.dumps(said | {"lowest": made.lowest, "gap": made.gap, "bound": made.bound}))


main()
