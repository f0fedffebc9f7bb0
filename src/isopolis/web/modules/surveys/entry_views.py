"""Officers bring answers: paper typed in twice, tables from the field."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from isopolis.engage.surveys.form import said_in_language
from isopolis.web.actions import ValidationError
from isopolis.web.modules.access import in_module
from isopolis.web.modules.models import Module

from .actions import FormError
from .desk_views import desk_context, problems_said, survey_of
from .entries import BringMany, SettleSheet, ThrowAway, TypeSheet, can_enter, differences
from .entries import template as empty_table
from .forms import ManyForm
from .models import Paper, Survey, Version
from .views import address, nobody_keeps

__all__ = ["many", "paper", "settle", "sheet", "template"]

PER_PAGE = 50


def _opened(module: Module) -> Version:
    version = survey_of(module).current()
    if version is None:
        raise Http404
    return version


@in_module("survey", "survey.manage")
@require_GET
def paper(request: HttpRequest, module: Module) -> HttpResponse:
    """List the sheets that are not done."""
    version = _opened(module)
    rows = Paper.objects.filter(version=version).exclude(state=Paper.State.DONE).order_by("sheet", "pk")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    listed = [
        (p, address(module, "survey_settle", p.pk), p.first_by_id == request.user.pk) for p in page
    ]  # fmt: skip
    done = Paper.objects.filter(version=version, state=Paper.State.DONE).count()
    enter = can_enter(request.user, version.survey)
    context = desk_context(request, module) | {"page": page, "listed": listed, "done": done, "enter": enter}
    return render(request, "surveys/paper.html", context)


def _lines(version: Version, values: dict[str, str]) -> list[dict[str, Any]]:
    """Return every question for typing in, in the order of the form and the language of the form."""
    form = version.form
    return [
        {
            "name": q.name, "kind": q.kind, "label": said_in_language(q.label, "", form.language) or q.name,
            "choices": [(c.name, said_in_language(c.label, "", form.language))
                        for c in form.choices.get(q.list_name, ())],
            "value": values.get(q.name, ""), "chosen": values.get(q.name, "").split(),
            "chance": q.design is not None,
        }
        for q in form.asked
    ]  # fmt: skip


def _typed(request: HttpRequest, version: Version) -> dict[str, str]:
    """Return what was typed in."""
    out = {}
    for q in version.form.asked:
        several = q.kind == "select_multiple"
        out[q.name] = (" ".join(request.POST.getlist(f"a-{q.name}")) if several
                       else request.POST.get(f"a-{q.name}", "")).replace("\0", "")[:11_000]  # fmt: skip
    return out


@sensitive_post_parameters()
@in_module("survey", "survey.manage")
@require_http_methods(["GET", "POST"])
@nobody_keeps
def sheet(request: HttpRequest, module: Module) -> HttpResponse:
    """Type in a sheet of paper."""
    version = _opened(module)
    values, errors = _typed(request, version) if request.method == "POST" else {}, []
    number, code = request.POST.get("sheet", ""), request.POST.get("code", "")
    if request.method == "POST":
        try:
            made = TypeSheet(request.user, module.process.workspace, module, number, values, code).run()
        except ValidationError as error:
            errors = error.messages
        else:
            return _after(request, module, made)
    context = desk_context(request, module) | {
        "lines": _lines(version, values), "errors": errors, "number": number[:40],
        "by_code": version.survey.access == Survey.Access.ROLL,
    }  # fmt: skip
    return render(request, "surveys/sheet.html", context, status=422 if errors else 200)


def _after(request: HttpRequest, module: Module, made: Paper) -> HttpResponse:
    if made.state == Paper.State.DIFFERS:
        messages.warning(request, _("The two entries differ. Look at the paper once more."))
        return redirect(address(module, "survey_settle", made.pk))
    once = made.state == Paper.State.ONCE
    messages.success(
        request,
        _("Sheet %(sheet)s is kept. Somebody else types it in the second time.") % {"sheet": made.sheet}
        if once
        else _("Sheet %(sheet)s is counted: both entries agree.") % {"sheet": made.sheet},
    )
    return redirect(address(module, "survey_paper"))


@sensitive_post_parameters()
@in_module("survey", "survey.manage")
@require_http_methods(["GET", "POST"])
@nobody_keeps
def settle(request: HttpRequest, module: Module, sheet: Any) -> HttpResponse:
    """Show where two entries differ, and take what stands on the paper."""
    version = _opened(module)
    row = get_object_or_404(Paper, pk=sheet, version=version)
    row.version = version
    if request.method == "POST" and "forget" in request.POST:
        return _forgotten(request, module, row)
    if row.state != Paper.State.DIFFERS:
        return redirect(address(module, "survey_paper"))
    found = differences(row)
    errors: list[str] = []
    if request.method == "POST":
        typed = _typed(request, version)
        chosen = {n: _chosen(request, n, a, b, typed[n]) for n, a, b in found if f"c-{n}" in request.POST}
        try:
            SettleSheet(
                request.user, module.process.workspace, module, row, chosen, request.POST.get("code", "")
            ).run()
        except ValidationError as error:
            errors = error.messages
        else:
            messages.success(request, _("Sheet %(sheet)s is counted.") % {"sheet": row.sheet})
            return redirect(address(module, "survey_paper"))
    lines = {line["name"]: line for line in _lines(version, {})}
    shown = [(lines[n], _words(lines[n], a), _words(lines[n], b)) for n, a, b in found]
    context = desk_context(request, module) | {
        "paper": row, "shown": shown, "errors": errors,
        "by_code": version.survey.access == Survey.Access.ROLL,
    }  # fmt: skip
    return render(request, "surveys/settle.html", context, status=422 if errors else 200)


def _chosen(request: HttpRequest, name: str, first: str, second: str, typed: str) -> str:
    return {"1": first, "2": second}.get(request.POST[f"c-{name}"], typed)


def _words(line: dict[str, Any], value: str) -> str:
    labels = dict(line["choices"])
    if not labels:
        return value
    return ", ".join(labels.get(v, v) for v in value.split())


def _forgotten(request: HttpRequest, module: Module, row: Paper) -> HttpResponse:
    try:
        ThrowAway(request.user, module.process.workspace, module, row).run()
        messages.success(request, _("The sheet is forgotten here. It can be typed in anew."))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect(address(module, "survey_paper"))


@in_module("survey", "survey.manage")
@require_GET
def template(request: HttpRequest, module: Module, ending: str) -> HttpResponse:
    """Give an empty table for answers."""
    kinds = {
        "csv": "text/csv; charset=utf-8",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    }
    if ending not in kinds:
        raise Http404
    answer = HttpResponse(empty_table(_opened(module), ending), content_type=kinds[ending])
    answer["Content-Disposition"] = f'attachment; filename="answers.{ending}"'
    return answer


@sensitive_post_parameters()
@in_module("survey", "survey.manage")
@require_http_methods(["GET", "POST"])
@nobody_keeps
def many(request: HttpRequest, module: Module) -> HttpResponse:
    """Take a table of answers, or show everything that is wrong with it."""
    enter = can_enter(request.user, _opened(module).survey)
    form = ManyForm(request.POST or None, request.FILES or None)
    problems: list[dict[str, str]] = []
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        change = BringMany(
            request.user, module.process.workspace, module, file.read(), file.name,
            form.cleaned_data["channel"],
        )  # fmt: skip
        try:
            taken = change.run()
        except FormError as error:
            problems = problems_said(error.problems)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("%(n)s answers were taken.") % {"n": taken})
            for caveat in problems_said(list(change.caveats))[:10]:
                messages.warning(request, f"{caveat['place']}: {caveat['message']}")
            return redirect(address(module, "survey_desk"))
    context = desk_context(request, module) | {"form": form, "problems": problems, "enter": enter}
    status = 422 if request.method == "POST" else 200
    return render(request, "surveys/many.html", context, status=status)
