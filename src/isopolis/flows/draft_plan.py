"""A first plan from a diagnosis: for each large gap the measures that worked elsewhere, for people to decide.

Nothing is invented: a proposal has no leader, no objective, no money and no target of its own. What a record
of the library does not state stays "not stated".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from isopolis.act.plan import Action, Evidence, Indicator, Plan
from isopolis.explain.languages import said
from isopolis.model import Finding, Group
from isopolis.model.text import capital, count, joint, listing, phrase

from .diagnosis import Diagnosis
from .words import Names, percent

__all__ = [
    "Drafted", "Fit", "Gap", "Vocabulary", "draft_plan", "finding_ref", "fits", "gainers", "gaps_of",
    "harmful", "terms_of",
]  # fmt: skip

MOST_GAPS = 5
BEST = 3
SEPARATION = ("theme:segregation",)
"""Themes that any finding of separation speaks to, where nothing nearer is known."""

GROUP, GROUND, THEME, EVIDENCE, PEER = 3.0, 2.0, 1.0, 0.5, 1.0
"""Weight of what makes a record fit; each part is printed with its share."""

PILLAR_OF = {"regulation": "regulation", "money": "funding"}
"""By which pillar an instrument works, where a record names none; every other one adds knowledge."""

_QUOTED = re.compile("“([^”]+)”")


class Vocabulary(Protocol):
    """As much of the vocabulary as a draft needs."""

    def __contains__(self, term: object, /) -> bool:
        """Tell whether there is such a term."""
        ...

    def resolve(self, text: str, scheme: str | None = None, lang: str | None = None) -> Any:
        """Return the concept that a word means, or raise a `CallError`."""
        ...

    def label(self, id: str, lang: str = "en") -> str:
        """Return a term in words."""
        ...

    def below(self, id: str) -> frozenset[str]:
        """Return a term and all below it."""
        ...


@dataclass(frozen=True, slots=True)
class Gap:
    """A finding that stands out, and the terms of the vocabulary that it is about.

    `ref` is where it can be read again: a number of a page, or the text of `finding_ref`.
    """

    ref: str
    subject: str
    sentence: str
    reason: str
    finding: Finding
    groups: tuple[str, ...] = ()
    grounds: tuple[str, ...] = ()
    themes: tuple[str, ...] = SEPARATION


@dataclass(frozen=True, slots=True)
class Fit:
    """A record of the library beside a gap: its score and the parts that add up to it."""

    record: Any
    parts: tuple[tuple[str, float], ...]

    @property
    def score(self) -> float:
        """Sum of the parts."""
        return sum(weight for _why, weight in self.parts)


@dataclass(frozen=True, slots=True)
class Drafted:
    """The plan, the gaps it was drafted from, those for which the library has nothing, and what to beware of.

    A caution is a record that fits, but by which people are known to have lost and nobody to have gained.
    """

    plan: Plan
    gaps: tuple[Gap, ...]
    unserved: tuple[Gap, ...]
    cautions: tuple[Fit, ...] = ()


# -- gaps --------------------------------------------------------------------------------------------
def finding_ref(finding: Finding) -> str:
    """Return a short text that names a finding in any run on the same data."""
    parts = (finding.measure, finding.dimension, finding.group, finding.versus, finding.scale, finding.date)
    return "/".join(p for p in parts if p)[:300]


def gaps_of(diagnosis: Diagnosis, vocabulary: Vocabulary, *, most: int = MOST_GAPS) -> tuple[Gap, ...]:
    """Return the largest gaps: the headlines of a diagnosis that are about a state, not about a change."""
    names = Names.of(diagnosis.city)
    out: list[Gap] = []
    for place, finding in enumerate(diagnosis.headlines):
        if finding.measure.endswith("_change") or len(out) == most:
            continue
        subject = names.group(finding.group) if finding.group else names.dimension(finding.dimension)
        groups, grounds = terms_of(finding, subject, vocabulary)
        grounds = tuple(dict.fromkeys((*grounds, *_declared(finding, names, vocabulary))))
        reason = diagnosis.headline_reasons.get(place, "")
        out.append(Gap(finding_ref(finding), subject, finding.explanation, reason, finding, groups, grounds))
    return tuple(out)


def _declared(finding: Finding, names: Names, vocabulary: Vocabulary) -> Iterable[str]:
    """Yield the grounds that the city itself has said its dimensions are about."""
    for name in finding.dimension.split(" × "):
        known = names.dimensions.get(name)
        term = f"ground:{known.ground}" if known is not None and known.ground else ""
        if term in vocabulary:
            yield term


def terms_of(
    finding: Finding, subject: str, vocabulary: Vocabulary
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the groups and grounds of the vocabulary that a finding is about, as far as its words say it."""
    pairs = list(Group.parse(finding.group)) if finding.group else []
    words = [*(category for _name, category in pairs), *_QUOTED.findall(str(subject))]
    names = [*(name for name, _category in pairs), *finding.dimension.split(" × ")]
    return _resolved(words, "group", vocabulary), _resolved(names, "ground", vocabulary)


