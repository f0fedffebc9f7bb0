"""The pages of a form as a person sees them: in one of its languages, what was wrong, what is next."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import lcm
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from isopolis.engage.surveys import answering
from isopolis.engage.surveys.form import Form, said_in_language
from isopolis.web.languages import NAMES, said

from .models import Version

__all__ = ["Field", "Language", "after", "before", "explained", "fields_of", "given_on", "languages_of",
           "progress", "today_of", "unanswered", "wrong"]  # fmt: skip

RIGHT_TO_LEFT = {"ar", "fa", "he", "ur", "ps", "ckb", "dv", "yi", "ug", "sd"}
_CODE = re.compile(r"\(([A-Za-z]{2,3}(?:-[A-Za-z0-9]+)*)\)\s*$")


@dataclass(frozen=True, slots=True)
class Language:
    """A language of a form: as the form names it, its name for readers, its code, and where lines begin."""

    key: str
    name: str
    code: str
    rtl: bool

    @property
    def dir(self) -> str:
        """Direction, for pages; that of its text where the form names no language."""
        return "rtl" if self.rtl else "ltr" if self.code else "auto"


def languages_of(form: Form) -> list[Language]:
    """Return the languages in which a form can be answered."""
    out = []
    for key in form.languages:
        match = _CODE.search(key)
        code = (match[1] if match else key if key.lower() in NAMES else "").lower()
        name = key[: match.start()].strip() if match else key
        out.append(Language(key, name or NAMES.get(code, key), code, code.partition("-")[0] in RIGHT_TO_LEFT))
    return [one for one in out if one.key] or out


# -- a question on a page ------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Field:
    """A question as a page shows it.

    Parameters
    ----------
    item : answering.Item
    id : str
        For labels.
    ticked : frozenset of str
        Choices that were made.
    purpose : str
        What an answer about a special category is asked for; empty where it is none.
    chance : tuple of str
        How chance comes in, step by step; empty where it does not.
    wrong : str
        What is wrong with the answer.
    """

    item: answering.Item
    id: str
    ticked: frozenset[str]
    purpose: str
    chance: tuple[str, ...]
    wrong: str


def fields_of(version: Version, page: answering.Page, wrong: Mapping[str, str]) -> list[Field]:
    """Return what stands on a page, with what was answered and what is wrong with it."""
    out = []
    for item in page.items:
        design = version.form.by_name[item.name].design
        labels = [label for _name, label in item.choices]
        out.append(
            Field(
                item, f"q-{item.name}",
                frozenset(item.value.split() if item.kind == "select_multiple" else [item.value]),
                version.purposes.get(item.name, ""),
                tuple(explained(design.text, *labels[:2])) if design is not None and len(labels) > 1 else (),
                wrong.get(item.name, ""),
            )
        )  # fmt: skip
    return out


def explained(text: str, first: str, second: str) -> list[str]:
    """Say how chance comes into an answer, so that somebody with a die or slips of paper can do it."""
    name, *chances = text.replace(",", " ").split()
    parts = [Fraction(c).limit_denominator(10**6) for c in chances]
    slips = lcm(*(p.denominator for p in (parts if name.lower() == "forced" else parts[:1])))
    tool = {
        2: _("Toss a coin: heads is 1, tails is 2."),
        6: _("Roll a die, so that nobody else sees it."),
    }.get(slips) or _("Draw one of %(n)s slips of paper numbered from 1, so that nobody else sees it.") % {
        "n": slips
    }
    words = {"first": first, "second": second}
    a = int(parts[0] * slips)
    if name.lower() == "forced":
        b = int(parts[1] * slips)
        steps = [
            _("%(range)s: choose “%(first)s”, whatever is true.") % (words | {"range": _range(1, a)}),
            _("%(range)s: choose “%(second)s”, whatever is true.")
            % (words | {"range": _range(a + 1, a + b)}),
            _("%(range)s: answer truly.") % {"range": _range(a + b + 1, slips)},
        ]
    elif name.lower() == "warner":
        steps = [
            _("%(range)s: answer truly.") % {"range": _range(1, a)},
            _("%(range)s: answer the opposite: “%(second)s” where “%(first)s” is true, and the other way "
              "round.") % (words | {"range": _range(a + 1, slips)}),
        ]  # fmt: skip
    else:
        steps = [
            _("%(range)s: answer truly.") % {"range": _range(1, a)},
            _("%(range)s: answer the harmless question beside it instead.") % {"range": _range(a + 1, slips)},
        ]
    return [tool, *steps]


def _range(low: int, high: int) -> str:
    return str(low) if low == high else _("%(low)s to %(high)s") % {"low": low, "high": high}


# -- what was sent ---------------------------------------------------------------------------------------
def given_on(page: answering.Page, sent: QueryDict) -> dict[str, str]:
    """Return the answers of one page as they were sent; what was left empty is the empty text."""
    out = {}
    for item in page.items:
        if item.kind == "select_multiple":
            out[item.name] = " ".join(sent.getlist(f"a-{item.name}"))[:10_000]
        elif item.kind not in ("note",):
            out[item.name] = sent.get(f"a-{item.name}", "").replace("\0", "")[:11_000]
    return out


def wrong(form: Form, troubles: Sequence[answering.Trouble], language: str) -> dict[str, str]:
    """Say what is wrong with which question, in the words of the form where it has some."""
    out: dict[str, str] = {}
    for t in troubles:
        question = form.by_name.get(t.name)
        own: Any = {}
        if question is not None and t.code in ("required", "constraint"):
            own = question.required_message if t.code == "required" else question.constraint_message
        out.setdefault(t.name, said_in_language(own, language, form.language) or said(t.message))
    return out


# -- where to go -----------------------------------------------------------------------------------------
def after(pages: Sequence[answering.Page], number: int) -> int:
    """Return the number of the next page on which something is asked; 0 when there is none."""
    return next((p.number for p in pages if p.number > number and p.state == "open"), 0)


def before(pages: Sequence[answering.Page], number: int) -> int:
    """Return the number of the page before on which something is asked; 0 when there is none."""
    return max((p.number for p in pages if p.number < number and p.state == "open"), default=0)


def unanswered(pages: Sequence[answering.Page], form: Form, answers: Mapping[str, str]) -> int:
    """Return the first page with a question that somebody has not seen yet; 0 when there is none."""
    for page in pages:
        if any(form.by_name[i.name].asked and i.name not in answers for i in page.items):
            return page.number
    return 0


def progress(pages: Sequence[answering.Page], number: int) -> str:
    """Say how far somebody is; pages that may still come or not are said, too."""
    left = [p for p in pages if p.number > number and p.state != "skipped"]
    unsure = any(p.state == "waiting" for p in left)
    done = sum(p.number <= number and p.state == "open" for p in pages)
    told = ngettext("Page %(page)s, %(n)s page to come", "Page %(page)s, %(n)s pages to come", len(left))
    told %= {"page": done, "n": len(left)}
    if not left:
        return _("Page %(page)s, the last one") % {"page": done}
    return _("%(told)s at most, depending on your answers") % {"told": told} if unsure else told


def today_of(now: Any) -> date:
    """Return the day of a moment here."""
    return timezone.localtime(now).date()
