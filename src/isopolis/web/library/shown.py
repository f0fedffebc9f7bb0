"""A record as its page shows it: each text in the visitor's language, or in another one that is named."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from isopolis.learn.countries import country_name
from isopolis.learn.record import NOT_STATED, Cost, Effect, Participants, Record, Result, Source, Texts
from isopolis.web.vocabulary.words import language_name

from .index import GRADES, SCALES, term_label
from .models import KINDS

__all__ = ["Line", "Shown", "prose", "shown"]


@dataclass(frozen=True, slots=True)
class Line:
    """A text with its language; `foreign` when it is another one than the visitor's."""

    text: str
    language: str
    foreign: bool
    named: str
    translated: str = ""
    """``human`` or ``machine`` when it is a translation."""


@dataclass(frozen=True)
class Shown:
    """What the template of a record needs, all in words."""

    record: Record
    title: Line
    summary: Line | None
    body: Line | None
    kind: str
    place: str
    period: str
    grade: str
    terms: tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...]
    answers: tuple[tuple[str, Any], ...]
    results: Any
    copies: Any
    sources: tuple[Source, ...]


def prose(text: str) -> SafeString:
    """Turn plain text into paragraphs, lists and bold words; everything else is escaped."""
    blocks = []
    for block in text.split("\n\n"):
        lines = [line.strip() for line in block.split("\n") if line.strip()]
        if lines and all(line.startswith("- ") for line in lines):
            items = format_html_join("", "<li>{}</li>", ((_bold(line[2:]),) for line in lines))
            blocks.append(format_html("<ul>{}</ul>", items))
        elif lines:
            blocks.append(format_html("<p>{}</p>", _bold(" ".join(lines))))
    return mark_safe("".join(blocks))  # made of escaped parts only


def _bold(text: str) -> SafeString:
    parts = text.split("**")
    if len(parts) % 2 == 0:  # a pair is open: leave the signs as they stand
        return conditional_escape(text)
    return format_html_join(
        "", "{}", ((format_html("<strong>{}</strong>", p) if n % 2 else p,) for n, p in enumerate(parts))
    )


def shown(record: Record, lang: str) -> Shown:
    """Put a record into words for a visitor who reads `lang`."""

    def line(texts: Any) -> Any:
        return _line(texts, record, lang) if isinstance(texts, Texts) else texts

    transfer = record.transfer
    answers = (
        (_("Who gained"), _effect(record.gained, line, lang)),
        (_("Who lost"), _effect(record.lost, line, lang)),
        (_("Who took part"), _participants(record, line, lang)),
        (_("Cost"), _cost(record.cost, line)),
        (_("Staff, in full-time jobs"), _number(record.staff_fte)),
        (_("Where the money came from"), _funding(record)),
        (_("What failed"), line(record.failures)),
        (_("Side effects"), line(record.side_effects)),
        (_("Legal basis"), line(record.legal_basis)),
        (_("What has to be there for it to work elsewhere"), line(transfer.conditions) if transfer else None),
        (_("What others changed"), line(transfer.adaptations) if transfer else None),
    )
    place = record.place
    return Shown(
        record,
        _line(record.title, record, lang),
        line(record.summary),
        line(record.body),
        str(KINDS.get(record.kind, record.kind)),
        ", ".join(p for p in (place.name, country_name(place.country) if place.country else "") if p)
        if place
        else "",
        _period(record),
        str(GRADES[str(record.evidence_grade)]),
        _terms(record, lang),
        answers,
        _results(record, line, lang),
        transfer.copied_by if transfer else None,
        record.sources,
    )


def _line(texts: Texts, record: Record, lang: str) -> Line:
    said = texts.best([lang, record.language, "en"])
    translated = record.translations.get(said.language, "") if said.language != record.language else ""
    foreign = said.language.split("-")[0] != lang.split("-")[0]
    return Line(said.text, said.language, foreign, language_name(said.language), translated)


