"""One form for each kind of record. It gives and takes the plain record; `act` decides what fits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from isopolis.act.partnership import FORMS, LAYERS, LEVELS
from isopolis.web.languages import said

from .lines import as_lines, from_lines

__all__ = ["FORMS_OF", "TITLES", "RecordForm", "UploadForm"]

ACCESS = [
    ("public", _("everybody")),
    ("members", _("members of the partnership")),
    ("coordinators", _("coordinators only")),
]
DAY = _("Year, month or day: 2025, 2025-01 or 2025-01-31.")


def _short(label: Any, *, required: bool = True, most: int = 160, about: Any = "") -> forms.CharField:
    return forms.CharField(label=label, required=required, max_length=most, help_text=about)


def _long(label: Any, *, rows: int = 6, about: Any = "", most: int = 20_000) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, required=False, max_length=most, help_text=about, widget=area)


def _choices(table: Mapping[str, str]) -> Any:
    return lambda: [(key, said(text)) for key, text in table.items()]


class RecordForm(forms.Form):
    """What all records have. `texts` are fields with a language, `lists` are written as lines."""

    texts: ClassVar[tuple[str, ...]] = ("title",)
    lists: ClassVar[dict[str, tuple[str, ...]]] = {}

    language = forms.ChoiceField(
        label=_("Language of the texts below"), choices=lambda: [(c, n) for c, n in settings.LANGUAGES]
    )
    access = forms.ChoiceField(label=_("Who may read it"), choices=ACCESS)
    key = _short(_("Key"), most=60, about=_("Its name in addresses: small letters, digits and hyphens."))
    seen = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def __init__(
        self, data: Any = None, plain: Mapping[str, Any] | None = None, language: str = "en"
    ) -> None:
        self.before: dict[str, Any] = dict(plain or {})
        super().__init__(data, initial=self._initial(self.before, language))
        self.order_fields([*(n for n in self.fields if n not in ("access", "key")), "access", "key"])

    def _initial(self, plain: Mapping[str, Any], language: str) -> dict[str, Any]:
        out: dict[str, Any] = {"access": "members", "language": language} | dict(plain)
        for name in self.texts:
            kept = plain.get(name) or {}
            out[name] = kept.get(language, "") if isinstance(kept, Mapping) else kept
        for name, fields in self.lists.items():
            out[name] = as_lines(plain.get(name) or (), fields)
        return out

    def plain(self) -> dict[str, Any]:
        """Return the record as the form has it; what the form does not show stays as it was."""
        given, out = self.cleaned_data, dict(self.before)
        for name in self.fields:
            value = given[name]
            if name in ("language", "seen"):
                continue
            if name in self.texts:
                value = self._in_languages(name, value, given["language"])
            elif name in self.lists:
                value = from_lines(value, self.lists[name])
            out.pop(name, None)
            if value not in ("", None, {}, []):
                out[name] = value
        return out

    def _in_languages(self, name: str, value: str, language: str) -> dict[str, str]:
        kept = self.before.get(name) or {}
        others = {k: v for k, v in kept.items() if k != language} if isinstance(kept, Mapping) else {}
        return others | ({language: value} if value else {})


class MemberForm(RecordForm):
    """A member organisation."""

    texts = ("name",)
    lists: ClassVar[dict[str, tuple[str, ...]]] = {"roles": ("role", "start", "end")}
    name = _short(_("Name of the organisation"))
    short = _short(_("Short name"), required=False, most=40)
    type = forms.ChoiceField(label=_("Type: the layer of the map"), choices=_choices(LAYERS))
    level = forms.ChoiceField(label=_("Level"), choices=_choices(LEVELS))
    country = _short(_("Country"), most=2, about=_("Two capital letters, EU for the European Union."))
    town = _short(_("Town"), required=False, most=80)
    lat = forms.FloatField(label=_("Degrees north"), required=False, min_value=-90, max_value=90)
    lon = forms.FloatField(label=_("Degrees east"), required=False, min_value=-180, max_value=180)
    start = _short(_("Member from"), required=False, most=10, about=DAY)
    end = _short(_("Member until"), required=False, most=10, about=DAY)
    roles = _long(
        _("Roles"),
        rows=3,
        about=_("One per line: coordinator | 2024-01-31 | 2026-12. The end may be left out."),
    )
    note = _long(_("Note"), rows=2)

    def _initial(self, plain: Mapping[str, Any], language: str) -> dict[str, Any]:
        place = plain.get("place") or {}
        at = {"town": place.get("name"), "lat": place.get("lat"), "lon": place.get("lon")}
        return super()._initial(plain, language) | at

    def plain(self) -> dict[str, Any]:
        """Join town and degrees to a place."""
        out = super().plain()
        name, lat, lon = (out.pop(n, None) for n in ("town", "lat", "lon"))
        out.pop("place", None)
        return out | ({"place": {"name": name, "lat": lat, "lon": lon}} if name else {})


class MeetingForm(RecordForm):
    """A meeting with its agenda, minutes, decisions and tasks."""

    lists: ClassVar[dict[str, tuple[str, ...]]] = {
        "agenda": ("title", "minutes", "by"),
        "decisions": ("number", "text", "theme"),
        "tasks": ("text", "owner", "due", "state"),
    }
    title = _short(_("Title"))
    day = _short(_("First day"), most=10, about=DAY)
    until = _short(_("Last day"), required=False, most=10)
    starts = forms.TimeField(
        label=_("Begins at"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    ends = forms.TimeField(
        label=_("Ends at"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    zone = _short(_("Time zone"), most=60, about=_("As Europe/Rome."))
    form = forms.ChoiceField(label=_("How people meet"), choices=_choices(FORMS))
    where = _short(_("Place"), required=False)
    text = _long(_("What it is about"), rows=4)
    agenda = _long(_("Agenda"), about=_("One point per line: point | minutes | organisation."))
    minutes = _long(_("Minutes"), rows=10, most=60_000)
    decisions = _long(_("Decisions"), about=_("One per line: number | decision | theme."))
    tasks = _long(
        _("Tasks"), about=_("One per line: task | organisation | due date | open, done or dropped.")
    )
    cancelled = forms.BooleanField(label=_("It was called off"), required=False)

    def _initial(self, plain: Mapping[str, Any], language: str) -> dict[str, Any]:
        return {"zone": "Europe/Brussels", "form": "not stated"} | super()._initial(plain, language)

    def plain(self) -> dict[str, Any]:
        """Write times as text."""
        out = super().plain()
        for name in ("starts", "ends"):
            if name in out and not isinstance(out[name], str):
                out[name] = out[name].isoformat("minutes")
        return out


class NewsForm(RecordForm):
    """A piece of news."""

    texts = ("title", "text")
    title = _short(_("Title"))
    day = _short(_("Day"), most=10, about=DAY)
    text = _long(_("Text"), rows=10)


class CallForm(RecordForm):
    """A call."""

    texts = ("title", "text")
    title = _short(_("Title"))
    text = _long(_("What it is about"))
    opens = _short(_("Opens"), required=False, most=10, about=DAY)
    closes = _short(_("Closes"), required=False, most=10, about=DAY)
    closes_at = _short(_("Hour at which it closes"), required=False, most=60)
    continuous = forms.BooleanField(label=_("It is always open"), required=False)
    url = _short(_("Address"), required=False, most=900)


class StrategyForm(RecordForm):
    """A strategy."""

    texts = ("title", "text")
    title = _short(_("Title"))
    text = _long(_("What it is about"))
    start = _short(_("From"), required=False, most=10, about=DAY)
    end = _short(_("Until"), required=False, most=10, about=DAY)
    url = _short(_("Address"), required=False, most=900)


class MilestoneForm(RecordForm):
    """A milestone."""

    title = _short(_("Title"))
    planned = _short(_("Planned for"), most=10, about=DAY)
    actual = _short(_("Reached on"), required=False, most=10, about=DAY)
    note = _long(_("Note"), rows=2)


class CommitmentForm(RecordForm):
    """A commitment."""

    texts = ("title", "text")
    lists: ClassVar[dict[str, tuple[str, ...]]] = {
        "indicators": ("title", "measure", "unit"),
        "evidence": ("title", "url", "record", "day"),
    }
    number = _short(_("Number"), required=False, most=20)
    title = _short(_("Title"))
    text = _long(_("What is promised"))
    framework = _short(_("Declaration or charter it comes from"), required=False)
    part_of = _short(_("Part of"), required=False, most=60, about=_("Key of the larger commitment."))
    indicators = _long(
        _("Indicators"), rows=3, about=_("One per line: indicator | name of a measure | unit.")
    )
    evidence = _long(
        _("Evidence"), rows=3, about=_("One per line: what it is | address | record of the library | day.")
    )
    owner = _short(_("Owner"), required=False, about=_("An organisation, or an office in it."))
    reviewed = _short(_("Last review"), required=False, most=10, about=DAY)
    review_due = _short(_("Next review"), required=False, most=10, about=DAY)


class SurveyForm(RecordForm):
    """A survey among the members."""

    title = _short(_("Title"))
    text = _long(_("What it is about"), rows=3)
    opens = _short(_("Opens"), required=False, most=10, about=DAY)
    closes = _short(_("Closes"), required=False, most=10, about=DAY)
    questions = _long(
        _("Questions"),
        rows=10,
        about=_("One per line: key | question, or: key | question | one or several | option; option."),
    )
    names: ClassVar[tuple[str, ...]] = ("key", "text", "kind", "options")

    def _initial(self, plain: Mapping[str, Any], language: str) -> dict[str, Any]:
        rows = [dict(q) | {"options": "; ".join(q.get("options", ()))} for q in plain.get("questions") or ()]
        return super()._initial(plain, language) | {"questions": as_lines(rows, self.names)}

    def plain(self) -> dict[str, Any]:
        """Split the options."""
        out = super().plain()
        rows = from_lines(out.pop("questions", ""), self.names)
        for row in rows:
            if "options" in row:
                row["options"] = [o.strip() for o in row["options"].split(";") if o.strip()]  # type: ignore[assignment]
        return out | {"questions": rows}


class PaperForm(RecordForm):
    """A new version of the orientation paper; earlier versions stay as they are."""

    title = _short(_("Title"))
    number = _short(_("Name of the new version"), most=20)
    day = _short(_("Day"), required=False, most=10, about=DAY)
    state = forms.ChoiceField(
        label=_("State"), choices=[("outline", _("outline")), ("draft", _("draft")), ("final", _("final"))]
    )
    note = _long(_("What is new"), rows=2)
    themes = _long(
        _("Themes"), rows=3, about=_("One per line: key | title | concepts of the vocabulary with blanks.")
    )
    sections = _long(
        _("Sections"),
        rows=14,
        most=200_000,
        about=_("A line “## key | title | theme” begins a section; its text follows."),
    )

    def _initial(self, plain: Mapping[str, Any], language: str) -> dict[str, Any]:
        last = (plain.get("versions") or [{}])[-1]
        themes = [
            {"key": t["key"], "title": _in(t["title"], language), "concepts": " ".join(t.get("concepts", ()))}
            for t in last.get("themes", ())
        ]
        sections = "\n\n".join(_section(s, language) for s in last.get("sections", ()))
        named = {
            "state": "draft",
            "themes": as_lines(themes, ("key", "title", "concepts")),
            "sections": sections,
        }
        return super()._initial(plain, language) | named

    def plain(self) -> dict[str, Any]:
        """Add the version to those that are there."""
        out, language = super().plain(), self.cleaned_data["language"]
        new: dict[str, Any] = {n: out.pop(n) for n in ("number", "day", "state", "note") if n in out}
        new["themes"] = [
            {
                "key": t.get("key", ""),
                "title": {language: t.get("title", "")},
                "concepts": t.get("concepts", "").split(),
            }
            for t in from_lines(out.pop("themes", ""), ("key", "title", "concepts"))
        ]
        new["sections"] = _sections(out.pop("sections", ""), language)
        out["versions"] = [*self.before.get("versions", []), new]
        return out


def _in(texts: Mapping[str, str], language: str) -> str:
    return texts.get(language) or texts.get("en") or next(iter(texts.values()), "")


def _section(section: Mapping[str, Any], language: str) -> str:
    named = {**section, "title": _in(section["title"], language)}
    return f"## {as_lines([named], ('key', 'title', 'theme'))}\n{section.get('text', '')}".strip()


def _sections(text: str, language: str) -> list[dict[str, Any]]:
    out: list[dict[str, Any]] = []
    for line in text.splitlines():
        if line.startswith("## "):
            head = (from_lines(line[3:], ("key", "title", "theme")) or [{}])[0]
            out.append({**head, "title": {language: head.get("title", "")}, "text": ""})
        elif out:
            out[-1]["text"] += line + "\n"
    for section in out:
        section["text"] = section["text"].strip()
        if not section["text"]:
            section["status"] = "absent"
    return out


class DocumentForm(RecordForm):
    """What is said of a document."""

    title = _short(_("Title"))
    doc_language = _short(
        _("Language of the document"), required=False, most=12, about=_("A code such as en or pt.")
    )
    version = _short(_("Version"), required=False, most=40)
    day = _short(_("Day"), required=False, most=10, about=DAY)
    text = _long(_("What it is"), rows=3, most=4000)
    url = _short(_("Address, when it lies elsewhere"), required=False, most=900)

    def _initial(self, plain: Mapping[str, Any], language: str) -> dict[str, Any]:
        own = {k: v for k, v in plain.items() if k != "language"}
        return super()._initial(own, language) | {"doc_language": plain.get("language", "")}

    def plain(self) -> dict[str, Any]:
        """Give the language of the document its own name back."""
        out = super().plain()
        said_language = out.pop("doc_language", "")
        out.pop("language", None)
        return out | ({"language": said_language} if said_language else {})


class UploadForm(DocumentForm):
    """A document with its file."""

    file = forms.FileField(label=_("File"), max_length=400)

    def __init__(self, data: Any = None, files: Any = None, language: str = "en") -> None:
        super().__init__(data, None, language)
        self.files = files or {}
        del self.fields["url"]

    def plain(self) -> dict[str, Any]:
        """Leave the file to the action."""
        out = super().plain()
        out.pop("file", None)
        return out


FORMS_OF: dict[str, type[RecordForm]] = {
    "member": MemberForm,
    "meeting": MeetingForm,
    "news": NewsForm,
    "document": DocumentForm,
    "call": CallForm,
    "strategy": StrategyForm,
    "milestone": MilestoneForm,
    "survey": SurveyForm,
    "paper": PaperForm,
    "commitment": CommitmentForm,
}
TITLES: Sequence[tuple[str, Any]] = (
    ("member", _("Members")),
    ("meeting", _("Meetings")),
    ("news", _("News")),
    ("document", _("Documents")),
    ("call", _("Calls")),
    ("strategy", _("Strategies and networks")),
    ("milestone", _("Milestones")),
    ("survey", _("Surveys among the members")),
    ("paper", _("Orientation paper")),
    ("commitment", _("Commitments")),
)
"""Kinds of records in words, in the order of the list of what can be kept."""
