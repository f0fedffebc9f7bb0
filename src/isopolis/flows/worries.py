"""Worries of residents: files of a desk, beside a city's census where there is one.

The thesaurus is the vocabulary that ships, with the words of callers of ``content/data/worries``.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis import content
from isopolis.engage.worries.desk import Desk, tally, weeks
from isopolis.engage.worries.duplicates import Pair, Rules, groups_of, suggest
from isopolis.engage.worries.language import languages_of
from isopolis.engage.worries.rates import Rate, Unheard, rate, surges, unheard
from isopolis.engage.worries.response import Wait, median_wait
from isopolis.engage.worries.shown import ShownLine, show
from isopolis.engage.worries.topics import Entry, Thesaurus, thesaurus_of, topic_of
from isopolis.model import CallError, City, Problem, Undefined
from isopolis.model.text import phrase

from .worries_words import notes_of

__all__ = [
    "HEARD", "LANGUAGES", "TABLES", "THRESHOLD", "Heard", "Many", "Pressing", "Surge", "hear", "labels_of",
    "placed", "read_desk", "recognised", "thesaurus",
]  # fmt: skip

Progress = Callable[[str], None]
Floats = npt.NDArray[np.float64]

LANGUAGES = ("en",)
HEARD = 5
"""Topics that lead the list of the many and are not repeated among the unheard."""

THRESHOLD = 10
SCHEMES = (("service", 2), ("hazard", 1), ("theme", 0))
THEMES = frozenset(
    f"theme:{t}"
    for t in (
        "housing homelessness energy_poverty accessibility safety gender_based_violence hate_crime "
        "environment anti_discrimination public_space mobility"
    ).split()
)
"""Themes that residents worry about; the others are subjects of policy, whose words mean something else."""

TABLES = ("topic", "place", "week", "channel", "language", "group")


@dataclass(frozen=True, slots=True)
class Many:
    """A topic of the many: received, by how many worries if all duplicates are right, per 1,000 residents."""

    topic: str
    received: int
    distinct: int
    rate: Rate | Undefined


@dataclass(frozen=True, slots=True)
class Pressing:
    """A topic of the unheard, with the group or neighbourhood whose worry it is; `received` in tens."""

    kind: str
    unit: str
    topic: str
    received: int
    residents: float
    found: Unheard


@dataclass(frozen=True, slots=True)
class Surge:
    """A day on which a topic overflowed."""

    topic: str
    day: str
    received: int
    usual: float


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """What a desk heard.

    Parameters
    ----------
    desk : Desk
        True rows. Not to be published.
    whole : ShownLine
        Received, registered and resolved in all.
    tables : mapping of str to tuple of ShownLine
        By `TABLES`, as they may be shown; the groups only where they are known.
    many : tuple of Many
        The most frequent first.
    unheard : tuple of Pressing, or Undefined
        The surest first.
    surges : tuple of Surge
    waits : mapping of str to Wait
        Days until resolved by neighbourhood; the whole city under an empty key.
    pairs : tuple of Pair
        Suggested duplicates.
    labels : mapping of str to str
    places : mapping of str to str
        Name of each neighbourhood.
    notes : tuple of str
    caveats : tuple of Problem
    card : mapping
        Every choice that changes a number.
    """

    desk: Desk
    whole: ShownLine
    tables: Mapping[str, tuple[ShownLine, ...]]
    many: tuple[Many, ...]
    unheard: tuple[Pressing, ...] | Undefined
    surges: tuple[Surge, ...]
    waits: Mapping[str, Wait]
    pairs: tuple[Pair, ...]
    labels: Mapping[str, str]
    places: Mapping[str, str]
    notes: tuple[str, ...]
    caveats: tuple[Problem, ...]
    card: Mapping[str, Any]


@functools.cache
def thesaurus(languages: tuple[str, ...]) -> Thesaurus:
    """Return the words of some languages that worries are looked through for, compared by their stems."""
    from isopolis.learn.search.analyser import analyse
    from isopolis.learn.vocabulary import shipped

    entries = [
        Entry(topic["id"], language, words, 3)
        for topic in content.read("worries/words.yaml")["topics"]
        for language, listed in topic["words"].items()
        for words in listed
        if language in languages
    ]
    for scheme, weight in SCHEMES:
        for concept in shipped().scheme(scheme):
            if scheme != "theme" or concept.id in THEMES:
                entries += [
                    Entry(concept.id, language, words, weight)
                    for language, labels in concept.labels.items()
                    for words in labels
                    if language in languages
                ]
    return thesaurus_of(entries, analyse)


def labels_of(language: str = "en") -> dict[str, str]:
    """Return topic → its name in a language, or in English where it has none."""
    from isopolis.learn.vocabulary import shipped

    known = shipped()
    ids = [c.id for scheme, _weight in SCHEMES for c in known.scheme(scheme)]
    out = {i: known.label(i, language) for i in ids if not i.startswith("theme:") or i in THEMES}
    for topic in content.read("worries/words.yaml")["topics"]:
        if "label" in topic:
            out[topic["id"]] = topic["label"].get(language, topic["label"]["en"])
    return out


def read_desk(
    paths: Sequence[Path], city: City | None = None, *, languages: Sequence[str] = LANGUAGES, group: str = ""
) -> tuple[Desk, tuple[Problem, ...]]:
    """Read files of worries; tell language and topic of each, and its neighbourhood where the city says it.

    Parameters
    ----------
    paths : sequence of Path
        GeoReport v2 JSON, or tables.
    city : City, optional
    languages : sequence of str
        Languages that residents may write in.
    group : str
        Column of a group of residents; with a city, one of its dimensions.

    Raises
    ------
    DataError
        With everything that is wrong in a file.
    """
    from isopolis.read.open311 import read_worries

    files = [read_worries(path, group=group) for path in paths]
    rows = [w for f in files for w in f.worries]
    caveats = [c for f in files for c in f.caveats]
    seen: set[str] = set()
    kept = []
    for w in rows:
        if not w.id or w.id not in seen:
            kept.append(w)
        seen.add(w.id)
    if len(kept) < len(rows):
        said = phrase("worries with the same number are in more than one file; the first one counts")
        caveats.append(Problem("twice", said, count=len(rows) - len(kept), fatal=False))
    desk = recognised(_desk_of(kept), languages)
    if city is not None:
        desk, more = placed(desk, city)
        caveats += more
        desk = replace(desk, groups=_groups(desk, city, group, caveats)) if group else desk
    return desk, tuple(caveats)


def recognised(desk: Desk, languages: Sequence[str]) -> Desk:
    """Tell language and topic of each worry."""
    desk = replace(desk, languages=languages_of(desk.texts, languages))
    return replace(desk, topics=_topics(desk, tuple(languages)))


def placed(desk: Desk, city: City) -> tuple[Desk, tuple[Problem, ...]]:
    """Tell the neighbourhood of each worry, by its name or by its point; also what was not found."""
    caveats: list[Problem] = []
    return replace(desk, zones=_zones(desk, city, caveats)), tuple(caveats)


def _desk_of(rows: Sequence[Any]) -> Desk:
    times = np.repeat(np.arange(len(rows)), [w.count for w in rows])

    def texts(name: str) -> Any:
        return np.array([getattr(w, name) for w in rows] or [""], dtype=object)[times]

    def moments(name: str) -> Any:
        return np.array([getattr(w, name) or "NaT" for w in rows], dtype="datetime64[s]")[times]

    def numbers(name: str, kind: Any) -> Any:
        return np.array([getattr(w, name) for w in rows], dtype=kind)[times]

    empty = np.full(len(times), "", dtype=object)
    return Desk(
        texts("id"), texts("text"), texts("service"), texts("channel"), texts("zone"), texts("group"), empty,
        empty, moments("received"), moments("closed"), numbers("registered", bool), numbers("resolved", bool),
        numbers("lat", np.float64), numbers("lon", np.float64),
    )  # fmt: skip


def _topics(desk: Desk, languages: tuple[str, ...]) -> Any:
    """Take the topic from the desk's own name of it, then from what was said."""
    known: dict[tuple[str, str, str], str] = {}
    out = np.full(len(desk), "", dtype=object)
    # names of services are the desk's, in whatever language it works in
    every = tuple(dict.fromkeys((*languages, "en")))
    words = thesaurus(every)
    for i, key in enumerate(zip(desk.services, desk.texts, desk.languages, strict=True)):
        if key not in known:
            service, text, language = key
            spoken = (language,) if language else every
            known[key] = topic_of(service, every, words) or topic_of(text, spoken, words)
        out[i] = known[key]
    return out


