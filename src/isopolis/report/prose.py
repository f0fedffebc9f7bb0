"""Numbers and names as a reader expects them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from functools import lru_cache

from isopolis.explain import Explain
from isopolis.model import City, Dimension, Finding, Group, IsopolisError
from isopolis.model.text import Number, Text, count, joint, listing, phrase, phrases, tidied
from isopolis.model.vocabulary import standard

__all__ = [
    "CROSS",
    "Names",
    "clean",
    "dated",
    "explain_of",
    "interval",
    "is_change",
    "is_share",
    "joined",
    "measure_title",
    "metres",
    "number",
    "people",
    "percent",
    "plural",
    "sentence",
    "several",
    "shown",
    "symbol_of",
    "unit_of",
    "verb",
]

CROSS = " × "
"""Joins the names of crossed dimensions."""

NONE = "–"
"""What stands where there is no number."""

_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069\ufffe\uffff\ud800-\udfff]"
)


def clean(text: object) -> str:
    """Return `text` without control characters, which XML forbids and which can turn a line round."""
    return tidied(text if isinstance(text, Text) else str(text), _printable)


def _printable(text: str) -> str:
    return _UNPRINTABLE.sub("", text).replace("\n", " ").replace("\t", " ").strip()


def sentence(text: object) -> str:
    """Return a sentence made elsewhere, with per cent written as everywhere in the report."""
    return tidied(clean(text), lambda said: re.sub(r"(?<=\d)\s%", "%", said))


def verb(count: float, one: str, more: str) -> str:
    """Choose the word that fits a count: ``is`` or ``are``."""
    return one if count == 1 else more


_COUNTED = {
    "finding": lambda n: phrases("{n} finding", "{n} findings", n),
    "number": lambda n: phrases("{n} number", "{n} numbers", n),
    "person": lambda n: phrases("{n} person", "{n} people", n),
    "zone": lambda n: phrases("{n} zone", "{n} zones", n),
}


def several(number: float, one: str) -> str:
    """Count things: ``1 zone``, ``2 zones``, ``3 areas of many kinds``."""
    if one in _COUNTED:
        return _COUNTED[one](number)
    return f"{number:,.0f} {one if number == 1 else plural(one)}"


def plural(one: str) -> str:
    """Plural of a regular English noun, and of ``person``."""
    if one == "person":
        return phrase("people")
    if re.search(r"(s|x|ch|sh)$", one):
        return standard(one + "es")
    return standard(one[:-1] + "ies" if re.search(r"[^aeiou]y$", one) else one + "s")


def people(value: float) -> str:
    """Whole people with thousands separated: ``1,639,981``."""
    return count(value)


def number(value: float | None, digits: int = 3) -> str:
    """`value` with `digits` after the point; ``<0.001`` for what would read as zero."""
    if value is None:
        return NONE
    if value != 0 and abs(value) < 0.5 * 10**-digits:
        least = f"{10**-digits:.{digits}f}"
        return Number(f"<{least}" if value > 0 else f">−{least}")
    return Number(f"{value:.{digits}f}".replace("-", "−"))


def percent(value: float | None, digits: int = 1) -> str:
    """Share as per cent: ``23.4%``, ``2.3%``, ``0.02%``; never ``0%`` for something."""
    if value is None:
        return NONE
    size = abs(100 * value)
    if 0 < size < 0.005:
        return Number("<0.01%" if value > 0 else ">−0.01%")
    places = 0 if size in (0, 100) else max(digits, 2) if size < 0.1 else digits
    return Number(f"{100 * value:.{places}f}%".replace("-", "−"))


@lru_cache(maxsize=256)
def unit_of(measure: str) -> str:
    """Unit in which a measure is given: ``share``, ``nats`` or ``ratio``; empty when it is not registered."""
    from isopolis.measure import MEASURES

    for name in (measure, _base(measure)):
        try:
            return MEASURES[name].unit
        except IsopolisError:
            continue
    return ""


def is_share(measure: str) -> bool:
    """True when values of `measure` are written in per cent."""
    return unit_of(measure) == "share"


def is_change(measure: str) -> bool:
    """True for the difference of a measure between two dates."""
    return measure.endswith("_change")


def shown(measure: str, value: float | None, more: int = 0) -> str:
    """Write a value in its measure's unit: ``31.9%``, ``0.123``; a change of per cent as ``−5.9 points``.

    Parameters
    ----------
    measure : str
    value : float or None
    more : int
        Digits beyond the usual ones.
    """
    if value is None or not is_share(measure):
        return number(value, 3 + more)
    written = percent(value, 1 + more)
    if not is_change(measure):
        return written
    return phrase("{number} points", number=Number(written.replace("%", "")))


def interval(finding: Finding, more: int = 0) -> str:
    """The interval in the measure's unit: ``31.4% to 32.2%``, ``0.211 to 0.217``."""
    if finding.interval is None:
        return NONE
    low, high = (shown(finding.measure, end, more) for end in finding.interval)
    if is_share(finding.measure) and is_change(finding.measure):
        bare = Number(percent(finding.interval[0], 1 + more).replace("%", ""))
        return phrase("{low} to {high}", low=bare, high=high)
    return phrase("{low} to {high}", low=low, high=high)


