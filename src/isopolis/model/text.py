"""Sentences that can be said in other languages.

A `Text` is the English sentence and behaves like any other ``str``. Beside it it keeps what it was
made of: the template that translators see, and the values that went into it. Names out of a city's
own data are plain ``str`` among the values: they are never translated.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol

__all__ = [
    "Number",
    "Text",
    "Voice",
    "capital",
    "count",
    "from_plain",
    "from_tree",
    "joint",
    "listing",
    "noted",
    "phrase",
    "phrases",
    "said_in",
    "split_lines",
    "tidied",
    "to_plain",
    "to_tree",
    "worded",
]

_NOTED: ContextVar[dict[str, Text] | None] = ContextVar("isopolis_noted", default=None)


class Voice(Protocol):
    """One language: how it says a template and how it writes a number."""

    def phrase(self, template: str) -> str:
        """Translate a template."""
        ...

    def plural(self, one: str, more: str, n: float) -> str:
        """Translate the template that fits `n` things."""
        ...

    def number(self, english: str) -> str:
        """Write a number that is given in English notation."""
        ...


class Text(str):
    """An English text that knows how it was made; equal to and hashed as that ``str``."""

    def __new__(cls, english: str) -> Text:
        """Make the text and note it where drawings are made."""
        made = super().__new__(cls, english)
        seen = _NOTED.get()
        if seen is not None:
            seen[str(english)] = made
        return made

    def __reduce__(self) -> Any:
        return (from_plain, (to_plain(self),))

    def __deepcopy__(self, _memo: Any) -> Text:
        return self  # nothing in it changes

    def __add__(self, other: str) -> str:
        return joint((self, other), "")

    def __radd__(self, other: str) -> str:
        return joint((other, self), "")

    def said(self, voice: Voice) -> str:
        """Say it in the language of `voice`; in English where that language has no words for it."""
        return str(self)

    def plain(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {"s": str(self)}

    def tidied(self, tidy: Callable[[str], str]) -> Text:
        """Return the same with `tidy` done to the English text and to the names in it."""
        return Text(tidy(str(self)))


class Number(Text):
    """A number as English writes it: ``1,639,981``, ``23.4%``, ``−0.5``; other languages write it anew."""

    def said(self, voice: Voice) -> str:
        """Write it as the language does."""
        return voice.number(str(self))

    def plain(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {"d": str(self)}

    def tidied(self, tidy: Callable[[str], str]) -> Text:
        """Return the number, tidied as a text."""
        return Number(tidy(str(self)))


class _Phrase(Text):
    """A template and what goes into it; `one` and `n` for a template with a plural."""

    template: str
    values: dict[str, str]
    one: str
    n: float

    @classmethod
    def made(
        cls,
        template: str,
        values: Mapping[str, object],
        one: str = "",
        n: float = 0,
        english: str | None = None,
    ) -> _Phrase:
        given = {k: v if isinstance(v, str) else str(v) for k, v in values.items()}
        if english is None:
            english = (one if one and n == 1 else template).format_map(given)
        out = cls(english)
        out.template, out.values, out.one, out.n = template, given, one, n
        return out

    def said(self, voice: Voice) -> str:
        pattern = voice.plural(self.one, self.template, self.n) if self.one else voice.phrase(self.template)
        # where there is no translation, the values may still have words and numbers of the language
        return _filled(pattern, self.values, voice) or str(self)

    def plain(self) -> dict[str, Any]:
        out: dict[str, Any] = {"t": self.template, "s": str(self)}
        if self.values:
            out["p"] = {k: to_plain(v) for k, v in self.values.items()}
        return out | ({"o": self.one, "n": self.n} if self.one else {})

    def tidied(self, tidy: Callable[[str], str]) -> Text:
        values = {k: tidied(v, tidy) for k, v in self.values.items()}
        return _Phrase.made(self.template, values, self.one, self.n, tidy(str(self)))


def _filled(pattern: str, values: Mapping[str, str], voice: Voice) -> str:
    try:
        return pattern.format_map({k: said_in(v, voice) for k, v in values.items()})
    except (KeyError, ValueError, IndexError, AttributeError):
        return ""  # a translation with a placeholder that is not there; a test finds it


class _Joint(Text):
    """Texts one after the other, with `between` between them."""

    parts: tuple[str, ...]
    between: str

    @classmethod
    def made(cls, parts: Sequence[str], between: str, english: str | None = None) -> _Joint:
        out = cls(between.join(parts) if english is None else english)
        out.parts, out.between = tuple(parts), between
        return out

    def said(self, voice: Voice) -> str:
        return self.between.join(said_in(p, voice) for p in self.parts)

    def plain(self) -> dict[str, Any]:
        return {"j": [to_plain(p) for p in self.parts], "w": self.between, "s": str(self)}

    def tidied(self, tidy: Callable[[str], str]) -> Text:
        return _Joint.made([_kept_ends(p, tidy) for p in self.parts], self.between, tidy(str(self)))


def _kept_ends(text: str, tidy: Callable[[str], str]) -> str:
    """Tidy what stands between the blanks at both ends, which part this text from its neighbours."""
    if isinstance(text, Text):
        return text.tidied(tidy)
    start, end = len(text) - len(text.lstrip(" ")), len(text.rstrip(" "))
    return text if start >= end else text[:start] + tidy(text[start:end]) + text[end:]


class _Capital(Text):
    """A text with a capital at its beginning."""

    inner: Text

    @classmethod
    def made(cls, inner: Text, english: str | None = None) -> _Capital:
        out = cls(_up(str(inner)) if english is None else english)
        out.inner = inner
        return out

    def said(self, voice: Voice) -> str:
        return _up(self.inner.said(voice))

    def plain(self) -> dict[str, Any]:
        return {"c": to_plain(self.inner), "s": str(self)}

    def tidied(self, tidy: Callable[[str], str]) -> Text:
        return _Capital.made(self.inner.tidied(tidy), tidy(str(self)))


class _Worded(Text):
    """A text that English, and only English, puts in other words: a small letter after a colon."""

    inner: Text

    @classmethod
    def made(cls, english: str, inner: Text) -> _Worded:
        out = cls(english)
        out.inner = inner
        return out

    def said(self, voice: Voice) -> str:
        return self.inner.said(voice)

    def plain(self) -> dict[str, Any]:
        return {"e": to_plain(self.inner), "s": str(self)}

    def tidied(self, tidy: Callable[[str], str]) -> Text:
        return _Worded.made(tidy(str(self)), self.inner.tidied(tidy))


class _Line(Text):
    """One line of a text that is drawn on several lines."""

    inner: Text
    place: int
    of: int

    @classmethod
    def made(cls, english: str, inner: Text, place: int, of: int) -> _Line:
        out = cls(english)
        out.inner, out.place, out.of = inner, place, of
        return out

    def said(self, voice: Voice) -> str:
        return _cut(self.inner.said(voice), self.of)[self.place]

    def plain(self) -> dict[str, Any]:
        return {"l": to_plain(self.inner), "i": self.place, "n": self.of, "s": str(self)}

    def tidied(self, tidy: Callable[[str], str]) -> Text:
        return _Line.made(tidy(str(self)), self.inner.tidied(tidy), self.place, self.of)


def _up(text: str) -> str:
    return text[:1].upper() + text[1:]


def _cut(text: str, lines: int) -> list[str]:
    """Cut `text` into exactly so many lines, as even as words allow."""
    given = text.split("\n")
    if len(given) == lines:
        return given
    whole = " ".join(given)
    width = max(1, -(-len(whole) // lines))
    while len(cut := textwrap.wrap(whole, width, break_long_words=False)) > lines:
        width += 1
    return cut + [""] * (lines - len(cut))


# -- making texts ---------------------------------------------------------------------------
def phrase(template: str, /, **values: object) -> str:
    """Fill a template that translators see: ``phrase("{part} of {group}", part=…, group=…)``.

    What comes back is a `Text`, which to its readers is a sentence like any other. The template
    must stand in the code as it is: it is collected from there.
    """
    return _Phrase.made(template, values)


def phrases(one: str, more: str, n: float, /, **values: object) -> str:
    """Fill the template that fits `n` things; ``{n}`` in it is the number.

    Parameters
    ----------
    one, more : str
        Templates for one thing and for any other number of things.
    n : float
    **values : object
        What else goes in; what is no text is written as ``str`` writes it.
    """
    return _Phrase.made(more, {"n": count(n), **values}, one, n)


def count(n: float) -> Number:
    """Write a whole number with its thousands apart."""
    return Number(f"{n:,.0f}")


def joint(parts: Iterable[str], between: str = " ") -> str:
    """Put texts one after the other; empty ones are left out where there is something `between` them."""
    kept = [p for p in parts if p]
    return _Joint.made(kept, between)


def capital(text: str) -> str:
    """Write the first letter as a capital."""
    return _Capital.made(text) if isinstance(text, Text) else _up(text)


def worded(text: str, english: str) -> str:
    """Put a text in other words in English only."""
    return _Worded.made(english, text) if isinstance(text, Text) else english


def listing(items: Iterable[str], last: str = "and") -> str:
    """``a, b and c``, or ``a, b or c``."""
    parts = list(items)
    if len(parts) < 2:
        return parts[0] if parts else ""
    first = parts[0]
    for part in parts[1:-1]:
        first = phrase("{first}, {next}", first=first, next=part)
    if last == "or":
        return phrase("{first} or {last}", first=first, last=parts[-1])
    return phrase("{first} and {last}", first=first, last=parts[-1])


def split_lines(text: str, width: int = 0) -> list[str]:
    """Split a text where it has line ends, or wrap it to `width` letters; each line stays translatable."""
    lines = (textwrap.wrap(text, width) or [""]) if width else text.split("\n")
    if not isinstance(text, Text) or len(lines) == 1:
        return [text] if len(lines) == 1 else lines
    return [_Line.made(line, text, i, len(lines)) for i, line in enumerate(lines)]


def tidied(text: str, tidy: Callable[[str], str]) -> str:
    """Do `tidy` to any text without losing how it was made."""
    if not isinstance(text, Text):
        return tidy(text)
    return text if tidy(str(text)) == str(text) else text.tidied(tidy)


# -- other languages, and back ----------------------------------------------------------------
def said_in(text: str, voice: Voice) -> str:
    """Say a text in the language of `voice`; any other ``str`` is a name and stays."""
    return text.said(voice) if isinstance(text, Text) else text


def to_plain(text: str) -> Any:
    """Return the JSON form: a ``str`` as it is, a `Text` as an object."""
    if isinstance(text, Text):
        return text.plain()
    return text


def to_tree(item: Any) -> Any:
    """Return lists and dicts ready for JSON, with every `Text` in its JSON form."""
    if isinstance(item, str):
        return to_plain(item)
    if isinstance(item, Mapping):
        return {k: to_tree(v) for k, v in item.items()}
    return [to_tree(v) for v in item] if isinstance(item, list | tuple) else item


def from_tree(item: Any) -> Any:
    """Read what `to_tree` made: every text is a `Text` again."""
    if isinstance(item, Mapping):
        if item.keys() == {"d"} or ("s" in item and item.keys() & set("tjcel")):
            return from_plain(item)
        return {k: from_tree(v) for k, v in item.items()}
    return [from_tree(v) for v in item] if isinstance(item, list) else item


def from_plain(data: Any) -> str:
    """Read the JSON form back."""
    if not isinstance(data, Mapping):
        return str(data)
    if "d" in data:
        return Number(data["d"])
    if "t" in data:
        values = {k: from_plain(v) for k, v in data.get("p", {}).items()}
        return _Phrase.made(data["t"], values, data.get("o", ""), data.get("n", 0), data["s"])
    if "j" in data:
        return _Joint.made([from_plain(p) for p in data["j"]], data["w"], data["s"])
    return _from_inner(data)


def _from_inner(data: Mapping[str, Any]) -> Text:
    key = next((k for k in "cel" if k in data), "")
    if not key:
        return Text(data["s"])
    inner = from_plain(data[key])
    assert isinstance(inner, Text)
    if key == "c":
        return _Capital.made(inner, data["s"])
    return (
        _Worded.made(data["s"], inner) if key == "e" else _Line.made(data["s"], inner, data["i"], data["n"])
    )


@contextmanager
def noted() -> Iterator[dict[str, Text]]:
    """Note every text made inside, by its English words: how the words in a drawing are known again."""
    seen: dict[str, Text] = {}
    token = _NOTED.set(seen)
    try:
        yield seen
    finally:
        _NOTED.reset(token)