def _zones(desk: Desk, city: City, caveats: list[Problem]) -> Any:
    from .places import fold, zones_at

    names = city.zones.names if city.zones.names is not None else city.zones.ids
    known: dict[str, str] = {}
    for id_, name in zip(city.zones.ids, names, strict=True):
        # a name that two neighbourhoods share means neither
        known[fold(str(name))] = "" if fold(str(name)) in known else str(id_)
    known |= {fold(str(i)): str(i) for i in city.zones.ids}
    said = [fold(str(z)) for z in desk.zones]
    out = np.array([known.get(z, "") for z in said] or [""], dtype=object)[: len(desk)]
    lost = sum(1 for z, found in zip(said, out, strict=True) if z and not found)
    if lost:
        told = phrase("these neighbourhoods are none of the city's")
        caveats.append(Problem("unknown-zone", told, count=lost, fatal=False))
    points = np.flatnonzero((out == "") & np.isfinite(desk.lat) & np.isfinite(desk.lon))
    if len(points) and city.zones.geometry is not None and city.zones.crs:
        from pyproj import Transformer

        there = Transformer.from_crs("OGC:CRS84", city.zones.crs, always_xy=True)
        x, y = there.transform(desk.lon[points], desk.lat[points])
        found = zones_at(city.zones, np.asarray(x), np.asarray(y))
        inside = found >= 0
        out[points[inside]] = np.asarray(city.zones.ids)[found[inside]]
    return out


