"""Forms of the library, and the way from a filled-in form to a record and back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from isopolis.learn.record import CRITERIA, KINDS, NOT_STATED, SCALES, TEXTS, languages
from isopolis.learn.vocabulary import shipped as vocabulary
from isopolis.web.languages import NAMES

from .actions import ASKABLE, TRANSLATED
from .index import SCALES as SCALE_NAMES
from .models import KINDS as KIND_NAMES

__all__ = [
    "AnswerForm", "AskForm", "CollectionForm", "ContactForm", "EntryForm", "ImportForm", "ModeratorForm",
    "ReasonForm", "ReviewForm", "TranslationForm", "field_of", "initial_of", "plain_of",
]  # fmt: skip

TERM_LISTS = ("themes", "groups", "services", "barriers", "instruments")
OPEN = ("gained", "lost", "failures", "side_effects", "conditions")
"""Answers in words that may also be "not stated"."""
MANY = forms.CheckboxSelectMultiple
MOST_MB = 64
NOT_SAID = {"": _("no answer yet"), "stated": _("as written below"), NOT_STATED: _("not known")}


def _terms(scheme: str) -> list[tuple[str, str]]:
    lang = get_language() or "en"
    return sorted(((c.id, c.label(lang)) for c in vocabulary().scheme(scheme)), key=lambda p: p[1].casefold())


class _Lines(forms.CharField):
    """A text of several lines; browsers end each with two signs, of which a record has one."""

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n").replace("\r", "\n")


def _text(label: Any, help_text: Any = "", *, rows: int = 4, required: bool = False) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": rows})
    return _Lines(label=label, help_text=help_text, required=required, max_length=20_000, widget=area)


class EntryForm(forms.Form):
    """What a city tells of its case."""

    kind = forms.ChoiceField(label=_("Kind"), choices=[(k, KIND_NAMES[k]) for k in KINDS])
    language = forms.ChoiceField(label=_("Language in which you write"), choices=list(NAMES.items()))
    title = forms.CharField(label=_("Title"), max_length=300)
    summary = _text(
        _("Summary"), _("At most 300 words: what was done, for whom, what came of it."), required=True
    )
    place = forms.CharField(label=_("Place"), max_length=200)
    country = forms.CharField(
        label=_("Country"), max_length=2, required=False, help_text=_("Two letters, as in FR or PL.")
    )
    start = forms.CharField(
        label=_("From"), max_length=10, required=False, help_text=_("A year or a day: 2021 or 2021-05-03.")
    )
    end = forms.CharField(
        label=_("Until"), max_length=10, required=False, help_text=_("Empty while it goes on.")
    )
    themes = forms.MultipleChoiceField(label=_("Themes"), widget=MANY)
    groups = forms.MultipleChoiceField(label=_("Groups of people it is for"), required=False, widget=MANY)
    services = forms.MultipleChoiceField(label=_("Services"), required=False, widget=MANY)
    barriers = forms.MultipleChoiceField(label=_("Barriers it takes away"), required=False, widget=MANY)
    instruments = forms.MultipleChoiceField(label=_("Instruments"), required=False, widget=MANY)
    measure_type = forms.ChoiceField(label=_("Kind of measure"), required=False)
    scale = forms.ChoiceField(
        label=_("Scale"), required=False, choices=[("", "–"), *((s, SCALE_NAMES[s]) for s in SCALES)]
    )
    gained = _text(_("Who gained"), _("Write “not stated” when nobody knows."), rows=2)
    lost = _text(_("Who lost"), _("Write “not stated” when nobody knows."), rows=2)
    cost_state = forms.ChoiceField(label=_("Cost"), choices=list(NOT_SAID.items()), required=False)
    cost_amount = forms.FloatField(label=_("Cost in all"), min_value=0, required=False)
    cost_currency = forms.CharField(
        label=_("Currency"), max_length=3, required=False, help_text=_("Three letters, as in EUR.")
    )
    cost_year = forms.IntegerField(
        label=_("Prices of the year"), min_value=1800, max_value=2200, required=False
    )
    cost_note = _text(_("About the cost"), rows=2)
    staff = forms.FloatField(label=_("Staff, in full-time jobs"), min_value=0, required=False)
    failures = _text(
        _("What failed"), _("Others learn most from this. Write “not stated” when nobody knows."), rows=3
    )
    side_effects = _text(_("Side effects"), _("Write “not stated” when nobody knows."), rows=2)
    conditions = _text(
        _("What has to be there for it to work elsewhere"), _("Write “not stated” when nobody knows."), rows=3
    )
    source_url = forms.CharField(label=_("Address of a source"), max_length=2000, required=False)
    source_title = forms.CharField(label=_("Title of the source"), max_length=400, required=False)
    organisation = forms.CharField(
        label=_("Whom to ask: office or organisation"), max_length=200, required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in TERM_LISTS:
            self.fields[name].choices = _terms(name[:-1])  # type: ignore[attr-defined]
        self.fields["measure_type"].choices = [("", "–"), *_terms("measure_type")]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Hold the three answers about the cost against each other."""
        said: dict[str, Any] = super().clean() or {}
        given = said.get("cost_amount") is not None or bool(said.get("cost_note"))
        if said.get("cost_state") == "stated" and not given:
            self.add_error("cost_amount", _("a cost needs an amount or a note"))
        if said.get("cost_state") == NOT_STATED and given:
            self.add_error("cost_state", _("You say that it is not known, and give a cost."))
        return said

    def whole(self) -> dict[str, Any]:
        """Return what was filled in rightly, and nothing for all else, so that the rest can be judged too."""
        empty: dict[str, Any] = {name: [] if name in TERM_LISTS else "" for name in self.fields}
        empty |= dict.fromkeys(("cost_amount", "cost_year", "staff"))
        return empty | {"kind": "case", "language": "en"} | self.cleaned_data


