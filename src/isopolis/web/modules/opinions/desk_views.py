"""Pages of a conversation for the officer and the moderators."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from isopolis.web.actions import ValidationError
from isopolis.web.languages import page_language
from isopolis.web.modules.access import in_module
from isopolis.web.modules.models import Module
from isopolis.web.work.models import Job

from .actions import AddSeeds, Decide
from .desk import KIND, Bring, Close, Compute, SetUp
from .forms import OTHER, BringForm, DecideForm, SeedsForm, SetUpForm
from .models import Archive, Statement, Voter
from .views import _statement, address, base_context, of_module

PER_PAGE = 20
PAGES = ("queue", "seeds", "settings", "compute", "close", "bring", "export", "result", "log")


@in_module("opinions", "opinion.manage")
@require_GET
def manage(request: HttpRequest, module: Module) -> HttpResponse:
    """Show the desk."""
    return _desk(request, module, {})


def _desk(request: HttpRequest, module: Module, forms: dict[str, Any]) -> HttpResponse:
    found = of_module(module)
    kept = not found._state.adding
    states = dict.fromkeys(Statement.State.values, 0)
    if kept:
        for state in (
            Statement.objects.filter(conversation=found).exclude(text="").values_list("state", flat=True)
        ):
            states[state] += 1
    voters = Voter.objects.filter(conversation=found) if kept else Voter.objects.none()
    language = {"language": page_language()}
    context = base_context(request, module, found) | {
        "states": states,
        "voters": voters.count(),
        "with_account": voters.filter(user__isnull=False).count(),
        "job": Job.objects.filter(kind=KIND, subject=found.pk).order_by("-created_at").first(),
        "archive": Archive.objects.filter(conversation=found).defer("content").first() if kept else None,
        "over": found.over(timezone.now()),
        "seeds": SeedsForm(initial=language),
        "settings": SetUpForm(initial={"longest": found.longest, "residents": found.residents}),
        "bring": BringForm(initial={"files_language": page_language()}),
        "choices": found.choices(),
        "urls": {n: address(module, f"opinions_{n}") for n in PAGES},
    }  # fmt: skip
    return render(request, "opinions/manage.html", context | forms)


def _tried(
    request: HttpRequest, module: Module, form: Any, name: str, change: Any, done: str
) -> HttpResponse:
    """Run a change that a valid form asks for; show the desk again with what is wrong."""
    if form.is_valid():
        try:
            change(form.cleaned_data).run()
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, done)
            return redirect(address(module, "opinions_manage"))
    return _desk(request, module, {name: form})


def _done(
    request: HttpRequest, module: Module, change: Any, done: str, page: str = "opinions_manage"
) -> HttpResponse:
    try:
        change.run()
        messages.success(request, done)
    except ValidationError as error:
        for reason in error.messages:
            messages.error(request, reason)
    return redirect(address(module, page))


@in_module("opinions", "opinion.manage")
@require_POST
def seeds(request: HttpRequest, module: Module) -> HttpResponse:
    """Add statements of the city."""
    return _tried(
        request, module, SeedsForm(request.POST), "seeds",
        lambda said: AddSeeds(
            request.user, module.process.workspace, module, said["texts"].splitlines(), said["language"]
        ),
        _("The statements can be voted on."),
    )  # fmt: skip


@in_module("opinions", "opinion.manage")
@require_POST
def settings(request: HttpRequest, module: Module) -> HttpResponse:
    """Keep the settings."""
    return _tried(
        request, module, SetUpForm(request.POST, request.FILES), "settings",
        lambda said: SetUp(
            request.user, module.process.workspace, module, said["longest"], said["residents"],
            said["census"].read() if said["census"] else b"",
        ),
        _("It was kept."),
    )  # fmt: skip


@in_module("opinions", "opinion.manage")
@require_POST
def compute(request: HttpRequest, module: Module) -> HttpResponse:
    """Have the result computed."""
    change = Compute(request.user, module.process.workspace, module)
    return _done(request, module, change, _("The map of opinions is being computed."))


@in_module("opinions", "opinion.manage")
@require_POST
def close(request: HttpRequest, module: Module) -> HttpResponse:
    """Close the conversation."""
    change = Close(request.user, module.process.workspace, module)
    return _done(request, module, change, _("The conversation is closed."))


@in_module("opinions", "opinion.manage")
@require_POST
def bring(request: HttpRequest, module: Module) -> HttpResponse:
    """Bring a conversation from elsewhere."""
    return _tried(
        request, module, BringForm(request.POST, request.FILES), "bring",
        lambda said: Bring(
            request.user, module.process.workspace, module,
            {f.name: f.read() for f in said["files"]}, said["files_language"],
        ),
        _("The conversation is here. Have its map computed now."),
    )  # fmt: skip


@in_module("opinions", "opinion.manage")
@require_GET
def export(request: HttpRequest, module: Module) -> HttpResponse:
    """Give the conversation in Polis's form, as it was when the result was computed."""
    found = Archive.objects.filter(conversation__module=module).first()
    if found is None:
        raise Http404
    answer = HttpResponse(found.download(), content_type="application/zip")
    answer["Content-Disposition"] = 'attachment; filename="conversation.zip"'
    return answer


@in_module("opinions", "opinion.moderate")
@require_GET
def queue(request: HttpRequest, module: Module) -> HttpResponse:
    """List the statements that wait, or all of them, to be accepted or refused."""
    return _queue(request, module, 0, None)


def _queue(request: HttpRequest, module: Module, number: int, wrong: Any) -> HttpResponse:
    found, everything = of_module(module), request.GET.get("all") == "1"
    rows = Statement.objects.none() if found._state.adding else Statement.objects.filter(conversation=found)
    rows = rows.exclude(text="")
    if not everything:
        rows = rows.filter(state=Statement.State.WAITING)
    page = Paginator(rows.order_by("number"), PER_PAGE).get_page(request.GET.get("page"))
    context = base_context(request, module, found) | {
        "page": page, "everything": everything, "other": OTHER,
        "statements": [
            (s, DecideForm(auto_id=f"id{s.number}_%s") if s.number != number else wrong,
             address(module, "opinions_decide", s.number)) for s in page
        ],
    }  # fmt: skip
    return render(request, "opinions/queue.html", context)


@in_module("opinions", "opinion.moderate")
@require_POST
def decide(request: HttpRequest, module: Module, statement: int) -> HttpResponse:
    """Accept or refuse a statement."""
    one = _statement(of_module(module), statement)
    form = DecideForm(request.POST, auto_id=f"id{one.number}_%s")
    accepted = "accept" in request.POST
    if not accepted and not form.is_valid():
        return _queue(request, module, one.number, form)
    said = {"rule": "", "note": ""} if accepted else form.cleaned_data
    change = Decide(request.user, module.process.workspace, module, one, accepted, said["rule"], said["note"])
    done = _("The statement can be voted on.") if accepted else _("The statement was refused.")
    return _done(request, module, change, done, "opinions_queue")