def _groups(desk: Desk, city: City, name: str, caveats: list[Problem]) -> Any:
    from .places import fold

    dimension = city.table(name).dimension(name)
    known = {fold(dimension.label_of(c)): c for c in dimension.categories}
    known |= {fold(c): c for c in dimension.categories}
    out = np.array([known.get(fold(str(g)), "") for g in desk.groups] or [""], dtype=object)[: len(desk)]
    lost = int(((out == "") & (desk.groups != "")).sum())
    if lost:
        told = phrase("these are no categories of {dimension}", dimension=dimension.title.lower())
        caveats.append(Problem("unknown-category", told, count=lost, fatal=False))
    return out


def hear(
    desk: Desk,
    city: City | None = None,
    *,
    group: str = "",
    language: str = "en",
    threshold: int = THRESHOLD,
    until: datetime | None = None,
    rules: Rules | None = None,
    caveats: Sequence[Problem] = (),
    progress: Progress | None = None,
) -> Heard:
    """Say what a desk heard: tables, the many, the unheard, waits, suggested duplicates.

    Parameters
    ----------
    desk : Desk
    city : City, optional
        Without it there are no rates and nobody can be called unheard.
    group : str
        Dimension of the city that the desk's groups are categories of.
    language : str
        Of the names of topics.
    threshold : int
        Fewest worries that are shown; 0 for the desk itself.
    until : datetime, optional
        When the file was made, until which open worries were watched; the last time in it when not given.
    rules : Rules, optional
        When two worries may be one.
    """
    say = progress or (lambda _text: None)
    if group and city is None:
        raise CallError("groups are held against a census: give the city too")
    labels, limit = labels_of(language), rules or Rules()
    keys = {
        "topic": desk.topics, "place": desk.zones, "week": weeks(desk.received), "channel": desk.channels,
        "language": desk.languages,
    } | ({"group": desk.groups} if group else {})  # fmt: skip
    lines = {name: tally(desk, given) for name, given in keys.items()}
    tables = {name: show(found, threshold) for name, found in lines.items()}
    whole = ShownLine("", len(desk), int(desk.registered.sum()), int(desk.resolved.sum()))
    say(phrase("comparing worries with each other"))
    pairs = suggest(desk, limit)
    topics = [t for t in dict.fromkeys(desk.topics.tolist()) if t]
    many = _many(desk, tables["topic"], groups_of(pairs, len(desk)), _residents(city, ""))
    weights, overflow = _surges(desk, topics)
    pressing = _unheard(desk, city, group, topics, many, weights, threshold)
    end = _end(desk, until)
    names = _place_names(city)
    return Heard(
        desk, whole, tables, many, pressing, overflow, _waits(desk, end, threshold), pairs, labels, names,
        notes_of(desk, threshold, city is not None), tuple(caveats),
        {
            "threshold": threshold, "heard": HEARD, "level": 0.95, "until": str(end), "group": group,
            "duplicates": {"metres": limit.metres, "days": limit.days, "likeness": limit.likeness},
            "thesaurus": content.read("worries/words.yaml")["version"],
        },
    )  # fmt: skip


def _residents(city: City | None, group: str) -> dict[str, float]:
    """People by zone, or by category of a dimension."""
    if city is None:
        return {}
    if not group:
        counts = city.table()
        return dict(zip(map(str, counts.zone_ids), counts.totals().tolist(), strict=True))
    counts = city.table(group).margin(group)
    return dict(zip(counts.dimension(group).categories, counts.best().sum(axis=0).tolist(), strict=True))