def plain_of(said: Mapping[str, Any], today: date, before: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the record that a form describes; what the form does not ask for stays as it was.

    A text that was changed has no translations any more, since they say what it said before; nor has any
    text once the language itself is another one: the form showed the texts, and they are now in this one.
    """
    lang = said["language"]
    plain = dict(before or {})
    plain |= {
        "id": plain.get("id") or slugify(said["title"])[:80].strip("-") or "entry",
        "kind": said["kind"],
        "language": lang,
        "title": _with(plain.get("title"), lang, said["title"]),
        "summary": _with(plain.get("summary"), lang, said["summary"]),
        "place": dict(plain.get("place") or {}) | {"name": said["place"]},
        "evidence_grade": plain.get("evidence_grade", 1),
        "sources": _sources(said, today, plain.get("sources")),
    }
    _set(plain["place"], "country", said["country"].upper())
    period = {k: v for k, v in (plain.get("period") or {}).items() if k not in ("start", "end")}
    _set(plain, "period", period | {k: said[k] for k in ("start", "end") if said[k]})
    for name in TERM_LISTS:
        _set(plain, name, list(said[name]))
    for name in ("measure_type", "scale"):
        _set(plain, name, said[name])
    for name in ("gained", "lost"):
        _set(plain, name, _effect(said[name], lang, plain.get(name)))
    for name in ("failures", "side_effects"):
        _set(plain, name, _open(said[name], lang, plain.get(name)))
    _set(plain, "transfer", _transfer(said["conditions"], lang, plain.get("transfer")))
    _set(plain, "cost", _cost(said, lang, plain.get("cost")))
    _set(plain, "staff_fte", said["staff"])
    contact = {k: v for k, v in (plain.get("contact") or {}).items() if k != "organisation"}
    _set(plain, "contact", contact | ({"organisation": said["organisation"]} if said["organisation"] else {}))
    if before and before.get("language", "en") != lang:
        plain = _only(plain, lang)
    marks = {k: v for k, v in (plain.get("translations") or {}).items() if k in languages(plain) - {lang}}
    _set(plain, "translations", marks)
    return plain


def _only(part: Any, lang: str) -> Any:
    """Return a part of a record with those of its texts that are in a language in that one only."""
    if isinstance(part, list):
        return [_only(p, lang) for p in part]
    if not isinstance(part, Mapping):
        return part
    own = {k: {lang: v[lang]} for k, v in part.items() if k in TEXTS and isinstance(v, Mapping) and lang in v}
    return {k: own[k] if k in own else _only(v, lang) for k, v in part.items()}


def _set(plain: dict[str, Any], name: str, value: Any) -> None:
    if value is None or value in ("", [], {}):
        plain.pop(name, None)
    else:
        plain[name] = value


def _with(texts: Any, lang: str, text: str) -> dict[str, str]:
    kept = isinstance(texts, Mapping) and texts.get(lang) == text
    return dict(texts) if kept else {lang: text}


def _absent(text: str) -> bool:
    return (
        text.strip().casefold() == NOT_STATED
        or text.strip().casefold() == str(NOT_SAID[NOT_STATED]).casefold()
    )


def _open(text: str, lang: str, before: Any) -> Any:
    if not text:
        return None
    return NOT_STATED if _absent(text) else _with(before, lang, text)


def _effect(text: str, lang: str, before: Any) -> Any:
    note = _open(text, lang, before.get("note") if isinstance(before, Mapping) else None)
    if note is None or note == NOT_STATED:
        return note
    groups = before.get("groups", []) if isinstance(before, Mapping) else []
    return {"note": note} | ({"groups": groups} if groups else {})


def _transfer(text: str, lang: str, before: Any) -> Any:
    rest = dict(before) if isinstance(before, Mapping) else {}
    _set(rest, "conditions", _open(text, lang, rest.get("conditions")))
    return rest


def _cost(said: Mapping[str, Any], lang: str, before: Any) -> Any:
    if said["cost_state"] == NOT_STATED:
        return NOT_STATED
    kept = dict(before) if isinstance(before, Mapping) else {}
    _set(kept, "total", said["cost_amount"])
    _set(kept, "currency", said["cost_currency"].upper())
    _set(kept, "year", said["cost_year"])
    _set(kept, "note", _open(said["cost_note"], lang, kept.get("note")) if said["cost_note"] else None)
    return kept


def _sources(said: Mapping[str, Any], today: date, before: Any) -> list[dict[str, Any]]:
    first: dict[str, Any] = {"read_on": today.isoformat(), "status": "self_reported"}
    rest: list[dict[str, Any]] = []
    if before:
        first, rest = dict(before[0]), list(before[1:])
    _set(first, "url", said["source_url"].strip())
    _set(first, "title", said["source_title"].strip())
    return [first, *rest]


def initial_of(plain: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the form shows of a record."""
    lang = plain.get("language", "en")
    cost, place, period = (plain.get(n) for n in ("cost", "place", "period"))
    given = cost if isinstance(cost, Mapping) else {}
    source = (plain.get("sources") or [{}])[0]
    out = {
        "kind": plain.get("kind"), "language": lang, "title": _of(plain.get("title"), lang),
        "summary": _of(plain.get("summary"), lang), "place": (place or {}).get("name", ""),
        "country": (place or {}).get("country", ""), "start": (period or {}).get("start", ""),
        "end": (period or {}).get("end", ""), "measure_type": plain.get("measure_type", ""),
        "scale": plain.get("scale", ""), "staff": plain.get("staff_fte"),
        "cost_state": NOT_STATED if cost == NOT_STATED else "stated" if given else "",
        "cost_amount": given.get("total"), "cost_currency": given.get("currency", ""),
        "cost_year": given.get("year"), "cost_note": _of(given.get("note"), lang),
        "failures": _of(plain.get("failures"), lang), "side_effects": _of(plain.get("side_effects"), lang),
        "conditions": _of((plain.get("transfer") or {}).get("conditions"), lang),
        "source_url": source.get("url", ""), "source_title": source.get("title", ""),
        "organisation": (plain.get("contact") or {}).get("organisation", ""),
    }  # fmt: skip
    if isinstance(out["staff"], str):
        out["staff"] = None
    for name in ("gained", "lost"):
        effect = plain.get(name)
        out[name] = effect if isinstance(effect, str) else _of((effect or {}).get("note"), lang)
    return out | {name: plain.get(name, []) for name in TERM_LISTS}


def _of(texts: Any, lang: str) -> str:
    return texts if isinstance(texts, str) else str((texts or {}).get(lang, ""))


FIELDS = {
    "cost.total": "cost_amount", "cost.currency": "cost_currency", "cost.year": "cost_year",
    "cost.note": "cost_note", "cost": "cost_state", "place.country": "country", "place": "place",
    "period.start": "start", "period.end": "end", "period": "start", "transfer": "conditions",
    "sources[0].title": "source_title", "sources": "source_url", "staff_fte": "staff",
    "contact": "organisation",
}  # fmt: skip


def field_of(path: str | None) -> str | None:
    """Return the field of the form in which a problem can be mended; None for the whole form."""
    if not path:
        return None
    for known, name in FIELDS.items():
        if path == known or path.startswith((known + ".", known + "[")):
            return name
    first = re.split(r"[.\[]", path)[0]
    return first if first in EntryForm.base_fields else None


class AskForm(forms.Form):
    """What a moderator asks."""

    field = forms.ChoiceField(label=_("About"), required=False, choices=[("", _("the entry as a whole"))])
    text = _text(_("Question"), required=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = {
            "cost": _("Cost"), "failures": _("What failed"), "results": _("Results"), "sources": _("Sources"),
            "lost": _("Who lost"), "gained": _("Who gained"),
            "transfer": _("What has to be there for it to work elsewhere"), "summary": _("Summary"),
            "contact": _("Contact"),
        }  # fmt: skip
        self.fields["field"].choices = [("", _("the entry as a whole")), *((k, names[k]) for k in ASKABLE)]  # type: ignore[attr-defined]


class AnswerForm(forms.Form):
    """What the city answers."""

    text = _text(_("Answer"), required=True)


class ReasonForm(forms.Form):
    """Why an entry is withdrawn."""

    reason = _text(_("Reason"), required=True, rows=3)


class ReviewForm(forms.Form):
    """The five questions, each from 0 to 4."""

    note = _text(_("Remark"), rows=3)

    QUESTIONS: ClassVar = {
        "local_impact": _("Did it change something in the place?"),
        "participatory": _("Did the people concerned take part?"),
        "integrated": _("Does it treat several sides of the problem together?"),
        "eu_relevance": _("Does it matter for other cities in Europe?"),
        "transferable": _("Could another city do it?"),
    }
    ANSWERS: ClassVar = [
        ("0", _("0 – no")), ("1", _("1 – hardly")), ("2", _("2 – partly")), ("3", _("3 – mostly")),
        ("4", _("4 – fully")),
    ]  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked = {
            name: forms.ChoiceField(label=self.QUESTIONS[name], choices=self.ANSWERS, initial="2")
            for name in CRITERIA
        }
        self.fields: dict[str, forms.Field] = asked | self.fields

    def criteria(self) -> dict[str, int]:
        """Return the answers as numbers."""
        return {name: int(self.cleaned_data[name]) for name in CRITERIA}


class TranslationForm(forms.Form):
    """Texts of an entry in another language."""

    language = forms.ChoiceField(label=_("Language"), choices=list(NAMES.items()))
    by = forms.ChoiceField(
        label=_("Made by"),
        choices=[("human", _("a person")), ("machine", _("a machine, not read by a person"))],
    )

    def __init__(self, record: Mapping[str, Any], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lang = record.get("language", "en")
        names = {
            "title": _("Title"), "summary": _("Summary"), "body": _("Text"), "failures": _("What failed"),
            "side_effects": _("Side effects"),
        }  # fmt: skip
        for name in TRANSLATED:
            if isinstance(record.get(name), Mapping):
                self.fields[name] = _text(
                    names[name], record[name].get(lang, "")[:400], required=name == "title"
                )


class CollectionForm(forms.Form):
    """A collection: its entries by id, one on each line, in order."""

    title = forms.CharField(label=_("Title"), max_length=200)
    language = forms.ChoiceField(label=_("Language in which you write"), choices=list(NAMES.items()))
    intro = _text(_("Introduction"), required=True)
    keys = _text(_("Entries in order"), _("One on each line, by the last part of their address."), rows=8)


class ContactForm(forms.Form):
    """Whom the library may name, if they agree."""

    name = forms.CharField(label=_("Name"), max_length=200)
    role = forms.CharField(label=_("What the person does"), max_length=200, required=False)
    email = forms.EmailField(label=_("E-mail address"))


class ImportForm(forms.Form):
    """A bundle of another installation."""

    origin = forms.CharField(
        label=_("Address of the library that it comes from"), max_length=500,
        help_text=_("You answer for it that the file was made there. Only that origin is taken in."),
    )  # fmt: skip
    file = forms.FileField(label=_("File"))

    def clean_file(self) -> Any:
        """Refuse a file that is larger than any bundle."""
        given = self.cleaned_data["file"]
        if given.size > min(settings.OPTIONS["upload_mb"], MOST_MB) * 1_000_000:
            raise forms.ValidationError(_("This file is too large."))
        return given


class ModeratorForm(forms.Form):
    """Who shall look after the library."""

    email = forms.EmailField(label=_("E-mail address of the account"))
