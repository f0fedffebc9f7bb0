"""Results: counted and weighted for officers, published for everybody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from isopolis.engage.surveys.form import said_in_language
from isopolis.flows.surveys_confirmed import bands
from isopolis.web.modules.access import in_module
from isopolis.web.modules.models import Module
from isopolis.web.work.models import Job

from . import box
from .actions import KIND, ConfirmWeights, CountResults, FetchAnswers, PublishResults, ended
from .desk_views import desk_context, survey_of, tried
from .exports import answers_csv, apart_csv
from .models import Answer, Survey, Version
from .showing import results_shown
from .views import address, base_context, nobody_keeps, of_module

__all__ = ["answers", "desk", "publish", "results", "weights"]

PER_PAGE = 12


def _told(request: HttpRequest, shown: Mapping[str, Any]) -> dict[str, Any]:
    """Say results, a few questions on a page."""
    version = Version.objects.filter(pk=shown["version"]).first()
    if version is None:
        raise Http404
    page = Paginator(shown["questions"], PER_PAGE).get_page(request.GET.get("page"))
    told = results_shown({**shown, "questions": list(page.object_list)}, version)
    return {"told": told, "page": page, "form_title": version.form.title}


@in_module("survey")
@require_GET
def results(request: HttpRequest, module: Module) -> HttpResponse:
    """Show published results."""
    survey = of_module(module)
    if survey is None or not survey.public:
        raise Http404
    context = base_context(request, module) | {"survey": survey, "deeper": True}
    return render(request, "surveys/results.html", context | _told(request, survey.public))


@in_module("survey", "survey.manage")
@require_http_methods(["GET", "POST"])
def desk(request: HttpRequest, module: Module) -> HttpResponse:
    """Show results before they are public; have them counted."""
    survey = survey_of(module)
    if request.method == "POST":
        change = CountResults(request.user, module.process.workspace, module)
        tried(request, change, _("The answers are being counted."))
        return redirect(address(module, "survey_count"))
    job = Job.objects.filter(kind=KIND, subject=survey.pk).order_by("-created_at").first()
    current = survey.current()
    context = desk_context(request, module) | {
        "survey": survey,
        "job": job,
        "failed": job.error if job is not None and job.state == Job.State.FAILED else "",
        "answers": Answer.objects.filter(version=current).count() if current is not None else 0,
        "waiting": box.waiting(survey),
        "over": ended(module, timezone.now()),
        "special": bool(current is not None and current.purposes),
        "place": 0,
        "can": {"diagnosis_cancel": False},
        "weighted_by": [survey.known["dimensions"][n][0] for n in survey.weights
                        if n in survey.known.get("dimensions", {})],
    }  # fmt: skip
    if survey.shown:
        context |= _told(request, survey.shown)
    return render(request, "surveys/count.html", context)


@in_module("survey", "survey.manage")
@require_http_methods(["GET", "POST"])
def weights(request: HttpRequest, module: Module) -> HttpResponse:
    """Let a person say which answer is which category of the census."""
    survey = survey_of(module)
    version = survey.current()
    if version is None:
        raise Http404
    dimensions = survey.known.get("dimensions", {})
    sent = request.POST if request.method == "POST" else request.GET
    rows = [
        _dimension(survey, version, n, name, told, sent) for n, (name, told) in enumerate(dimensions.items())
    ]
    if request.method == "POST":
        confirmed = "confirmed" in request.POST
        made = {r["name"]: _confirmed(r) for r in rows if r["question"] and (r["answers"] or r["bands"])}
        if not confirmed:
            return _weights(
                request, module, version, rows, [_("Look at every line and confirm that it is right.")]
            )
        change = ConfirmWeights(request.user, module.process.workspace, module, made)
        if tried(request, change, _("This is kept. Count the answers anew.")):
            return redirect(address(module, "survey_count"))
    return _weights(request, module, version, rows, [])


def _weights(
    request: HttpRequest, module: Module, version: Version, rows: list[dict[str, Any]], errors: list[str]
) -> HttpResponse:
    form = version.form
    usable = [
        (q.name, said_in_language(q.label, "", form.language) or q.name)
        for q in form.asked
        if q.kind in ("select_one", "integer") and q.name not in version.purposes and q.design is None
    ]
    context = desk_context(request, module) | {
        "rows": rows, "usable": usable, "errors": errors, "chosen": any(r["question"] for r in rows),
    }  # fmt: skip
    return render(request, "surveys/weights.html", context, status=422 if errors else 200)


def _dimension(
    survey: Survey, version: Version, number: int, name: str, told: list[Any], sent: Mapping[str, str]
) -> dict[str, Any]:
    """Return a dimension of the census, the question that answers it, and a suggestion for each answer."""
    form, before = version.form, survey.weights.get(name, {})
    question = sent.get(f"q{number}", before.get("question", ""))
    q = form.by_name.get(question)
    title, categories = told
    out: dict[str, Any] = {
        "number": number, "name": name, "title": title, "question": question if q is not None else "",
        "categories": categories, "answers": [], "bands": None,
    }  # fmt: skip
    if q is None:
        return out
    if q.kind == "integer":
        return out | {"bands": bands(categories), "integer": True}
    same = before.get("of", {}) if before.get("question") == question else {}
    for n, choice in enumerate(form.choices.get(q.list_name, ())):
        label = said_in_language(choice.label, "", form.language)
        guess = same.get(choice.name) or _alike(choice.name, label, categories)
        chosen = sent.get(f"c{number}-{n}", guess)
        out["answers"].append((n, choice.name, label, chosen if chosen in categories else ""))
    return out


def _alike(name: str, label: str, categories: list[str]) -> str:
    """Suggest the category that is written like an answer; a person confirms it."""

    def plain(text: str) -> str:
        return "".join(c for c in text.casefold() if c.isalnum() or c == "+")

    return next((c for c in categories if plain(c) in (plain(name), plain(label))), "")


def _confirmed(row: Mapping[str, Any]) -> dict[str, Any]:
    if row.get("integer"):
        return {"question": row["question"], "of": {}}
    return {"question": row["question"], "of": {name: to for _n, name, _label, to in row["answers"] if to}}


@in_module("survey", "survey.manage")
@require_POST
def publish(request: HttpRequest, module: Module) -> HttpResponse:
    """Publish the results, or withdraw them."""
    withdraw = "withdraw" in request.POST
    said = _("They are withdrawn.") if withdraw else _("Everybody can see the results now.")
    tried(request, PublishResults(request.user, module.process.workspace, module, withdraw), said)
    return redirect(address(module, "survey_count"))


@in_module("survey", "survey.manage")
@require_POST
@nobody_keeps
def answers(request: HttpRequest, module: Module) -> HttpResponse:
    """Give single answers as a file; those about special categories are another one."""
    version, apart = survey_of(module).current(), "apart" in request.POST
    if version is None:
        raise Http404
    FetchAnswers(request.user, module.process.workspace, module, apart).run()
    text = apart_csv(version) if apart else answers_csv(version)
    given = HttpResponse(text, content_type="text/csv; charset=utf-8")
    given["Content-Disposition"] = f'attachment; filename="{"special" if apart else "answers"}.csv"'
    return given
