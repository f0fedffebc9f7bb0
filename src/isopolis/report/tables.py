"""Tables of findings, of zones, of sources."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from isopolis.model import Finding, Problem, Source, Undefined
from isopolis.model.text import Number, joint, phrase, tidied
from isopolis.model.vocabulary import standard

from .blocks import Table, table
from .local import Local
from .prose import (
    NONE,
    Names,
    clean,
    dated,
    interval,
    measure_title,
    number,
    people,
    percent,
    plural,
    shown,
)

__all__ = ["caveats", "every_zone", "findings", "fingerprints", "settings", "sources", "top_zones"]

HIDDEN = phrase("no data")
NAMED = 20
"""Zones listed where there are too many to list all."""


def findings(items: Sequence[Finding], names: Names, caption: str) -> Table:
    """Every number of some findings; the undefined ones say why."""
    rows = [
        (
            clean(measure_title(f.measure)),
            names.group(f.group) if f.group else phrase("all groups"),
            names.place(f.scope),
            _versus(f, names),
            standard(clean(f.scale)) or NONE,
            clean(f.date) or NONE,
            phrase("none") if isinstance(f.value, Undefined) else shown(f.measure, f.value, 1),
            shown(f.measure, f.expected, 1),
            percent(f.excess, 2),
            shown(f.measure, f.sd, 1),
            interval(f, 1),
            number(f.p, 4),
            people(f.n_people),
            people(f.n_zones),
            clean(f.value) if isinstance(f.value, Undefined) else "",
        )
        for f in items
    ]
    head = (
        phrase("Measure"), phrase("Group"), phrase("Where"), phrase("Compared with"), phrase("Scale"),
        phrase("Date"), phrase("Value"), phrase("By chance"), phrase("Excess over chance"),
        phrase("Standard deviation by chance"), phrase("Interval"), "p", phrase("People"), phrase("Zones"),
        phrase("Why there is no value"),
    )  # fmt: skip
    return table(caption, head, rows, words=(0, 1, 2, 3, 4, 5, 14), open_rows=0)


def _versus(finding: Finding, names: Names) -> str:
    if not finding.versus:
        return NONE
    return names.group(finding.versus)


def top_zones(local: Local, names: Names, kind: str, count: int = 10, *, mapped: bool = True) -> Table:
    """Zones that contribute most to how unevenly one dimension is spread."""
    rows = []
    for place, zone in enumerate(local.top(count), start=1):
        category, here, city = local.typical(zone)
        rows.append(
            (
                str(place),
                local.name(zone),
                people(local.people[zone]),
                percent(local.people[zone] / local.people[local.known].sum()),
                percent(local.contribution[zone]),
                number(local.score[zone]),
                number(local.expected[zone]),
                phrase(
                    "{group}: {here} here, {city} in the city",
                    group=names.category(local.dimension, category),
                    here=percent(here),
                    city=percent(city),
                ),
            )
        )
    head = (
        phrase("No. on the map") if mapped else phrase("No."), standard(clean(kind).capitalize()),
        phrase("People"), phrase("Share of people"), phrase("Share of the unevenness"),
        phrase("Score (nats)"), phrase("Score by chance"), phrase("Most above the city's share"),
    )  # fmt: skip
    caption = phrase(
        "{dimension}: the {n} {zones} that contribute most",
        dimension=names.dimension(local.dimension),
        n=people(len(rows)),
        zones=plural(clean(kind) or "zone"),
    )
    caption = dated(caption, local.date)
    return table(caption, head, rows, words=(1, 7))


def every_zone(local: Local, names: Names, kind: str, category: str, most: int = 600) -> Table:
    """Score and one share, zone by zone; the `most` populous zones when there are more."""
    g = local.table.counts.dimensions[0].index(category)
    label, title = names.category(local.dimension, category), names.dimension(local.dimension)
    order = range(len(local.people))
    few = len(order) <= most
    if not few:
        order = np.sort(np.argsort(-local.people, kind="stable")[:NAMED]).tolist()
    average = local.average
    rows = [
        (
            local.name(z),
            people(local.people[z]),
            Number(f"{local.score[z] / average:.2f}"),
            percent(float(local.table.share[z, g])),
        )
        if local.shown[z]
        else (local.name(z), HIDDEN, HIDDEN, HIDDEN)
        for z in order
    ]
    head = (
        standard(clean(kind).capitalize()),
        phrase("People"),
        phrase("Difference from the city's mix (1 = average)"),
        phrase("Share of “{group}”", group=label),
    )
    every = phrase("{dimension}: every {zone}", dimension=title, zone=standard(clean(kind)))
    largest = phrase(
        "{dimension}: the {n} {zones} with most people",
        dimension=title,
        n=people(len(rows)),
        zones=plural(clean(kind)),
    )
    note = "" if few else phrase("The numbers of all zones are in zones.gpkg.")
    return table(dated(every if few else largest, local.date), head, rows, note=note)


def caveats(items: Iterable[Problem]) -> Table:
    """What the reader of the files found, with its place."""
    rows = []
    for problem in items:
        lines = ", ".join(str(r) for r in problem.rows[:5])
        more = problem.count - len(problem.rows[:5])
        if lines and more > 0:
            lines = phrase("{rows} and {n} more", rows=lines, n=people(more))
        rows.append(
            (
                _said(problem),
                clean(problem.file or NONE),
                lines or NONE,
                clean(problem.column or NONE),
                clean(problem.hint) or NONE,
            )
        )
    head = (
        phrase("What was found"), phrase("File"), phrase("Rows"), phrase("Column"), phrase("What to do"),
    )  # fmt: skip
    return table(phrase("Found while reading the data"), head, rows, words=(0, 1, 2, 3, 4), open_rows=10**9)


def _said(problem: Problem) -> str:
    """What was found, what stood there and what was allowed."""
    said = tidied(clean(problem.message), lambda text: text.rstrip("."))
    if problem.value is not None:
        said = phrase('{message} (found "{value}")', message=said, value=clean(problem.value))
    said = phrase("{sentence}.", sentence=said)
    rule = phrase("Allowed: {rule}.", rule=clean(problem.rule)) if problem.rule else ""
    return joint((said, rule))


def sources(items: Iterable[Source]) -> Table:
    """Where the numbers come from; what no source states has no column, and who states nothing no row."""
    head = (
        phrase("Source"), phrase("Publisher"), phrase("Licence"), phrase("Date"), phrase("Address"),
        phrase("Files"),
    )  # fmt: skip
    told = [
        (s.title or s.key, s.publisher, s.licence, s.date, s.url, ", ".join(s.files))
        for s in items
        if any((s.title, s.publisher, s.licence, s.date, s.url, s.files))
    ]
    kept = [i for i in range(len(head)) if i == 0 or any(clean(row[i]) for row in told)]
    rows = [tuple(clean(row[i]) or NONE for i in kept) for row in told]
    return table(
        phrase("Where the numbers come from"),
        [head[i] for i in kept],
        rows,
        words=range(len(kept)),
        open_rows=10**9,
    )


def fingerprints(items: Iterable[Source]) -> Table:
    """SHA-256 of every file that was read."""
    rows = [(clean(name), clean(digest)) for s in items for name, digest in sorted(s.sha256.items())]
    return table(
        phrase("Fingerprints of the files read (SHA-256)"),
        (phrase("File"), "SHA-256"),
        rows,
        words=(0, 1),
        open_rows=0,
    )


def settings(items: Iterable[tuple[str, object]]) -> Table:
    """Settings of the run, such as the seed and the versions."""
    rows = []
    for name, value in items:
        inner = value.items() if isinstance(value, dict) else [("", value)]
        for part, text in inner:
            label = clean(name).replace("_", " ").capitalize() + (f": {clean(part)}" if part else "")
            if clean(text):
                rows.append((label, clean(text)))
    head = (phrase("Setting"), phrase("Value"))
    return table(phrase("Settings of this run"), head, rows, words=(0, 1), open_rows=10**9)
