"""What the report says, section by section."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import numpy as np

from isopolis.flows.diagnosis import Diagnosis
from isopolis.model import City, Finding, Mechanism
from isopolis.model.text import phrase

from . import tables
from .atlas import Atlas
from .blocks import Block, Bullets, Card, Cards, Facts, Method, Report, Section, Text
from .chapters import Limits, chapter, crossings, where_most
from .figures import glance, survey
from .prose import (
    CROSS,
    Names,
    clean,
    explain_of,
    interval,
    is_change,
    joined,
    measure_title,
    people,
    percent,
    plural,
    sentence,
    several,
    shown,
    symbol_of,
    unit_of,
)
from .select import ByDimension, by_dimension, ends

__all__ = ["Limits", "compose"]

Say = Callable[[str], None]


def compose(diagnosis: Diagnosis, limits: Limits, say: Say) -> Report:
    """Write the report of `diagnosis` as blocks.

    Parameters
    ----------
    diagnosis : Diagnosis
    limits : Limits
        How much may be drawn and listed.
    say : callable
        Told what is being made.
    """
    city = diagnosis.city
    parts = list(by_dimension(diagnosis))
    names = Names(city, {f.scope for f in diagnosis.findings})
    atlas = Atlas(city, names)
    sections = [
        Section("about", "What this is", tuple(_about(diagnosis))),
        Section("city", "The city in short", tuple(_city(city, names))),
        Section("headlines", "What stands out", tuple(_headlines(diagnosis, names))),
        Section("where", "Where it shows most", tuple(_where(parts, atlas))),
        *_chapters(parts, names, atlas, limits, say),
        crossings([p for p in parts if CROSS in p.name], names, limits),
        Section("survey", "Known for the city as a whole only", tuple(_survey(parts, names))),
        Section("unknown", "What cannot be known from this data", tuple(_unknown(diagnosis))),
        Section("caveats", "Caveats", tuple(_caveats(diagnosis))),
        Section("method", "Method", (Text(METHOD),) if diagnosis.findings else (), tuple(_method(diagnosis))),
        Section("sources", "Sources", tuple(_sources(city))),
        Section("settings", "Settings", tuple(_settings(diagnosis))),
    ]
    name = clean(city.name)
    return Report(
        f"{name}: who lives where, and who lives near whom",
        "An equality diagnosis of where people live",
        tuple(clean(n) for n in city.notes),
        tuple(s for s in sections if not s.empty),
        diagnosis.findings,
    )


TERMS = (
    (
        "Measured",
        "What the data shows. For dissimilarity: the share of a group that would have to move to be spread "
        "like everyone else. 0 is an even spread.",
    ),
    ("Expected by chance", "What it would be if the same people were placed at random in the same zones."),
    (
        "Excess over chance",
        "How far the measured value goes beyond chance, towards the most that is possible. "
        "0% is as by chance, 100% is complete separation.",
    ),
    (
        "Interval",
        "How sure the number is: where the value lies once the part that chance adds in small zones is "
        "taken out. So it may lie below the measured value.",
    ),
)

NATS = (
    "Nats",
    "Unit of mutual information (M): 0 is the same mix everywhere. It has no per cent, as its largest value "
    "depends on the groups; compare it within one dimension.",
)

METHOD = (
    "Each measure is given with what pure chance would give if the same people were placed at random "
    "in the same zones. Small groups and small zones look uneven by chance alone, so a value says little "
    "without this comparison. The texts below explain each measure that was used."
)


def _about(diagnosis: Diagnosis) -> Iterator[Block]:
    if diagnosis.undefined and not diagnosis.findings:
        yield Text(
            f"A diagnosis says how evenly different groups of people are spread over a place. For "
            f"{clean(diagnosis.city.name)} it cannot say so yet:",
            "lead",
        )
        yield Bullets(tuple(sentence(u.reason) for u in diagnosis.undefined))
        yield Text(TO_ADD)
        return
    yield Text(
        f"This report says how evenly different groups of people are spread over "
        f"{clean(diagnosis.city.name)}, and how far that differs from pure chance. It is made from counts of "
        "people by zone. It says where and how much, not why, and it says nothing about any single person.",
        "lead",
    )
    in_nats = any(unit_of(f.measure) == "nats" for f in diagnosis.findings)
    yield Facts((*TERMS, NATS) if in_nats else TERMS)
    if diagnosis.undefined:
        yield Text("Some things could not be measured:", "note")
        yield Bullets(tuple(sentence(u.reason) for u in diagnosis.undefined))


TO_ADD = (
    "What to add: beside how many people live in each zone, one column for each group, such as women and "
    "men, age bands, or places of birth. Two groups are enough. Then run the diagnosis again."
)


def _city(city: City, names: Names) -> Iterator[Block]:
    zones = city.zones
    drawable = int(zones.drawable.sum())
    kind = clean(zones.kind) or "zone"
    pairs = [(plural(kind).capitalize(), _inhabited(city))]
    pairs += [
        (plural(clean(level).replace("_", " ")).capitalize(), people(len(set(codes.tolist()))))
        for level, codes in zones.parents.items()
    ]
    if drawable != len(zones):
        pairs.append(("Zones with an outline", people(drawable)))
    if city.dates and any(city.dates):
        pairs.append(("Dates", joined(clean(d) for d in city.dates if d)))
    pairs += [(_counted(*key), people(total)) for key, total in _universes(city).items()]
    seen = [names.dimension(n) for n in city.dimension_names()]
    pairs.append(("What is known about people", ", ".join(seen) or "Only how many live in each zone"))
    if city.country and city.country != NOWHERE:
        pairs.append(("Country", clean(city.country)))
    yield Facts(tuple(pairs))


NOWHERE = "XX"
"""ISO 3166 code that is free for users: of no country."""


def _inhabited(city: City) -> str:
    """Count the zones, and those of them with people at the newest date."""
    lived_in = np.zeros(len(city.zones), dtype=bool)
    for counts in city.counts:
        if counts.date == city.dates[-1]:
            lived_in |= counts.totals() > 0
    count, lived = len(city.zones), int(lived_in.sum())
    if lived == count or not city.counts:
        return several(count, "zone")
    return f"{several(count, 'zone')}, {people(lived)} with people"


def _counted(universe: str, date: str) -> str:
    who = clean(universe)[:1].upper() + clean(universe)[1:]
    return f"{who}, {clean(date)}" if date else who


def _universes(city: City) -> dict[tuple[str, str], float]:
    """(Universe, date) → people in its fullest table."""
    out: dict[tuple[str, str], float] = {}
    for counts in city.counts:
        known = counts.mechanism < Mechanism.INTERVAL
        total = float(np.where(known, counts.values, 0).sum())
        key = (counts.universe, counts.date)
        out[key] = max(total, out.get(key, 0.0))
    return dict(sorted(out.items(), key=lambda item: item[0][::-1], reverse=True))


def _headlines(diagnosis: Diagnosis, names: Names) -> Iterator[Block]:
    if diagnosis.undefined and not diagnosis.findings:
        return
    if not diagnosis.headlines:
        yield Text("No group is separated enough to lead this report; all values follow.")
        return
    figure = glance(diagnosis.headlines, names)
    cards = [
        _card(f, diagnosis.headline_reasons.get(i, ""), names) for i, f in enumerate(diagnosis.headlines)
    ]
    yield Cards(tuple(cards))
    if figure:
        yield figure


def _card(finding: Finding, reason: str, names: Names) -> Card:
    who = f"{several(finding.n_people, 'person')} in {several(finding.n_zones, 'zone')}"
    if finding.n_group:
        who = f"{several(finding.n_group, 'person')} in the group, out of {who}"
    date = clean(finding.date).replace("/", " → ") if is_change(finding.measure) else clean(finding.date)
    small = [clean(measure_title(finding.measure)), clean(finding.scale), date, who]
    return Card(
        names.subject(finding),
        sentence(finding.explanation) or clean(str(finding.value)),
        _change_facts(finding) if is_change(finding.measure) else _facts(finding),
        sentence(reason),
        tuple(sentence(c) for c in finding.caveats),
        " · ".join(s for s in small if s),
    )


def _facts(finding: Finding) -> tuple[tuple[str, str], ...]:
    measure = finding.measure
    return (
        ("Measured", shown(measure, finding.number) if finding.defined else "undefined"),
        ("Expected by chance", shown(measure, finding.expected)),
        ("Excess over chance", percent(finding.excess)),
        ("Interval", interval(finding)),
    )


def _change_facts(finding: Finding) -> tuple[tuple[str, str], ...]:
    """Before → after, each with its date, and how sure the change is."""
    dates = clean(finding.date).partition("/")[::2]
    base = finding.measure.removesuffix("_change")
    before, after = (shown(base, end) for end in ends(finding))
    return (
        (" → ".join(d for d in dates if d) or "Before → after", f"{before} → {after}"),
        ("Change", shown(finding.measure, finding.number) if finding.defined else "undefined"),
        ("Interval of the change", interval(finding)),
    )


def _most(parts: list[ByDimension]) -> ByDimension | None:
    """First dimension, by rank of its headlines, that has results by zone."""
    return next((p for p in parts if p.tables), None)


def _where(parts: list[ByDimension], atlas: Atlas) -> Iterator[Block]:
    part = _most(parts)
    figure = where_most(part, atlas, "where-map") if part is not None else None
    if figure is not None:
        yield figure


def _chapters(
    parts: list[ByDimension], names: Names, atlas: Atlas, limits: Limits, say: Say
) -> Iterator[Section]:
    first, measured = (
        _most(parts),
        [p for p in parts if CROSS not in p.name and len(p.survey()) < len(p.findings)],
    )
    for i, part in enumerate(measured):
        if i >= limits.chapters:
            rest = joined(names.dimension(p.name) for p in measured[i:])
            yield Section(
                "more",
                "More dimensions",
                (Text(f"Also measured, and listed in findings.csv and findings.json: {rest}."),),
            )
            return
        say(f"report: {names.dimension(part.name)}")
        yield chapter(part, i, names, atlas, limits, mapped=part is first)


def _survey(parts: list[ByDimension], names: Names) -> Iterator[Block]:
    asked = [p for p in parts if p.survey()]
    if not asked:
        return
    yield Text(
        "These numbers come from a sample of the whole city. They are too few to be split by zone, "
        "and nothing in this report does so."
    )
    for i, part in enumerate(asked, start=1):
        figure = survey(part, names, f"survey-{i}")
        if figure is not None:
            yield figure


def _unknown(diagnosis: Diagnosis) -> Iterator[Block]:
    if diagnosis.unknowns:
        yield Bullets(tuple(sentence(u) for u in diagnosis.unknowns))


def _settings(diagnosis: Diagnosis) -> Iterator[Block]:
    yield tables.settings(diagnosis.settings.items())
    yield Text(definition_used())


def definition_used() -> str:
    """Say which version of the definition of a City of Equality a report goes by."""
    from isopolis.learn.vocabulary import shipped

    used = shipped().definition()
    return phrase(
        'Definition of a "City of Equality" that this report goes by: version {version} of {date} ({id}).',
        version=used.version,
        date=used.date.isoformat(),
        id=used.key,
    )


def _caveats(diagnosis: Diagnosis) -> Iterator[Block]:
    found = diagnosis.city.caveats
    said = list(dict.fromkeys(sentence(c) for f in diagnosis.findings for c in f.caveats))
    if found:
        yield tables.caveats(found)
    if said:
        yield Text("Said with single findings:")
        yield Bullets(tuple(said[:40]))
    if not found and not said:
        yield Text("Nothing in the data called for a caveat.")


def _method(diagnosis: Diagnosis) -> Iterator[Section]:
    yield from (s for s in (_how(diagnosis), *_methods(diagnosis)) if not s.empty)


HOW = ("Expected by chance:", "Intervals:", "No interval is given:")


def _how(diagnosis: Diagnosis) -> Section:
    """List every way in which chance and intervals were found, once, with the measures it was used for."""
    used: dict[str, dict[str, dict[str, None]]] = {what: {} for what in HOW}
    for f in diagnosis.findings:
        interval_or_none = HOW[1] if f.interval is not None else HOW[2]
        for what, text in ((HOW[0], f.null_method), (interval_or_none, f.interval_method)):
            if text and f.defined:
                told = re.sub(r"\bsd\b", "standard deviation", sentence(text)).removeprefix("none: ")
                used[what].setdefault(told, {})[clean(measure_title(f.measure))] = None
    blocks: list[Block] = []
    for what, texts in used.items():
        if texts:
            pairs = tuple((t[:1].upper() + t[1:], "; ".join(measures)) for t, measures in texts.items())
            blocks += [Text(what), Facts(pairs)]
    return Section("how", "How chance and intervals were found", tuple(blocks))


def _methods(diagnosis: Diagnosis) -> Iterator[Section]:
    used = dict.fromkeys(f.measure for f in diagnosis.findings)
    told: set[str] = set()
    for measure in used:
        explain = explain_of(measure)
        if explain is not None and explain.title not in told:
            told.add(explain.title)
            yield Section(
                f"method-{len(told)}",
                clean(explain.title),
                (Method(symbol_of(measure), explain),),
                short=False,
            )


def _sources(city: City) -> Iterator[Block]:
    if not city.sources:
        yield Text("The data names no source.")
        return
    listed = tables.sources(city.sources)
    if listed.rows:
        yield listed
    prints = tables.fingerprints(city.sources)
    if prints.rows:
        yield prints
