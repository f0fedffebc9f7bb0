"""Names of the schemes and of relations, for readers."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from isopolis.web.languages import NAMES

__all__ = ["ABOUT", "LANGUAGES", "SCHEMES", "language_name"]

SCHEMES = {
    "ground": _("Grounds of discrimination"),
    "group": _("Groups of people"),
    "service": _("Services"),
    "barrier": _("Barriers"),
    "hazard": _("Hazards"),
    "theme": _("Themes"),
    "pillar": _("Pillars"),
    "instrument": _("Instruments"),
    "measure_type": _("Kinds of measure"),
}
ABOUT = {
    "ground": _("Why people are treated unequally."),
    "group": _("People whom a measure is meant for or whom it reaches."),
    "service": _("What a city or its partners offer to people."),
    "barrier": _("What keeps people from a service or from taking part."),
    "hazard": _("What an emergency plan prepares for."),
    "theme": _("What a record, a process or an action is about."),
    "pillar": _("What an action of the Urban Agenda for the EU makes better."),
    "instrument": _("By which means a measure works."),
    "measure_type": _("For whom a measure is made."),
}
LANGUAGES: Mapping[str, str] = NAMES | {"ru": "русский", "tr": "Türkçe", "uk": "українська"}
"""Languages of the pages, and those that residents speak and search in beside them."""


def language_name(code: str) -> str:
    """Return the name of a language in that language."""
    return LANGUAGES.get(code, code)
