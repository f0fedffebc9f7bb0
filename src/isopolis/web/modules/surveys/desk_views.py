"""The officers' desk: the form, who can answer, letters, help."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from isopolis.engage.surveys import answering
from isopolis.engage.surveys.form import said_in_language
from isopolis.model import Problem
from isopolis.web.actions import Action, ValidationError
from isopolis.web.ballots.forms import LettersForm, RollForm
from isopolis.web.languages import said, spoken
from isopolis.web.modules.access import in_module
from isopolis.web.modules.models import Module
from isopolis.web.participation.models import Participation
from isopolis.web.permissions import require
from isopolis.web.work.models import Job

from . import asking, box
from .actions import (
    KIND,
    FormError,
    GiveUpLost,
    KeepForm,
    LoadRoll,
    MakeLetters,
    MarkSpecial,
    OpenForm,
    SetAccess,
    ended,
    turnout,
)
from .forms import AccessForm, UploadForm
from .models import Answer, Paper, Survey, Version
from .views import address, base_context, begun, nobody_keeps, of_module

__all__ = ["desk_context", "problems_said", "survey_of", "tried"]

SHOWN_PROBLEMS = 200


def survey_of(module: Module) -> Survey:
    """Return the survey of a module, or answer 404."""
    found = of_module(module)
    if found is None:
        raise Http404
    return found


def problems_said(problems: list[Problem]) -> list[dict[str, str]]:
    """Say problems in the language of the page, for a table."""
    return [
        {"place": said(p.place()), "message": said(p.message), "value": p.value or "", "rule": said(p.rule),
         "hint": said(p.hint)}
        for p in problems[:SHOWN_PROBLEMS]
    ]  # fmt: skip


def desk_context(request: HttpRequest, module: Module) -> dict[str, Any]:
    """Return what every page of officers needs."""
    names = ("upload", "preview", "special", "open", "access", "roll", "letters", "assist", "lost", "paper",
             "sheet", "many", "count", "weights", "publish", "answers", "desk")  # fmt: skip
    context = base_context(request, module)
    context["urls"] |= {n: address(module, f"survey_{n}") for n in names}
    context["urls"] |= {f"template_{e}": address(module, "survey_template", e) for e in ("csv", "xlsx")}
    return context | {"deeper": True, "workspace": module.process.workspace}


@in_module("survey", "survey.manage")
@require_GET
def desk(request: HttpRequest, module: Module) -> HttpResponse:
    """Show how the survey stands, and what can be done."""
    return _desk(request, module)


def _desk(request: HttpRequest, module: Module, status: int = 200, **more: Any) -> HttpResponse:
    found = of_module(module)
    newest, current = (found.newest(), found.current()) if found is not None else (None, None)
    context = desk_context(request, module) | {
        "survey": found,
        "newest": newest,
        "current": current,
        "draft": newest is not None and newest.state == Version.State.DRAFT,
        "caveats": spoken(newest.caveats) if newest is not None else [],
        "upload": UploadForm(),
        "problems": [],
    }
    if found is not None:
        context |= _standing(found, newest)
    return render(request, "surveys/desk.html", context | more, status=status)


def _standing(found: Survey, newest: Version | None) -> Mapping[str, Any]:
    rows = Answer.objects.filter(version__survey=found).order_by()
    names = dict(Participation.Channel.choices)
    counts = [(names.get(c, c), n) for c, n in rows.values_list("channel").annotate(n=Count("pk"))]
    papers = Paper.objects.filter(version__survey=found).order_by()
    return {
        "access": AccessForm(initial={"access": found.access}),
        "counts": sorted(counts),
        "waiting": box.waiting(found),
        "lost": box.lost(found),
        "turnout": turnout(found),
        "papers": dict(papers.values_list("state").annotate(n=Count("pk"))),
        "languages": asking.languages_of(newest.form) if newest is not None else [],
        "questions": len(newest.form.asked) if newest is not None else 0,
        "pages_of_form": len(answering.sections(newest.form)) if newest is not None else 0,
        "over": ended(found.module, timezone.now()),
        "job": Job.objects.filter(kind=KIND, subject=found.pk).order_by("-created_at").first(),
    }


def tried(request: HttpRequest, change: Action, done: str) -> bool:
    """Run a change; say that it is done, or why not."""
    try:
        change.run()
    except ValidationError as error:
        for reason in error.messages:
            messages.error(request, reason)
        return False
    messages.success(request, done)
    return True


# -- the form ------------------------------------------------------------------------------------------------
@in_module("survey", "survey.manage")
@require_POST
def upload(request: HttpRequest, module: Module) -> HttpResponse:
    """Check a form and keep it, or show everything that is wrong with it."""
    form = UploadForm(request.POST, request.FILES)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            KeepForm(request.user, module.process.workspace, module, file.read(), file.name).run()
        except FormError as error:
            shown = {"problems": problems_said(error.problems), "found": len(error.problems)}
            return _desk(request, module, 422, upload=form, **shown)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The form can be asked here. Look at it, then open it."))
            return redirect(address(module, "survey_desk"))
    return _desk(request, module, 422, upload=form)


@in_module("survey", "survey.manage")
@require_GET
def preview(request: HttpRequest, module: Module) -> HttpResponse:
    """Show the whole newest form as it is, in one of its languages: every page, and what each depends on."""
    version = survey_of(module).newest()
    if version is None:
        raise Http404
    offered = asking.languages_of(version.form)
    asked = request.GET.get("language", "")
    mine = next((one for one in offered if one.key == asked), offered[0] if offered else None)
    key = mine.key if mine is not None else ""
    form = version.form
    listed = [
        [_line(version, name, key) for name in names] for names in answering.sections(form)
    ]  # fmt: skip
    context = desk_context(request, module) | {
        "version": version, "languages": offered, "mine": mine, "listed": listed, "form_title": form.title,
    }  # fmt: skip
    return render(request, "surveys/preview.html", context)


def _line(version: Version, name: str, language: str) -> dict[str, Any]:
    form = version.form
    q = form.by_name[name]

    def words(texts: Mapping[str, str]) -> str:
        return said_in_language(texts, language, form.language)

    labels = [words(c.label) for c in form.choices.get(q.list_name, ())]
    conditional = q.relevant is not None or any(form.by_name[g].relevant is not None for g in q.inside)
    return {
        "name": name, "label": words(q.label), "hint": words(q.hint), "kind": q.kind,
        "choices": labels[:30], "more": max(0, len(labels) - 30), "conditional": conditional,
        "required": q.required is not None, "purpose": version.purposes.get(name, ""),
        "chance": asking.explained(q.design.text, *labels[:2]) if q.design is not None else (),
        "loss": round(q.design.loss, 2) if q.design is not None else None,
    }  # fmt: skip


@in_module("survey", "survey.manage")
@require_http_methods(["GET", "POST"])
def special(request: HttpRequest, module: Module) -> HttpResponse:
    """Mark questions about special categories, each with what it is asked for."""
    version = survey_of(module).newest()
    if version is None:
        raise Http404
    form = version.form
    if request.method == "POST":
        named = {q.name: request.POST.get(f"p-{q.name}", "") for q in form.asked}
        change = MarkSpecial(request.user, module.process.workspace, module, named)
        if tried(request, change, _("This is kept.")):
            return redirect(address(module, "survey_desk"))
    rows = [
        (q.name, said_in_language(q.label, "", form.language), version.purposes.get(q.name, ""),
         q.required is not None)
        for q in form.asked
    ]  # fmt: skip
    draft = version.state == Version.State.DRAFT
    context = desk_context(request, module) | {"rows": rows, "version": version, "draft": draft}
    return render(request, "surveys/special.html", context)


@in_module("survey", "survey.manage")
@require_POST
def open_form(request: HttpRequest, module: Module) -> HttpResponse:
    """Open the newest form."""
    tried(request, OpenForm(request.user, module.process.workspace, module), _("The form is open."))
    return redirect(address(module, "survey_desk"))


@in_module("survey", "survey.manage")
@require_POST
def access(request: HttpRequest, module: Module) -> HttpResponse:
    """Choose who can answer."""
    chosen = request.POST.get("access", "")
    tried(request, SetAccess(request.user, module.process.workspace, module, chosen), _("This is kept."))
    return redirect(address(module, "survey_desk"))


# -- the roll ------------------------------------------------------------------------------------------------
def _form_page(
    request: HttpRequest, module: Module, form: Any, title: str, intro: str, button: str
) -> HttpResponse:
    context = desk_context(request, module) | {"form": form, "title": title, "intro": intro, "button": button}
    return render(request, "surveys/desk_form.html", context)


@sensitive_post_parameters()
@in_module("survey", "survey.manage")
@require_http_methods(["GET", "POST"])
@nobody_keeps
def roll(request: HttpRequest, module: Module) -> HttpResponse:
    """Put people on the roll."""
    survey_of(module)
    form = RollForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            new = LoadRoll(request.user, module.process.workspace, module, form.cleaned_data["people"]).run()
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("%(new)s people are new on the roll.") % {"new": new})
            return redirect(address(module, "survey_desk"))
    intro = _("Everybody on this list can answer once, whatever the way.")
    return _form_page(request, module, form, _("Put people on the roll"), intro, _("Put on the roll"))


@sensitive_post_parameters()
@in_module("survey", "survey.manage")
@require_http_methods(["GET", "POST"])
@nobody_keeps
def letters(request: HttpRequest, module: Module) -> HttpResponse:
    """Make codes for letters; they are shown once."""
    survey_of(module)
    form = LettersForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = MakeLetters(request.user, module.process.workspace, module, form.listed()).run()
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return _slips(request, module, made) if form.cleaned_data["to"] == "page" else _table(made)
    intro = _("The codes are shown once and are nowhere kept: only who gets the letter has the code.")
    return _form_page(request, module, form, _("Codes for letters"), intro, _("Make the codes"))


def _table(made: Mapping[str, str]) -> HttpResponse:
    from isopolis.report.files import neutral

    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(["identifier", "code"])
    writer.writerows([neutral(i), code] for i, code in made.items())
    answer = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="codes.csv"'
    return answer


def _slips(request: HttpRequest, module: Module, made: Mapping[str, str]) -> HttpResponse:
    where = request.build_absolute_uri(address(module, "survey"))
    context = desk_context(request, module) | {"slips": list(made.items()), "where": where}
    return render(request, "surveys/slips.html", context)


@in_module("survey", "survey.manage")
@require_POST
@nobody_keeps
def assist(request: HttpRequest, module: Module) -> HttpResponse:
    """Begin the form with somebody who is there and needs help."""
    version = survey_of(module).current()
    if version is None:
        raise Http404
    require(request.user, "answer.add", module.process.workspace, module, now=timezone.now())
    return begun(request, version, request.POST.get("language", ""), "assisted")


@in_module("survey", "survey.manage")
@require_POST
def give_up(request: HttpRequest, module: Module) -> HttpResponse:
    """Give up answers that were lost in a restore."""
    tried(request, GiveUpLost(request.user, module.process.workspace, module), _("They are given up."))
    return redirect(address(module, "survey_desk"))
