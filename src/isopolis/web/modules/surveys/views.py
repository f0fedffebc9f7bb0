"""Pages on which a survey is answered. Nobody signs in, and nothing needs JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from isopolis.engage.surveys import answering
from isopolis.engage.surveys.form import said_in_language
from isopolis.web.actions import ValidationError
from isopolis.web.api.limits import counted, network_of
from isopolis.web.languages import page_language, shown_in
from isopolis.web.modules.access import in_module
from isopolis.web.modules.consultation.limits import FASTEST, MINUTES, PER_DRAWER, drawer
from isopolis.web.modules.models import Module
from isopolis.web.permissions import may, require

from . import asking, box, drafts, roll
from .models import Survey, Version

__all__ = ["address", "base_context", "of_module"]

View = Callable[..., HttpResponse]
AGAIN = "again"
"""In the address of a page: it was sent, and something is wrong with it."""
MOST_A_DAY = 5000
"""Answers without a code to one survey in a day."""


def of_module(module: Module) -> Survey | None:
    """Return the survey of a module; None when there is no form yet."""
    found = Survey.objects.filter(module=module).first()
    if found is not None:
        found.module = module
    return found


def address(module: Module, name: str, *more: Any) -> str:
    """Address of a page of this module."""
    return reverse(name, args=[module.process.workspace.slug, module.process.number, module.pk, *more])


def base_context(request: HttpRequest, module: Module) -> dict[str, Any]:
    """Return what every page needs."""
    now, city = timezone.now(), module.process.workspace
    return {
        "module": module,
        "process": module.process,
        "city": city,
        "phases": [(p, p.stands(now)) for p in module.phases()],
        # who is signed in does not matter for an answer
        "answer": may(AnonymousUser(), "answer.add", city, module, now=now),
        "manages": may(request.user, "survey.manage", city),
        "urls": {
            n: address(module, f"survey_{n}") for n in ("start", "kiosk", "send", "stop", "results", "desk")
        },
        "home": address(module, "survey"),
    }


def _opened(module: Module) -> Version:
    """Return the version that is answered, or answer 404."""
    survey = of_module(module)
    version = survey.current() if survey is not None else None
    if version is None:
        raise Http404
    return version


def nobody_keeps(view: View) -> View:
    """Let nothing between the server and the person keep a page; nor lead away with its address."""

    @wraps(view)
    def guarded(request: HttpRequest, module: Module, *args: Any, **more: Any) -> HttpResponse:
        response = view(request, module, *args, **more)
        response.headers["Cache-Control"] = "no-store"
        return response

    return guarded


# -- the first page ----------------------------------------------------------------------------------------
@in_module("survey")
@require_GET
def survey(request: HttpRequest, module: Module, channel: str = "web") -> HttpResponse:
    """Say what is asked, by whom and what becomes of it; offer to begin."""
    found = of_module(module)
    version = found.current() if found is not None else None
    context = base_context(request, module) | {
        "survey": found,
        "version": version,
        "kiosk": channel == "kiosk",
    }
    if version is None:
        return render(request, "surveys/unset.html", context)
    form = version.form
    mine = page_language()
    offered = sorted(asking.languages_of(form), key=lambda one: one.code.partition("-")[0] != mine)
    context |= {
        "form": form,
        "languages": offered,
        "questions": len(form.asked),
        "randomised": any(q.design is not None for q in form.asked),
        "special": bool(version.purposes),
        "begun": drafts.found(request, version, timezone.now()),
        "hours": drafts.HOURS,
    }
    return render(request, "surveys/survey.html", context)


@in_module("survey")
@require_POST
@nobody_keeps
def start(request: HttpRequest, module: Module) -> HttpResponse:
    """Begin, in one of the languages of the form."""
    version, now = _opened(module), timezone.now()
    require(AnonymousUser(), "answer.add", module.process.workspace, module, now=now)
    kiosk = request.POST.get("channel") == "kiosk"
    if counted(f"survey begun:{version.survey_id}:{_drawer(request)}", _span(now)) > 5 * PER_DRAWER:
        raise PermissionDenied(_("Many answers came from here just now. Wait ten minutes, then send yours."))
    return begun(request, version, request.POST.get("language", ""), "kiosk" if kiosk else "web")


def begun(request: HttpRequest, version: Version, language: str, channel: str) -> HttpResponse:
    """Make a draft in the place of an older one and go to its first page."""
    module, now = version.survey.module, timezone.now()
    known = [one.key for one in asking.languages_of(version.form)]
    filling = drafts.begin(version, language if language in known else (known or [""])[0], channel, now)
    pages = _pages(filling)
    response = redirect(_step(module, asking.after(pages, 0)))
    drafts.drop(request, version)  # the cookie that is set here must not be one that is deleted
    drafts.keep(filling, now)
    drafts.set_cookie(response, filling, address(module, "survey"))
    return response


def _pages(filling: drafts.Filling) -> tuple[answering.Page, ...]:
    today = asking.today_of(timezone.now())
    return answering.pages(filling.version.form, filling.answers, today, filling.language)


def _step(module: Module, number: int) -> str:
    return address(module, "survey_page", number) if number else address(module, "survey_send")


# -- page by page ------------------------------------------------------------------------------------------
@sensitive_post_parameters()
@in_module("survey")
@require_http_methods(["GET", "POST"])
@nobody_keeps
@sensitive_variables()
def page(request: HttpRequest, module: Module, step: int) -> HttpResponse:
    """Show one page; take its answers and go to the next one that is asked."""
    version, now = _opened(module), timezone.now()
    filling = drafts.found(request, version, now)
    if filling is None:
        return _gone(request, module)
    pages = _pages(filling)
    here = next((p for p in pages if p.number == step), None)
    if here is None or here.state != "open":
        return redirect(_step(module, asking.after(pages, 0)))
    if request.method != "POST":
        return _page(request, filling, pages, here)
    require(AnonymousUser(), "answer.add", module.process.workspace, module, now=now)
    return _taken(request, filling, here)


def _taken(request: HttpRequest, filling: drafts.Filling, here: answering.Page) -> HttpResponse:
    """Keep the answers of a page and lead on. Pages are shown by GET only, so that going back works."""
    module, form = filling.version.survey.module, filling.version.form
    sent, language = asking.given_on(here, request.POST), request.POST.get("language", "")
    if language in [one.key for one in asking.languages_of(form)]:
        filling.language = language
    # whoever goes back or takes another language has not said that the page is done
    leads_on = "back" not in request.POST and "language" not in request.POST
    filling.answers |= sent if leads_on else {n: v for n, v in sent.items() if v or n in filling.answers}
    drafts.keep(filling, timezone.now())
    pages = _pages(filling)
    if "back" in request.POST:
        return redirect(_step(module, asking.before(pages, here.number)))
    if not leads_on:
        return redirect(_step(module, here.number))
    if _wrong(filling, here):
        return redirect(f"{_step(module, here.number)}?{AGAIN}")
    return redirect(_step(module, asking.after(pages, here.number)))


def _wrong(filling: drafts.Filling, here: answering.Page) -> dict[str, str]:
    """Say what is wrong with the answers of a page."""
    form, today = filling.version.form, asking.today_of(timezone.now())
    names = {item.name for item in here.items}
    checked = answering.check(form, filling.answers, today, whole=False)
    return asking.wrong(form, [t for t in checked.troubles if t.name in names], filling.language)


def _page(
    request: HttpRequest, filling: drafts.Filling, pages: tuple[answering.Page, ...], here: answering.Page
) -> HttpResponse:
    def context() -> dict[str, Any]:
        wrong = _wrong(filling, here) if AGAIN in request.GET else {}
        return {
            "page": here,
            "fields": asking.fields_of(filling.version, here, wrong),
            "progress": asking.progress(pages, here.number),
            "position": here.number,
            "of": len(pages),
            "back": asking.before(pages, here.number),
            "errors": wrong,
        }

    return in_language(request, filling, "surveys/page.html", context)


def in_language(
    request: HttpRequest, filling: drafts.Filling, template: str, context: Callable[[], dict[str, Any]],
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    """Show a page of the form; the words around it too, where they are translated into its language."""
    module, form = filling.version.survey.module, filling.version.form
    offered = asking.languages_of(form)
    mine = next((one for one in offered if one.key == filling.language), offered[0] if offered else None)
    code = mine.code if mine is not None and mine.code else page_language()
    around = code if code.partition("-")[0] == shown_in(code.partition("-")[0]) else page_language()
    with translation.override(around):
        request.language_asked = around  # type: ignore[attr-defined]
        told = base_context(request, module) | {
            "survey": filling.version.survey,
            "version": filling.version,
            "form_title": form.title,
            "languages": offered,
            "mine": mine,
            "kiosk": filling.channel == "kiosk",
            "deeper": True,
        }
        response = render(request, template, told | context(), status=status)
        response.headers["Content-Language"] = around
    return response


def _gone(request: HttpRequest, module: Module) -> HttpResponse:
    """Say that there is no draft, and how to begin again."""
    return render(request, "surveys/gone.html", base_context(request, module), status=410)


@in_module("survey")
@require_POST
@nobody_keeps
def stop(request: HttpRequest, module: Module) -> HttpResponse:
    """Forget what was begun."""
    version = _opened(module)
    filling = drafts.found(request, version, timezone.now())
    kiosk = filling is not None and filling.channel == "kiosk"
    response = redirect(address(module, "survey_kiosk" if kiosk else "survey"))
    drafts.drop(request, version, response, address(module, "survey"))
    return response


# -- the last page -----------------------------------------------------------------------------------------
@sensitive_post_parameters()
@in_module("survey")
@require_http_methods(["GET", "POST"])
@nobody_keeps
@sensitive_variables()
def send(request: HttpRequest, module: Module) -> HttpResponse:
    """Show all answers once more, and take them."""
    version, now = _opened(module), timezone.now()
    filling = drafts.found(request, version, now)
    if filling is None:
        return _gone(request, module)
    pages = _pages(filling)
    missing = asking.unanswered(pages, version.form, filling.answers)
    if missing:
        return redirect(_step(module, missing))
    # an answer that was changed later may have made another one impossible
    bad = next((p.number for p in pages if p.state == "open" and _wrong(filling, p)), 0)
    if bad:
        return redirect(f"{_step(module, bad)}?{AGAIN}")
    if request.method != "POST":
        return _review(request, filling, pages, [])
    require(AnonymousUser(), "answer.add", module.process.workspace, module, now=now)
    try:
        _sent(request, filling)
    except ValidationError as error:
        return _review(request, filling, pages, error.messages, 422)
    response = in_language(request, filling, "surveys/done.html", dict)
    drafts.drop(request, version, response, address(module, "survey"))
    return response


def _sent(request: HttpRequest, filling: drafts.Filling) -> None:
    """Take the answers of a draft, with a code where the survey has a roll."""
    version, now = filling.version, timezone.now()
    survey = version.survey
    checked = answering.check(version.form, filling.answers, asking.today_of(now))
    if checked.troubles:
        wrong = asking.wrong(version.form, checked.troubles, filling.language)
        raise ValidationError([f"{_label(filling, name)}: {why}" for name, why in wrong.items()])
    if not any(checked.answers.values()):
        raise ValidationError(_("Nothing was answered: there is nothing to send."))
    entry = ""
    if survey.access == Survey.Access.ROLL:
        roll.slow_down(survey, network_of(request), now)
        entry = roll.entry_of(survey, request.POST.get("code", ""))
        if not entry:
            roll.slow_down(survey, network_of(request), now, wrong=True)
            raise ValidationError(_("This code is none of this survey. Please compare it with your letter."))
    elif filling.channel in ("web", "kiosk"):  # anybody can say that this is a public device
        _let_in(survey, filling, request)
    with transaction.atomic():
        # two who press the button at once send one answer
        if not drafts.take(filling):
            raise ValidationError(_("This was sent already."))
        box.accept(version, [box.Sent(checked.answers, filling.channel, entry)])


def _label(filling: drafts.Filling, name: str) -> str:
    form = filling.version.form
    return said_in_language(form.by_name[name].label, filling.language, form.language)


def _drawer(request: HttpRequest) -> int:
    """Return the drawer into which the address of a request falls today, with many others."""
    return drawer(network_of(request), timezone.now().date().isoformat())


def _span(now: datetime) -> datetime:
    """Return the end of the ten minutes in which addresses are counted."""
    return now + timedelta(seconds=60 * MINUTES - now.timestamp() % (60 * MINUTES))


def _let_in(survey: Survey, filling: drafts.Filling, request: HttpRequest) -> None:
    """Count an answer without a code; raise when machines seem to send them. No address is kept."""
    now = timezone.now()
    if now.timestamp() - filling.begun < FASTEST:
        raise ValidationError(_("This came back very quickly. Please wait a moment and send it once more."))
    midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    if counted(f"survey:{survey.pk}:{_drawer(request)}", _span(now)) > PER_DRAWER:
        raise ValidationError(_("Many answers came from here just now. Wait ten minutes, then send yours."))
    if counted(f"survey:{survey.pk}", midnight) > MOST_A_DAY:
        raise ValidationError(_("Many answers came today. Please send yours tomorrow, or on paper."))


def _review(
    request: HttpRequest, filling: drafts.Filling, pages: tuple[answering.Page, ...], errors: Any,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    def context() -> dict[str, Any]:
        listed = [
            (p.number, p.title, [(i.label, shown_answer(i)) for i in p.items if i.kind != "note"])
            for p in pages
            if p.state == "open"
        ]
        return {
            "listed": [row for row in listed if row[2]],
            "errors": errors,
            "by_code": filling.version.survey.access == Survey.Access.ROLL,
            "code": request.POST.get("code", "")[:60],
            "back": max((p.number for p in pages if p.state == "open"), default=0),
        }

    return in_language(request, filling, "surveys/send.html", context, status)


def shown_answer(item: answering.Item) -> str:
    """Return an answer in words; choices that are gone meanwhile are left out."""
    labels = dict(item.choices)
    if not labels:
        return item.value
    chosen = item.value.split() if item.kind == "select_multiple" else [item.value]
    return ", ".join(labels[c] for c in chosen if c in labels)
