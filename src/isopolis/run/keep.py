"""Parts that are done, kept in a folder: a run that was stopped goes on where it was."""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from isopolis import __version__
from isopolis.model import CallError
from isopolis.model.text import phrase

__all__ = ["ARRAYS", "JSON", "PAIRS", "Form", "Kept"]

JOB = "run.json"
DIGEST = 32


@dataclass(frozen=True, slots=True)
class Form:
    """How the result of a part becomes bytes and comes back; never by pickle, which can run code."""

    name: str
    write: Callable[[Any], bytes]
    read: Callable[[bytes], Any]


def _array_bytes(array: Any) -> bytes:
    out = io.BytesIO()
    np.save(out, np.asarray(array), allow_pickle=False)
    return out.getvalue()


def _json_bytes(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True).encode()


ARRAYS = Form("array", _array_bytes, lambda data: np.load(io.BytesIO(data), allow_pickle=False))
"""One numpy array."""


def _pair_bytes(pair: Any) -> bytes:
    out = io.BytesIO()
    for array in pair:
        np.save(out, np.asarray(array), allow_pickle=False)
    return out.getvalue()


def _pair_of(data: bytes) -> Any:
    stream = io.BytesIO(data)
    return tuple(np.load(stream, allow_pickle=False) for _ in range(2))


PAIRS = Form("two arrays", _pair_bytes, _pair_of)
"""Two numpy arrays, of any kinds."""

JSON = Form("json", _json_bytes, json.loads)
"""Plain values."""


class Kept:
    """The folder of one run.

    Parameters
    ----------
    folder : Path
        Made when it is not there.
    run : mapping
        What the run is, as plain JSON values: parts of another run, or of another version of the code, are
        never taken for its own.

    Raises
    ------
    CallError
        If the folder holds parts of another run, or other files; the message names what differs.
    """

    def __init__(self, folder: Path, run: Mapping[str, Any], form: Form) -> None:
        self.folder, self.form = folder, form
        # other code may give other numbers: its parts are those of another run
        code = {"form": form.name, "isopolis": __version__, "numpy": np.__version__}
        self.run = json.loads(_json_bytes(dict(run) | code))
        folder.mkdir(parents=True, exist_ok=True)
        job = folder / JOB
        if job.is_file():
            self._check()
        elif any(not name.name.endswith(".new") for name in folder.iterdir()):
            raise CallError(
                phrase("{folder} is not empty and holds no run to go on with: name a new one", folder=folder)
            )
        else:
            self._put(job, json.dumps(self.run, ensure_ascii=False, indent=1).encode())

    @staticmethod
    def before(folder: Path) -> dict[str, Any]:
        """Return what the run is whose parts a folder holds; empty when it holds none."""
        try:
            there = json.loads((folder / JOB).read_bytes())
        except (OSError, ValueError):
            return {}
        return there if isinstance(there, dict) else {}

    def _check(self) -> None:
        was = self.before(self.folder)
        if was == self.run:
            return
        differs = sorted(k for k in {*was, *self.run} if was.get(k) != self.run.get(k))
        raise CallError(
            phrase(
                "{folder} holds parts of another run ({what} differ): name another one, or remove it",
                folder=self.folder,
                what=", ".join(differs),
            )
        )

    def path(self, number: int) -> Path:
        """Return the file of a part."""
        return self.folder / f"part-{number:06d}"

    def get(self, number: int) -> tuple[bool, Any]:
        """Return whether a part is there, whole, and what it is; a damaged one counts as not done."""
        try:
            data = self.path(number).read_bytes()
        except FileNotFoundError:
            return False, None
        body = data[DIGEST:]
        if hashlib.sha256(body).digest() != data[:DIGEST]:
            return False, None
        return True, self.form.read(body)

    def put(self, number: int, result: Any) -> None:
        """Keep a part; it is there whole or not at all."""
        body = self.form.write(result)
        self._put(self.path(number), hashlib.sha256(body).digest() + body)

    def _put(self, path: Path, data: bytes) -> None:
        new = path.with_name(f"{path.name}.{os.getpid()}.new")
        with new.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, path)