def _resolved(words: Iterable[str], scheme: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    from isopolis.model import CallError

    found: dict[str, None] = {}
    for word in words:
        try:
            found[vocabulary.resolve(word.replace("_", " "), scheme).id] = None
        except CallError:  # a city's own word that nobody has mapped
            continue
    return tuple(found)


# -- measures that fit ------------------------------------------------------------------------------------
def fits(
    gap: Gap,
    library: Iterable[Any],
    vocabulary: Vocabulary,
    peers: Mapping[str, float] | None = None,
    language: str = "en",
) -> list[Fit]:
    """Return the records that fit a gap, best first, each with its reasons.

    Parameters
    ----------
    gap : Gap
    library : iterable of Record
        Kinds that are no measure (studies, documents, calls) are left out.
    vocabulary : Vocabulary
    peers : mapping of str to float, optional
        Name of a city → share of runs in which it is a peer.
    language : str
        Of the terms in the reasons.
    """
    found = []
    for record in library:
        if record.kind not in ("case", "policy", "method", "tool", "law", "strategy"):
            continue
        parts = tuple(_parts(gap, record, vocabulary, language))
        if parts:
            more = (*parts, *_standing(record), *_peer(record, peers or {}))
            found.append(Fit(record, more))
    return sorted(found, key=lambda f: (-f.score, f.record.id))


def _parts(gap: Gap, record: Any, vocabulary: Vocabulary, language: str) -> Iterable[tuple[str, float]]:
    groups = _met(gap.groups, record.groups, vocabulary)
    grounds = _met(gap.grounds, record.grounds, vocabulary)
    themes = _met(gap.themes, record.themes, vocabulary)
    for met, weight in ((groups, GROUP), (grounds, GROUND), (themes, THEME)):
        if met:
            words = listing(vocabulary.label(m, language) for m in met)
            yield phrase("it is about {terms}", terms=words), weight


def _met(wanted: Sequence[str], there: Sequence[str], vocabulary: Vocabulary) -> list[str]:
    """Return the terms of a record that are, or lie below, what the gap is about."""
    inside = {t for w in wanted if w in vocabulary for t in vocabulary.below(w)}
    return [t for t in there if t in inside]


def gainers(record: Any) -> tuple[str, ...]:
    """Return the groups of which a record says that they gained."""
    return getattr(record.gained, "groups", ())


def harmful(record: Any) -> bool:
    """Tell whether a record knows of people who lost by it, and of nobody who gained."""
    return bool(getattr(record.lost, "groups", ())) and not gainers(record)


def _standing(record: Any) -> Iterable[tuple[str, float]]:
    # good evidence of a failure speaks for nothing
    if record.evidence_grade >= 2 and gainers(record):
        yield (
            phrase("its evidence has grade {grade} of 4", grade=record.evidence_grade),
            (EVIDENCE * record.evidence_grade),
        )


def _peer(record: Any, peers: Mapping[str, float]) -> Iterable[tuple[str, float]]:
    name = record.place.name if record.place is not None else ""
    share = peers.get(name)
    if share:
        why = phrase("{city} is among your peers in {share} of runs", city=name, share=percent(share))
        yield why, PEER * share


# -- the draft -----------------------------------------------------------------------------------------
Ranked = Callable[[Gap], Sequence[Fit]]


def draft_plan(
    gaps: Sequence[Gap],
    library: Iterable[Any],
    vocabulary: Vocabulary,
    *,
    title: str,
    place: str = "",
    diagnosis: str = "",
    definition: str = "",
    k: int = BEST,
    language: str = "en",
    peers: Mapping[str, float] | None = None,
    ranked: Ranked | None = None,
) -> Drafted:
    """Draft a plan: for each gap up to `k` measures of the library, as proposals.

    Parameters
    ----------
    gaps : sequence of Gap
        Widest first, from `gaps_of`.
    library : iterable of Record
    vocabulary : Vocabulary
    title, place, diagnosis, definition : str
        What the plan says of itself.
    k : int
        Measures for each gap.
    language : str
        In which texts of ours are written down.
    peers : mapping, optional
        See `fits`.
    ranked : callable, optional
        Ranks the library for a gap in another way than `fits`.

    Returns
    -------
    Drafted
        Equal arguments give equal plans. A record that fits several gaps is proposed once, for the widest;
        the others stand beside it as evidence.
    """
    records, made = list(library), dict[str, Action]()
    unserved: list[Gap] = []
    cautions: dict[str, Fit] = {}
    for gap in gaps:
        rows = ranked(gap) if ranked is not None else fits(gap, records, vocabulary, peers, language)
        cautions |= {f.record.id: f for f in rows if harmful(f.record)}
        rows = [f for f in rows if not harmful(f.record)]
        if not rows:
            unserved.append(gap)
        for fit in rows[:k]:
            known = made.get(fit.record.id)
            made[fit.record.id] = (
                _speaks_to(known, gap, fit, language)
                if known is not None
                else _proposal(len(made) + 1, gap, fit, vocabulary, language)
            )
    plan = Plan(
        title=title[:300], place=place[:300], diagnosis=diagnosis, definition=definition,
        actions=tuple(made.values()), note=_note(unserved, cautions.values(), language),
    )  # fmt: skip
    return Drafted(plan, tuple(gaps), tuple(unserved), tuple(cautions.values()))


def _note(unserved: Sequence[Gap], cautions: Iterable[Fit], language: str) -> str:
    """Say what is left open, so that a missing measure is seen."""
    text = phrase("A draft made by a computer from measured gaps and from the library: people decide.")
    if unserved:
        open_gaps = listing(g.subject for g in unserved)
        text = joint((text, phrase("The library has no measure yet for {gaps}.", gaps=open_gaps)))
    titles = [_text(f.record.title, language) for f in cautions]
    if titles:
        beware = phrase(
            "Tried elsewhere, with people who lost by it and nobody who is known to have gained: {titles}.",
            titles=listing(titles),
        )
        text = joint((text, beware))
    return said(text, language)[:8000]


def _proposal(number: int, gap: Gap, fit: Fit, vocabulary: Vocabulary, language: str) -> Action:
    record = fit.record
    pillars = _pillars(record)
    return Action(
        id=f"a{number}",
        title=_text(record.title, language)[:300],
        theme=record.themes[0] if record.themes else gap.themes[0],
        pillar=pillars[0],
        secondary_pillars=pillars[1:],
        measure_type=record.measure_type or "",
        bottleneck=said(gap.sentence, language),
        groups=tuple(record.groups),
        indicators=(_indicator(gap, language),),
        evidence=(_of_gap(gap, fit, language), _of_record(fit, vocabulary, language)),
        source=record.id,
    )


def _speaks_to(action: Action, gap: Gap, fit: Fit, language: str) -> Action:
    """Add a further gap to a proposal that fits it as well."""
    return action.model_copy(
        update={
            "indicators": (*action.indicators, _indicator(gap, language)),
            "evidence": (*action.evidence, _of_gap(gap, fit, language)),
        }
    )


def _pillars(record: Any) -> tuple[str, ...]:
    """Return the pillars of a record, or those by which its instruments work."""
    named = list(dict.fromkeys(record.pillars))
    if not named:
        tools = [i.partition(":")[2] for i in record.instruments]
        named = list(dict.fromkeys(f"pillar:{PILLAR_OF.get(t, 'knowledge')}" for t in tools))
    return tuple(named) or ("pillar:knowledge",)


def _indicator(gap: Gap, language: str) -> Indicator:
    """Return the measured gap as an indicator: its baseline is known, its target is not ours to choose."""
    f = gap.finding
    name = said(capital(gap.subject), language)
    return Indicator(
        # zones or a radius are what it was measured over, not what it is counted in
        name=f"{name} ({', '.join(p for p in (f.measure, f.scale) if p)})"[:300],
        finding=gap.ref,
        baseline=f.number if f.defined else None,
        baseline_date=f.date,
    )


def _of_gap(gap: Gap, fit: Fit, language: str) -> Evidence:
    why = phrase("The measure fits because {reasons}.", reasons=listing(w for w, _n in fit.parts))
    return Evidence(
        kind="finding",
        ref=gap.ref,
        title=said(capital(gap.subject), language)[:300],
        why=said(joint((gap.sentence, gap.reason, why)), language)[:8000],
    )


def _of_record(fit: Fit, vocabulary: Vocabulary, language: str) -> Evidence:
    record = fit.record
    url = next((s.url for s in record.sources if s.url and len(s.url) <= 1000), "")
    told = joint(_told(record, vocabulary, language))
    return Evidence(
        kind="record",
        ref=record.id,
        title=_text(record.title, language)[:300],
        why=said(told, language)[:8000],
        url=url or "",
    )


def _told(record: Any, vocabulary: Vocabulary, language: str) -> Iterable[str]:
    """Yield what the library knows of cost, staff, results, failures and conditions."""
    unstated = phrase("not stated")
    yield phrase("Cost there: {cost}.", cost=_cost(record.cost, language) or unstated)
    staff = record.staff_fte
    posts = phrase("{n} full-time posts", n=f"{staff:g}") if isinstance(staff, int | float) else unstated
    yield phrase("Staff there: {staff}.", staff=posts)
    yield phrase("Grade of the evidence: {grade} of 4.", grade=record.evidence_grade)
    yield phrase("Who gained there: {text}.", text=_effect(record.gained, vocabulary, language) or unstated)
    yield phrase("Who lost there: {text}.", text=_effect(record.lost, vocabulary, language) or unstated)
    failed, needed = _open(record.failures, language), _open(_conditions(record), language)
    yield phrase("What failed there: {text}.", text=failed.rstrip(".") or unstated)
    yield phrase("Needed to copy it: {text}.", text=needed.rstrip(".") or unstated)


def _effect(effect: Any, vocabulary: Vocabulary, language: str) -> str:
    """Return the sentence of an effect, or its groups in words."""
    note = _text(getattr(effect, "note", None), language).rstrip(".")
    groups = getattr(effect, "groups", ())
    return note or listing(vocabulary.label(g, language) if g in vocabulary else g for g in groups)


def _conditions(record: Any) -> Any:
    return record.transfer.conditions if record.transfer is not None else None


def _cost(cost: Any, language: str) -> str:
    if cost is None or isinstance(cost, str):
        return ""
    parts = []
    if cost.total is not None:
        parts.append(phrase("{money} in all", money=_money(cost.total, cost)))
    if cost.capex is not None:
        parts.append(phrase("{money} once", money=_money(cost.capex, cost)))
    if cost.opex is not None:
        parts.append(phrase("{money} a year", money=_money(cost.opex, cost)))
    return joint((*parts, _text(cost.note, language).rstrip(".")), "; ")


def _money(amount: float, cost: Any) -> str:
    year = f" ({cost.year})" if cost.year else ""
    return joint((count(amount), f"{cost.currency}{year}"))


def _open(item: Any, language: str) -> str:
    return "" if item is None or isinstance(item, str) else _text(item, language)


def _text(texts: Any, language: str) -> str:
    return str(texts.best((language, "en")).text) if texts is not None else ""