def _terms(record: Record, lang: str) -> tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...]:
    from isopolis.learn.record import TERM_FIELDS

    from .index import FACETS

    out = []
    for name, scheme in TERM_FIELDS.items():
        terms = tuple((scheme, t, term_label(t, lang)) for t in getattr(record, name))
        if terms:
            out.append((str(FACETS[scheme]), terms))
    if record.measure_type:
        one = ("measure_type", record.measure_type, term_label(record.measure_type, lang))
        out.append((str(FACETS["measure_type"]), (one,)))
    if record.scale:
        out.append((str(FACETS["scale"]), (("scale", record.scale, str(SCALES[record.scale])),)))
    return tuple(out)


def _effect(effect: Any, line: Any, lang: str) -> Any:
    if not isinstance(effect, Effect):
        return effect
    groups = ", ".join(term_label(g, lang) for g in effect.groups)
    return (groups, line(effect.note)) if groups or effect.note else None


def _participants(record: Record, line: Any, lang: str) -> Any:
    people = record.participants
    if not isinstance(people, Participants):
        return people
    parts = []
    if isinstance(people.n, float | int):
        parts.append(_("%(n)s people") % {"n": _number(people.n)})
    if isinstance(people.targeted, tuple):
        parts.append(
            _("meant for: %(who)s") % {"who": ", ".join(term_label(t, lang) for t in people.targeted)}
        )
    recruited = people.recruited if isinstance(people.recruited, Texts) else None
    return ("; ".join(parts), line(recruited)) if parts or recruited else NOT_STATED


def _number(value: Any) -> Any:
    if value is None or isinstance(value, str):
        return value
    whole = float(value).is_integer()
    return number_format(int(value) if whole else value, use_l10n=True, force_grouping=True)


def _cost(cost: Any, line: Any) -> Any:
    if not isinstance(cost, Cost):
        return cost
    parts = []
    for amount, said in (
        (cost.total, _("%(sum)s in all")),
        (cost.capex, _("%(sum)s once")),
        (cost.opex, _("%(sum)s a year")),
    ):
        if amount is not None:
            parts.append(said % {"sum": f"{_number(amount)} {cost.currency}"})
    if cost.year is not None and parts:
        parts.append(_("prices of %(year)s") % {"year": cost.year})
    return ("; ".join(parts), line(cost.note))


def _funding(record: Record) -> Any:
    given = record.funding_sources
    if not isinstance(given, tuple):
        return given
    named = [
        f"{f.name} ({_number(f.amount)} {f.currency or ''})" if f.amount is not None else f.name
        for f in given
    ]
    return ("; ".join(named), None) if named else None


def _period(record: Record) -> str:
    period = record.period
    if period is None:
        return ""
    end = period.end or (_("today") if period.ongoing else "")
    if period.start and end:
        return f"{period.start} – {end}"
    if period.start:
        return _("from %(day)s") % {"day": period.start}
    return _("until %(day)s") % {"day": end} if end else ""


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One row of the table of results."""

    indicator: Line
    group: str
    before: Any
    after: Any
    unit: str
    n: Any
    design: str
    note: Any


def _results(record: Record, line: Any, lang: str) -> Any:
    if not isinstance(record.results, tuple):
        return record.results
    return tuple(_result(r, line, lang) for r in record.results)


def _result(r: Result, line: Any, lang: str) -> ResultRow:
    designs = {
        "self_reported": _("told by those who did it"),
        "monitoring": _("counted while it ran"),
        "before_after": _("before and after"),
        "comparison_group": _("set against a group without it"),
        "natural_experiment": _("natural experiment"),
        "randomised": _("chosen by lot"),
    }
    return ResultRow(
        line(r.indicator), term_label(r.group, lang) if r.group else "", _number(r.before), _number(r.after),
        r.unit or "", _number(r.n), designs.get(r.design or "", ""), line(r.note),
    )  # fmt: skip


def languages_of(records: Iterable[Record]) -> list[str]:
    """Return the languages that titles are in."""
    return sorted({code for r in records for code in r.title.keys()})  # noqa: SIM118 - a model, no dict