def dated(title: str, date: str) -> str:
    """Put the date at the end of a title: ``, 2025``."""
    return phrase("{title}, {date}", title=title, date=clean(date)) if date else title


def metres(value: float) -> str:
    """A length: ``500 m``, ``2 km``, ``2.5 km``."""
    if value < 1000:
        return phrase("{length} m", length=count(value))
    return phrase("{length} km", length=Number(f"{value / 1000:.3g}"))


def joined(items: Iterable[str]) -> str:
    """``a, b and c``."""
    return listing(items)


def _base(measure: str) -> str:
    return re.sub(r"_(change|between|within)$", "", measure)


@lru_cache(maxsize=256)
def explain_of(measure: str) -> Explain | None:
    """Return the explanation registered for `measure`, or for what it is a change or a part of."""
    from isopolis.measure import MEASURES

    for name in (measure, _base(measure)):
        try:
            return MEASURES[name].explain
        except IsopolisError:
            continue
    return None


def symbol_of(measure: str) -> str:
    """Return the usual letter of a measure, empty when it is not registered."""
    from isopolis.measure import MEASURES

    try:
        return MEASURES[_base(measure)].symbol
    except IsopolisError:
        return ""


_PARTS = {
    "_change": lambda title: phrase("{measure}, change", measure=title),
    "_between": lambda title: phrase("{measure}, between areas", measure=title),
    "_within": lambda title: phrase("{measure}, within areas", measure=title),
}


def measure_title(measure: str) -> str:
    """Name of a measure for readers: ``Dissimilarity (D)``, ``Dissimilarity (D), change``."""
    base = _base(measure)
    explain = explain_of(measure)
    own = explain is not None and explain is not explain_of(base)
    title = phrase(explain.title) if explain else base.replace("_", " ").capitalize()
    symbol = symbol_of(measure)
    # a title may name the letter in its own way: "Variance ratio (V, eta squared)", "…, H(r)"
    if symbol and not own and not re.search(rf"(?<!\w){re.escape(symbol)}(?!\w)", title):
        title = joint((title, f"({symbol})"))
    part = _PARTS.get(measure.removeprefix(base))
    return title if own or part is None else part(title)


class Names:
    """Reader's names for the dimensions and groups of one city."""

    def __init__(self, city: City, scopes: Collection[str] = ()) -> None:
        self._places = self._find_places(city, scopes)
        tables = (*city.counts, *city.survey)
        self.dimensions: dict[str, Dimension] = {}
        for counts in tables:
            for dimension in counts.dimensions:
                self.dimensions.setdefault(dimension.name, dimension)
        self._groups = self._labels()

    @staticmethod
    def _find_places(city: City, scopes: Collection[str]) -> dict[str, str]:
        """Names of the zones that findings are about; a city of a million zones has few of these."""
        wanted = set(scopes)
        pairs = zip(city.zones.ids.tolist(), city.zones.names.tolist(), strict=True)  # type: ignore[union-attr]
        return {str(i): clean(n) for i, n in pairs if i in wanted} if wanted else {}

    def texts(self) -> dict[str, Text]:
        """Return the names that can be translated, by their English words."""
        named = (*self._groups.values(), *(self.dimension(d) for d in self.dimensions))
        return {str(t): t for t in named if isinstance(t, Text)}

    def place(self, scope: str) -> str:
        """Name of the part of the city that a finding is about."""
        if scope in ("", "city"):
            return phrase("whole city")
        return self._places.get(scope) or clean(scope).replace(":", " ", 1)

    def _labels(self) -> dict[str, str]:
        return {
            f"{d.name}={c}": standard(clean(d.label_of(c)))
            for d in self.dimensions.values()
            for c in d.categories
        }

    def dimension(self, name: str) -> str:
        """Title of a dimension, or of a crossing joined by `` × ``."""
        if name in self.dimensions:
            return standard(clean(self.dimensions[name].title))
        parts = name.split(CROSS)
        if len(parts) > 1:
            return joint([self.dimension(p) for p in parts], CROSS)
        return standard(clean(name.replace("_", " ").capitalize()))

    def category(self, dimension: str, category: str) -> str:
        """Name of one category."""
        return self._groups.get(f"{dimension}={category}", clean(category))

    def group(self, text: str) -> str:
        """Name of a group from its canonical text."""
        if text in ("", "everyone"):
            return phrase("Everyone")
        if text == "rest":
            return phrase("everyone else")
        return self._groups.get(text) or self._crossed(text)

    def _crossed(self, text: str) -> str:
        """Name of a crossed group; its text as it is when it cannot be taken apart."""
        try:
            parts = Group.parse(text).parts
        except IsopolisError:
            return clean(text)
        known = [self._groups.get(f"{d}={c}") for d, c in parts]
        return joint([k for k in known if k], ", ") if all(known) else clean(text)

    def subject(self, finding: Finding) -> str:
        """Whom a finding is about: ``Birthplace: born abroad``."""
        title = self.dimension(finding.dimension) if finding.dimension else ""
        if not finding.group:
            return title or phrase("All groups")
        label = self.group(finding.group)
        return phrase("{dimension}: {group}", dimension=title, group=label) if title else label
