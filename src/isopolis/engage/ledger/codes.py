"""Codes on paper: letters and figures that nobody mistakes for each other, and how they are kept.

A code has two parts. The first six letters find the row; the other ten are the secret, of which only a
salted hash under a key is kept, so that a copy of the database yields no code, not even by trying all.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata

__all__ = [
    "ALPHABET", "CODE", "RECEIPT", "SELECTOR", "code_from", "grouped", "normal", "normal_identifier",
    "receipt_from", "roll_key", "sealed_secret", "secret_fits", "split",
]  # fmt: skip

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: no I, L, O or U; five bits in each letter."""
MISREAD = str.maketrans({"I": "1", "L": "1", "O": "0"})
SELECTOR, CODE, RECEIPT = 6, 16, 20
"""Letters that find the row, of a whole code (80 bits, 50 of them secret), of a receipt (100 bits)."""


def _letters(noise: bytes, count: int) -> str:
    if len(noise) * 8 < count * 5:
        raise ValueError(f"{count} letters need {-(-count * 5 // 8)} random bytes (found {len(noise)})")
    number = int.from_bytes(noise, "big")
    return "".join(ALPHABET[(number >> (5 * n)) & 31] for n in range(count))


def code_from(noise: bytes) -> str:
    """Return a code of 16 letters from at least 10 random bytes.

    Examples
    --------
    >>> code_from(bytes(10))
    '0000000000000000'
    """
    return _letters(noise, CODE)


def receipt_from(noise: bytes) -> str:
    """Return a receipt of 20 letters from at least 13 random bytes."""
    return _letters(noise, RECEIPT)


def grouped(code: str) -> str:
    """Write a code or a receipt in groups of four, as it is printed.

    Examples
    --------
    >>> grouped("7KQ2X9AB")
    '7KQ2-X9AB'
    """
    return "-".join(code[n : n + 4] for n in range(0, len(code), 4))


def normal(typed: str) -> str:
    """Return what somebody meant who typed a code: figures of any script, small letters, spaces, I for 1.

    Examples
    --------
    >>> normal(" 7kq2-xIo٣ ")
    '7KQ2X103'
    """
    kept = []
    for letter in unicodedata.normalize("NFKC", typed[:200]).upper():
        figure = unicodedata.decimal(letter, None)
        letter = letter if figure is None else str(figure)
        if letter.isalnum():
            kept.append(letter)
    return "".join(kept).translate(MISREAD)


def split(code: str) -> tuple[str, str] | None:
    """Return the part that finds the row and the secret one; None when it can be no code."""
    if len(code) != CODE or not set(code) <= set(ALPHABET):
        return None
    return code[:SELECTOR], code[SELECTOR:]


def sealed_secret(key: bytes, salt: str, secret: str) -> str:
    """Return what is kept of a secret: HMAC-SHA-256 over salt and secret, 64 letters."""
    return hmac.new(key, f"{salt}\x1f{secret}".encode(), hashlib.sha256).hexdigest()


def secret_fits(key: bytes, salt: str, secret: str, kept: str) -> bool:
    """Compare in a time that tells nothing."""
    return hmac.compare_digest(sealed_secret(key, salt, secret), kept)


def normal_identifier(identifier: str) -> str:
    """Return what two spellings of one identifier have in common: letters and figures only.

    Examples
    --------
    >>> normal_identifier(" ab 12-345/٦ ") == normal_identifier("AB123456")
    True
    """
    kept = []
    for letter in unicodedata.normalize("NFKC", identifier).casefold():
        figure = unicodedata.decimal(letter, None)
        letter = letter if figure is None else str(figure)
        if letter.isalnum():
            kept.append(letter)
    return "".join(kept)


def roll_key(key: bytes, identifier: str) -> str:
    """Return what stands on the roll for an identifier: HMAC-SHA-256 under a key of this vote alone.

    Raises
    ------
    ValueError
        If nothing is left of the identifier.
    """
    meant = normal_identifier(identifier)
    if not meant:
        raise ValueError("an identifier needs at least one letter or figure")
    return hmac.new(key, meant.encode(), hashlib.sha256).hexdigest()
