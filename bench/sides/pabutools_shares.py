"""One run of equal shares by pabutools, cost utility, on the file named; prints JSON."""

from __future__ import annotations

import json
import sys
import time
from importlib.metadata import version

from pabutools.election import Cost_Sat, parse_pabulib
from pabutools.rules import method_of_equal_shares

start = time.process_time()
instance, profile = parse_pabulib(sys.argv[1])
read = time.process_time() - start
took = {}
for name, made in (("profile", lambda: profile), ("multiprofile", profile.as_multiprofile)):
    start = time.process_time()
    chosen = method_of_equal_shares(instance, made(), sat_class=Cost_Sat)
    took[name] = time.process_time() - start
print(json.dumps({
    "read": read, "run": min(took.values()), **took, "winners": [p.name for p in chosen],
    "version": version("pabutools"),
}))  # fmt: skip
