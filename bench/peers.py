"""Environments of their own for the peers that we measure ourselves against."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

__all__ = ["environment", "run_in"]

HERE = Path(__file__).parent
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"
)


def environment(name: str, *requirements: str) -> Path:
    """Make bench/.env/NAME with `requirements`, once; return its Python."""
    folder = HERE / ".env" / name
    python = folder / "bin" / "python"
    stamp = folder / "installed"
    wanted = "\n".join(requirements)
    if not stamp.exists() or stamp.read_text() != wanted:
        print(f"making an environment for {name}: {' '.join(requirements)}", file=sys.stderr)
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *requirements], check=True)
        stamp.write_text(wanted)
    return python


def run_in(python: Path | str, script: str, *arguments: str) -> Any:
    """Run bench/sides/SCRIPT in one thread and return the JSON that it prints last."""
    command = [str(python), str(HERE / "sides" / script), *arguments]
    done = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, text=True, env={**os.environ, **ONE_THREAD}
    )
    return json.loads(done.stdout.strip().splitlines()[-1])
