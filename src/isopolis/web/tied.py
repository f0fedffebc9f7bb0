"""``python -m isopolis.web.tied -m MODULE …``: a Python module in a process that ends with its parent.

Linux tells a process of its parent's death; elsewhere processes look after that themselves.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

__all__ = ["end_with_parent"]

PR_SET_PDEATHSIG = 1


def end_with_parent(number: int = signal.SIGTERM) -> None:
    """Have this process receive a signal when its parent dies, however that happens."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)


if __name__ == "__main__":
    end_with_parent()
    # the same process goes on as the module, so that its number and its name stay as they are
    os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
