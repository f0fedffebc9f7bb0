"""Records of processing (GDPR Art. 30) and the frame of an impact assessment (Art. 35), from the register."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.conf import settings
from django.utils.translation import gettext as _

from .register import Erase, Record, records, retention_rules
from .words import BASES, PEOPLE, SEEN_BY

__all__ = ["Entry", "contact", "dpia", "entries"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the records of processing, in words."""

    table: str
    about: str
    fields: tuple[str, ...]
    purpose: str
    basis: str
    people: str
    seen_by: str
    keep: str
    erased: str
    sensitive: bool


def entries() -> list[Entry]:
    """Return everything that is kept about people, in the order of the apps."""
    rules = {r.key: str(r) for r in retention_rules()}
    return [_entry(r, rules) for r in records() if r.personal]


def _entry(record: Record, rules: dict[str, str]) -> Entry:
    return Entry(
        table=record.model,
        about=str(record.about),
        fields=tuple(str(v) for v in record.personal.values()),
        purpose=str(record.purpose),
        basis=str(BASES[record.basis]),
        people=str(PEOPLE[record.people]),
        seen_by=str(SEEN_BY[record.seen_by]),
        keep=rules[record.keep],
        erased=_erased(record),
        sensitive=record.sensitive,
    )


def _erased(record: Record) -> str:
    said = {
        Erase.DELETE: _("is deleted"),
        Erase.UNLINK: _("stays without the link to you"),
        Erase.BLANK: _("stays without the link to you and without its text"),
        Erase.KEEP: _("stays with the number of the account only"),
    }
    return "; ".join(dict.fromkeys(said[w] for w in record.owners.values())) or said[Erase.DELETE]


def contact() -> dict[str, str]:
    """Return who is responsible and whom to ask, as the settings say."""
    names = ("controller", "controller_contact", "protection_officer", "authority", "accessibility_contact")
    return {n: str(settings.OPTIONS[n]) for n in names}


def _installed() -> list[str]:
    return [
        str(c.name).rsplit(".", 1)[-1] for c in apps.get_app_configs() if c.name.startswith("isopolis.web.")
    ]


MEASURES = (
    "Access follows roles; every change needs a permission and leaves a row in a sealed log.",
    "Who is no member of a workspace cannot learn that anything exists there (404).",
    "Published numbers pass a gate: minimum counts, suppression that is proved, noise, comparison with "
    "earlier releases.",
    "Equality attributes are voluntary, lie apart under keys that only a secret can make, and are read in "
    "sums of at least 30 people.",
    "Passwords are kept as one-way hashes; second factors are offered; tries are limited.",
    "No page asks another server for anything; there is no tracking and no advertising.",
    "Time limits run every day; export and erasure are commands and pages, and they are tested.",
    "After a restore the list of erased accounts is applied again.",
)
RISKS = (
    "Somebody is recognised in published figures",
    "Somebody's answers about equality become known",
    "An account is taken over",
    "Somebody is put under pressure because of a comment",
    "Data are kept longer than needed",
    "A backup or the server is stolen",
    "Figures are used against a group or a neighbourhood",
)


def dpia() -> str:
    """Write the frame of an impact assessment in Markdown; what only the city can say is left open."""
    found = entries()
    blank = "…………"
    who = contact()
    lines: list[Any] = [
        "# Data protection impact assessment: Isopolis",
        "",
        "Made from the tables and settings of this installation. Fill in what is dotted; ask your data "
        "protection officer for advice (GDPR Art. 35 (2)).",
        "",
        f"- Controller: {who['controller'] or blank}",
        f"- Data protection officer: {who['protection_officer'] or blank}",
        f"- Assessment made by, date: {blank}",
        "",
        "## 1. What is done, with which data",
        "",
        f"Parts of the platform that are installed: {', '.join(_installed())}.",
        "",
        "| what | data | people | purpose | who sees it | how long |",
        "|---|---|---|---|---|---|",
        *(
            f"| {e.about}{' **(special category)**' if e.sensitive else ''} | {', '.join(e.fields)} "
            f"| {e.people} | {e.purpose} | {e.seen_by} | {e.keep} |"
            for e in found
        ),
        "",
        "## 2. Why it is needed, and on which legal basis",
        "",
        "| what | legal basis | why less would not do |",
        "|---|---|---|",
        *(f"| {e.about} | {e.basis} | {blank} |" for e in found),
        "",
        "## 3. Risks for people",
        "",
        "| risk | how likely | how bad | what is done | what remains |",
        "|---|---|---|---|---|",
        *(f"| {r} | {blank} | {blank} | {blank} | {blank} |" for r in RISKS),
        "",
        "## 4. What the platform does against them",
        "",
        *(f"- {m}" for m in MEASURES),
        "",
        "## 5. Who was asked",
        "",
        f"- Residents or their associations (Art. 35 (9)): {blank}",
        f"- Data protection officer: {blank}",
        f"- Decision and date: {blank}",
        "",
    ]
    return "\n".join(lines)
