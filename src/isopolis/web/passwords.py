"""What makes a long password easy to guess all the same: a well-known one drawn out, or our own words."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

__all__ = ["OWN_WORDS", "GuessableValidator", "core"]

OWN_WORDS = (
    "isopolis", "workspace", "owner", "analyst", "moderator", "officer", "viewer", "resident",
    "administrator", "municipality", "segregation", "diagnosis", "participation", "partnership",
)  # fmt: skip
"""Words that everybody who attacks this platform tries first."""

LEAST = 6
"""Characters that must be left when well-known words, repetitions and tails of digits are taken away."""


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    return frozenset(word.casefold() for word in CommonPasswordValidator().passwords if len(word) >= 4)


def core(password: str) -> str:
    """Take the ornaments of a password away: case, a tail or head of digits and signs, repetition."""
    text = password.casefold()
    text = re.sub(r"^[\d\W_]+|[\d\W_]+$", "", text) or text
    plain = re.sub(r"[\W_]+", "", text)
    for size in range(1, len(plain) // 2 + 1):
        if len(plain) % size == 0 and plain[:size] * (len(plain) // size) == plain:
            return plain[:size]
    return text


class GuessableValidator:
    """Refuse a well-known password that was only drawn out, and what consists of our own words."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise when little is left without what everybody knows."""
        left = core(password)
        for word in OWN_WORDS:
            left = left.replace(word, "")
        if left in _known() or password.casefold() in _known() or len(set(left)) < LEAST:
            raise ValidationError(
                _("This password is made of well-known words or repetitions. Add words of your own."),
                code="password_guessable",
            )

    def get_help_text(self) -> str:
        """Say it beside the form."""
        return _("Not a well-known password with a few digits more, and not the words of this site.")
