"""The command line: one thin command per use case.

Exit codes: 0 done, 1 the data says no, 2 the call is wrong. Results go to standard
output, progress and complaints to standard error.
"""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line and leave with its exit code."""
    from .app import run

    sys.exit(run(sys.argv[1:]))
