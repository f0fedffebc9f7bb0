"""Priority areas, and the agreement of rules about change, as pages with a map and a table beside it."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from isopolis.flows.priority_areas import Areas, Signs, named
from isopolis.measure.typology.warning import UNKNOWN, YES
from isopolis.model import City
from isopolis.model.text import Number, count, phrase
from isopolis.model.vocabulary import standard

from .blocks import Bullets, Facts, Figure, Report, Section, Table, Text
from .maps import Layer, draw_map, paths_of
from .style import RAMP
from .units import Units, units_of

__all__ = ["areas_report", "page", "signs_report"]

Say = Callable[[str], str]
Ints = npt.NDArray[np.int64]

UNSURE, OUTSIDE = "#ffffff", "#eef1f4"
FIRM = 0.9
ROWS = 300
SHOWN = 30
HEADING = 26


def areas_report(found: Areas, language: str = "en", say: Say = str) -> Report:
    """Return the page on the areas of a rule.

    Parameters
    ----------
    found : Areas
    language, say
        The language, and how a text of ours is said in it.
    """
    rule, source = found.rule, found.rule.source
    told = tuple(map(say, (found.said(), *found.cautions())))
    sections = [Section("first", say(phrase("In short")), (Bullets(told),))]
    if found.undefined is None:
        figure = _areas_figure(found, say)
        table = _areas_table(found, say)
        blocks = (figure,) if figure is not None else (table,)
        sections.append(Section("areas", say(phrase("Areas")), blocks))
    facts = (
        (say(phrase("rule")), say(rule.title)),
        (say(phrase("source")), f"{source.cite}. {source.where}. {source.url} ({source.read})"),
        (say(phrase("threshold")), say(found.reckoned()) or "–"),
    )
    sections.append(
        Section("rule", say(phrase("The rule")), (Facts(facts), Bullets(tuple(map(say, rule.notes)))))
    )
    title = say(phrase("Priority areas of {city}", city=found.city.name))
    return Report(title, "", _notices(found.city, say), tuple(sections), language=language)


def _areas_table(found: Areas, say: Say) -> Table:
    head = (phrase("Area"), phrase("Zones"), phrase("Which"), phrase("People"), phrase("Variants"),
            phrase("Variants, weakest zone"))  # fmt: skip
    rows = tuple(
        (str(r["area"]), str(len(r["zones"])), say(named(r["names"], SHOWN)), say(count(r["people"])),
         f"{r['stability_mean']:.0%}", f"{r['stability_least']:.0%}")
        for r in found.rows()[:ROWS]
    )  # fmt: skip
    note = phrase(
        "Variants: share of {n} variants of the rule in which the people of the area are in an area. The "
        "variants move the threshold and the least number of people, and count corners as touching or not.",
        n=count(found.variants),
    )
    caption = say(phrase("Areas by people"))
    return Table(caption, tuple(say(h) for h in head), rows, frozenset({0, 2}), note=say(note))


def _areas_figure(found: Areas, say: Say) -> Figure | None:
    assert found.found is not None
    assert found.stability is not None
    inside, firm = found.found.inside, found.stability >= FIRM
    classes = np.select([inside & firm, inside, found.stability > 0], [3, 2, 1], 0)
    classes = np.where(found.found.unknown | ~(found.people > 0), -1, classes)
    labels = [
        phrase("in no variant"),
        phrase("only in a variant"),
        phrase("in an area, not firm"),
        phrase("in an area, firm"),
    ]
    texts = [f"{s:.0%}" for s in found.stability]
    summary = phrase(
        "Firm means that a zone lies in an area in {share} of the variants or more.",
        share=Number(f"{FIRM:.0%}"),
    )
    return _figure(
        found.city, classes, (OUTSIDE, *(RAMP[i] for i in (1, 3, 5))), labels, texts,
        ("areas", phrase("Priority areas"), summary), _areas_table(found, say), say,
    )  # fmt: skip


def signs_report(found: Signs, language: str = "en", say: Say = str) -> Report:
    """Return the page on what published rules say about change, side by side.

    Parameters
    ----------
    found : Signs
    language, say
        The language, and how a text of ours is said in it.
    """
    said = tuple(map(say, found.said()))
    caution = phrase(
        "Published rules disagree about most neighbourhoods. What one rule alone says is no finding; ask the "
        "people who live there."
    )
    sections = [Section("first", say(phrase("In short")), (Bullets(said), Text(say(caution), "note")))]
    if found.known:
        figure = _agreement_figure(found, say)
        blocks = (figure,) if figure is not None else (_agreement_table(found, say),)
        sections.append(Section("agreement", say(phrase("Where rules agree")), blocks))
    sections.append(
        Section("rules", say(phrase("The rules, and where they were read")), (_rules_table(found, say),))
    )
    sections.append(
        Section("compared", say(phrase("What is compared")), (Text(say(found.rules.compared_with)),))
    )
    title = say(phrase("Signs of gentrification and displacement in {city}", city=found.city.name))
    return Report(title, "", _notices(found.city, say), tuple(sections), language=language)


def _agreement_figure(found: Signs, say: Say) -> Figure | None:
    most = int(found.asked.max())
    classes = np.where(found.yes == UNKNOWN, 0, found.yes.astype(np.int64) + 1)
    colours = (UNSURE, OUTSIDE, *(RAMP[min(i, len(RAMP) - 1)] for i in range(1, most + 1)))
    labels = [phrase("cannot be known"), phrase("no rule")]
    labels += [phrase("{n} of {k} rules", n=str(i), k=str(most)) for i in range(1, most + 1)]
    texts = [
        say(phrase("cannot be known"))
        if y == UNKNOWN
        else say(phrase("{n} of {k} rules", n=str(y), k=str(a)))
        for y, a in zip(found.yes, found.asked, strict=True)
    ]
    title = phrase("How many published rules see gentrification")
    summary = phrase(
        "Zones of which fewer than three rules could be asked are white: nothing can be known of them."
    )
    return _figure(
        found.city,
        classes,
        colours,
        labels,
        texts,
        ("agreement", title, summary),
        _agreement_table(found, say),
        say,
    )


def _figure(
    city: City,
    classes: Ints,
    colours: Sequence[str],
    labels: Sequence[str],
    texts: Sequence[str],
    words: tuple[str, str, str],
    table: Table,
    say: Say,
) -> Figure | None:
    units = units_of(city)
    if units is None:
        return None
    key, title, summary = words
    shown = [f"{name}: {text}" for name, text in zip(units.names, _of_units(texts, units), strict=True)]
    # the legend is narrow: a longer heading is cut at the edge of the drawing
    heading = "\n".join(textwrap.wrap(say(title), HEADING))
    layer = Layer(
        _highest(classes, units), colours, [say(x) for x in labels], heading, () if units.raster else shown
    )
    svg = draw_map(units, paths_of(units), layer, key)
    return Figure(key, say(title), say(summary), svg, table, units.note)


def _of_units(texts: Sequence[str], units: Units) -> list[str]:
    out = [""] * len(units)
    for zone, unit in enumerate(units.of_zone):
        if unit >= 0:
            out[unit] = texts[zone]
    return out


def _highest(classes: Ints, units: Units) -> Ints:
    """(N,) class of each shape: the highest of its zones, so that no area is lost where many are one."""
    out = np.full(len(units), -1, dtype=np.int64)
    drawn = units.of_zone >= 0
    np.maximum.at(out, units.of_zone[drawn], classes[drawn])
    return out


def _agreement_table(found: Signs, say: Say) -> Table:
    order = np.argsort(-found.yes, kind="stable")
    order = order[found.yes[order] > 0][:ROWS]
    names = found.city.zones.names
    assert names is not None
    rows = tuple(
        (
            str(names[i]),
            f"{found.yes[i]} / {found.asked[i]}",
            f"{found.least[i]} – {found.most[i]}" if found.least[i] != UNKNOWN else "–",
            ", ".join(v.rule.title for v in found.verdicts if v.answer[i] == YES),
            ", ".join(v.rule.title for v in found.vulnerable if v.answer[i] == YES),
        )
        for i in order
    )
    head = (phrase("Zone"), phrase("Rules that agree"), phrase("With moved thresholds"), phrase("Which"),
            phrase("Vulnerable to displacement"))  # fmt: skip
    note = phrase("Moved: every share of zones in a rule five points lower and higher.")
    caption = say(phrase("Zones that at least one rule names"))
    return Table(caption, tuple(say(h) for h in head), rows, frozenset({0, 3, 4}), note=say(note))


def _rules_table(found: Signs, say: Say) -> Table:
    rows = []
    for v in (*found.verdicts, *found.vulnerable):
        source, choices = found.rules.sources[v.rule.id], found.rules.choices[v.rule.id]
        missing = phrase("not asked; missing: {missing}", missing=", ".join(v.missing))
        answer = say(missing) if v.missing else count(int((v.answer == YES).sum()))
        rows.append((v.rule.title, answer, source.cite, source.where, "; ".join(choices)))
    head = (phrase("Rule"), phrase("Zones"), phrase("Source"), phrase("What was read"), phrase("Choices"))
    caption = say(phrase("Rules"))
    return Table(caption, tuple(say(h) for h in head), tuple(rows), frozenset({0, 1, 2, 3, 4}))


def _notices(city: City, say: Say) -> tuple[str, ...]:
    return tuple(say(standard(n)) for n in city.notes)


def page(report: Report) -> str:
    """Return a whole page that needs nothing else."""
    from .took_part import took_part_html

    return took_part_html(report)