def _place_names(city: City | None) -> dict[str, str]:
    if city is None or city.zones.names is None:
        return {}
    return dict(zip(map(str, city.zones.ids), map(str, city.zones.names), strict=True))


def _many(
    desk: Desk, shown: Sequence[ShownLine], first: npt.NDArray[np.int64], residents: Mapping[str, float]
) -> tuple[Many, ...]:
    people = sum(residents.values())
    out = []
    for line in shown:
        if line.received is None or not line.key:
            continue
        distinct = len(np.unique(first[desk.topics == line.key]))
        told = (
            rate(line.received, people)
            if people > 0
            else Undefined("no-census", phrase("Without a census there are no residents to count by."))
        )
        out.append(Many(line.key, line.received, distinct, told))
    return tuple(sorted(out, key=lambda m: (-m.received, m.topic)))


def _surges(desk: Desk, topics: Sequence[str]) -> tuple[Floats, tuple[Surge, ...]]:
    number = {t: i for i, t in enumerate(topics)}
    codes = np.array([number.get(t, len(topics)) for t in desk.topics], dtype=np.int64)
    days = np.where(np.isnat(desk.received), -1, desk.received.astype("datetime64[D]").astype(np.int64))
    weights, found = surges(days, codes)
    named = [*topics, ""]
    told = (Surge(named[t], str(np.datetime64(day, "D")), n, usual) for t, day, n, usual in found)
    return weights, tuple(sorted(told, key=lambda s: (s.day, s.topic)))


def _unheard(
    desk: Desk,
    city: City | None,
    group: str,
    topics: Sequence[str],
    many: Sequence[Many],
    weights: Floats,
    threshold: int,
) -> tuple[Pressing, ...] | Undefined:
    if city is None:
        return Undefined("no-census", phrase("Without a census nobody can tell who calls less than others."))
    heard = [topics.index(m.topic) for m in many[:HEARD]]
    found: list[Pressing] = []
    for kind, keys in (("place", desk.zones), *((("group", desk.groups),) if group else ())):
        residents = _residents(city, group if kind == "group" else "")
        units = [u for u, n in residents.items() if n > 0]
        known = np.isin(keys.astype(str), units) & (desk.topics != "")
        number, place = {u: i for i, u in enumerate(units)}, {t: i for i, t in enumerate(topics)}
        rows = np.array([number[str(k)] for k in keys[known]], dtype=np.int64)
        columns = np.array([place[t] for t in desk.topics[known]], dtype=np.int64)
        table, calm = np.zeros((len(units), len(topics))), np.zeros((len(units), len(topics)))
        np.add.at(table, (rows, columns), 1.0)
        np.add.at(calm, (rows, columns), weights[known])
        people = np.array([residents[u] for u in units])
        for one in unheard(table, people, calm=calm, heard=heard):
            if one.received >= max(threshold, 1):
                # in tens where small numbers are hidden: no other number can be worked out by subtraction
                about = round(one.received, -1) if threshold else one.received
                found.append(
                    Pressing(kind, units[one.unit], topics[one.topic], about, float(people[one.unit]), one)
                )
    return tuple(sorted(found, key=lambda p: (-p.found.low, p.kind, p.unit, p.topic)))


def _end(desk: Desk, until: datetime | None) -> np.datetime64:
    if until is not None:
        return np.datetime64(until, "s")
    times = np.concatenate([desk.received, desk.closed])
    times = times[~np.isnat(times)]
    return times.max() if len(times) else np.datetime64("NaT", "s")


def _waits(desk: Desk, end: np.datetime64, threshold: int) -> dict[str, Wait]:
    """Days until resolved, of registered worries whose times are known."""
    stop = np.where(desk.resolved, desk.closed, end)
    days = (stop - desk.received) / np.timedelta64(86_400, "s")
    # what came after the end was never watched
    watched = desk.registered & np.isfinite(days) & (days >= 0)
    out = {"": median_wait(days[watched], desk.resolved[watched])}
    for zone in sorted(set(desk.zones[watched].tolist()) - {""}):
        mine = watched & (desk.zones == zone)
        wait = median_wait(days[mine], desk.resolved[mine])
        if wait.worries < threshold:
            why = phrase("Fewer than {least} worries.", least=threshold)
            wait = Wait(0, 0, Undefined("suppressed", why))
        out[zone] = wait
    return out
