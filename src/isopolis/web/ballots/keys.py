"""Keys that are in no database: one for everything that lasts, and one for each epoch of what waits.

The lasting one is the setting ``ballots_secret``, else the file ``ballots_key`` of the data folder; from it
come the key of a vote's roll, of its codes and of its box. The keys of epochs are random files in a folder
whose name begins with a dot: no backup takes them along, and each is destroyed once its ballots are shuffled.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from isopolis.model import DataError, Problem
from isopolis.model.text import phrase

__all__ = ["FOLDER", "destroy", "destroy_before", "epoch_key", "lasting", "make_epoch", "opened", "sealed"]

FOLDER = ".ballots"
LENGTH, NONCE = 32, 12


# -- what lasts --------------------------------------------------------------------------------------------
def lasting(vote: Any, what: str) -> bytes:
    """Return the key of one vote for one purpose: ``roll``, ``codes`` or ``box``."""
    return hmac.new(_secret(), f"isopolis ballots 1\x1f{vote}\x1f{what}".encode(), hashlib.sha256).digest()


def _secret() -> bytes:
    stated = str(settings.OPTIONS["ballots_secret"])
    return stated.encode() if stated else _from_file(Path(settings.DATA_DIR) / "ballots_key")


@lru_cache(maxsize=4)
def _from_file(path: Path) -> bytes:
    """Read the file, which is made once; a key that was read stays for as long as the process lives."""
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            _write(path, secrets.token_urlsafe(48).encode())
    return path.read_bytes().strip()


def _write(path: Path, content: bytes) -> None:
    """Make a file that its owner alone reads, safely on the disk before anything is sealed with it."""
    part = path.with_name(f".{path.name.lstrip('.')}-{secrets.token_hex(16)}.part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(part, path)  # unlike a rename it never replaces a key that is there
    finally:
        part.unlink(missing_ok=True)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    if hasattr(os, "O_DIRECTORY"):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


# -- epochs ------------------------------------------------------------------------------------------------
def _path(vote: Any, epoch: int) -> Path:
    return Path(settings.DATA_DIR) / FOLDER / f"{vote}-{epoch}"


def make_epoch(vote: Any, epoch: int) -> bytes:
    """Make the key of an epoch that begins; what a shuffling that failed had left in its place goes."""
    path = _path(vote, epoch)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    destroy(path)
    key = secrets.token_bytes(LENGTH)
    _write(path, key)
    _kept.cache_clear()  # or the key of the shuffling that failed would be used, which is gone
    return key


def epoch_key(vote: Any, epoch: int) -> bytes:
    """Return the key of an epoch.

    Raises
    ------
    DataError
        If it is not on this machine: then it does not accept ballots either.
    """
    try:
        return _kept(_path(vote, epoch))
    except FileNotFoundError:
        raise DataError(
            [Problem("ballot-key", phrase("the key of the ballots that wait is not on this server"),
                     hint=phrase("Serve this vote with the data folder in which it was opened."))]
        ) from None  # fmt: skip


@lru_cache(maxsize=64)
def _kept(path: Path) -> bytes:
    return path.read_bytes()


def destroy_before(vote: Any, epoch: int) -> None:
    """Destroy the keys of all epochs before this one: what they sealed can never be opened again."""
    _kept.cache_clear()
    for path in (Path(settings.DATA_DIR) / FOLDER).glob(f"{vote}-*"):
        number = path.name.rpartition("-")[2]
        if number.isdecimal() and int(number) < epoch:
            destroy(path)


def destroy(path: Path) -> None:
    """Overwrite a key and remove its file; another process may have done it already."""
    with suppress(FileNotFoundError):
        with path.open("r+b") as file:
            file.write(secrets.token_bytes(LENGTH))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
        _sync(path.parent)


# -- sealing -----------------------------------------------------------------------------------------------
def sealed(key: bytes, name: str, content: bytes) -> bytes:
    """Seal with AES-256-GCM; the name belongs to it, so that no content can be put under another one."""
    nonce = secrets.token_bytes(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, content, name.encode())


def opened(key: bytes, name: str, content: bytes) -> bytes:
    """Open what `sealed` sealed.

    Raises
    ------
    DataError
        If it was changed, or sealed with another key or under another name.
    """
    try:
        return AESGCM(key).decrypt(content[:NONCE], content[NONCE:], name.encode())
    except InvalidTag:
        raise DataError(
            [Problem("ballot-seal", phrase("a sealed ballot was changed, or its key is another one"))]
        ) from None
