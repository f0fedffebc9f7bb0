"""Reading text from outside: limits before anything is built, and a list of what was refused."""

from __future__ import annotations

import html.parser
import json
import math
import re
import unicodedata
from typing import Any

from isopolis.model.errors import DataError, Problem
from isopolis.model.text import phrase

__all__ = [
    "MOST_CHARACTERS",
    "MOST_LEVELS",
    "MOST_RECORDS",
    "canonical",
    "loaded",
    "refusal",
    "tidy",
    "untagged",
]

MOST_CHARACTERS = 64 * 1024 * 1024
MOST_LEVELS = 16
MOST_RECORDS = 100_000
# an opening quote always matches, and takes all that follows when none closes it: a match that can fail
# would be tried again from each later quote, in time that grows with the square of the text
SIGNS = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{}]', re.DOTALL)


def refusal(code: str, message: str, file: str | None = None, **more: Any) -> DataError:
    """Make the error that refuses a whole file."""
    return DataError([Problem(code, message, file=file, **more)])


def loaded(text: str, file: str | None = None) -> Any:
    """Read JSON that nobody has to trust.

    Raises
    ------
    DataError
        When it is larger or deeper than allowed, no JSON, names a field twice, or holds NaN.
    """
    if len(text) > MOST_CHARACTERS:
        rule = phrase("at most {n} characters", n=MOST_CHARACTERS)
        raise refusal("too-large", phrase("this file is too large"), file, rule=rule)
    if _depth(text) > MOST_LEVELS:
        rule = phrase("at most {n} levels", n=MOST_LEVELS)
        raise refusal(
            "too-deep", phrase("the parts of this file lie too deep in each other"), file, rule=rule
        )
    try:
        return json.loads(text, object_pairs_hook=_once, parse_constant=_no_number, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise refusal(
            "no-json", phrase("this is not JSON as it should be: {why}", why=str(error)[:200]), file
        ) from None


def _depth(text: str) -> int:
    """Return how deep lists and objects lie, without building them."""
    deep = deepest = 0
    for found in SIGNS.finditer(text):
        sign = text[found.start()]
        if sign == '"':
            continue
        deep += 1 if sign in "[{" else -1
        deepest = max(deepest, deep)
        if deepest > MOST_LEVELS:
            break
    return deepest


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) != len(pairs):
        raise ValueError("a field stands twice")
    return out


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number")


def _finite(digits: str) -> float:
    """Read a number; one beyond all floats would become infinite, which no checksum can be made of."""
    number = float(digits)
    return number if math.isfinite(number) else _no_number(digits[:40])


def canonical(plain: Any) -> bytes:
    """Return the one way to write this as JSON: sorted names, no blanks, UTF-8; what checksums are of."""
    return json.dumps(
        plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode("utf-8", "surrogatepass")


def tidy(text: str) -> str:
    """Return a text without what nobody sees: controls, odd normal forms, blanks at the ends."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs")).strip()


class _Words(html.parser.HTMLParser):
    """Keeps the words of a page and drops its tags, scripts and styles."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.kept: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.silent += tag in ("script", "style")
        if tag in ("p", "br", "li", "div", "tr") or re.fullmatch("h[1-6]", tag):
            self.kept.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in ("script", "style") and self.silent > 0

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.kept.append(data)


def untagged(text: str) -> str:
    """Return the words of a text that was written for a web page; what is left is plain text."""
    if "<" not in text and "&" not in text:
        return tidy(text)
    words = _Words()
    words.feed(text)
    words.close()
    return tidy(re.sub(r"\n{3,}", "\n\n", "".join(words.kept)))
