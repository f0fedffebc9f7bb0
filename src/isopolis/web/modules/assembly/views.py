"""Pages of an assembly: what everybody can check, and the officer's desk."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from isopolis.web.actions import ValidationError
from isopolis.web.modules.access import in_module
from isopolis.web.modules.models import Module
from isopolis.web.permissions import may
from isopolis.web.work.models import Job

from .actions import KIND, DrawNumber, PreparePool, PublishList, ReplacePeople
from .forms import NumberForm, PrepareForm, ReplaceForm, SeedForm
from .models import CODE_MOST, Assembly, Volunteer

PER_PAGE = 50
SEATED = (Volunteer.Seat.DRAWN, Volunteer.Seat.CAME)


def of_module(module: Module) -> Assembly | None:
    """Return the assembly of a module, None when nothing is prepared."""
    found = Assembly.objects.filter(module=module).first()
    if found is not None:
        found.module = module
    return found


def _context(request: HttpRequest, module: Module, found: Assembly | None) -> dict[str, Any]:
    now, city = timezone.now(), module.process.workspace
    return {
        "module": module,
        "process": module.process,
        "city": city,
        "phases": [(p, p.stands(now)) for p in module.phases()],
        "manages": may(request.user, "assembly.manage", city, module),
        "assembly": found,
        "last": 999,
    }


def _quotas(found: Assembly) -> list[tuple[str, int, int]]:
    return [(q.name, q.low, q.high) for q in found.bounds()]


def _address(module: Module, name: str) -> str:
    return reverse(name, args=[module.process.workspace.slug, module.process.number, module.pk])


@in_module("assembly")
@require_GET
def assembly(request: HttpRequest, module: Module) -> HttpResponse:
    """Show the rules, the draw and its proof; answer a code with its chance."""
    found = of_module(module)
    context = _context(request, module, found)
    if found is None:
        return render(request, "assembly/unset.html", context)
    context |= {
        "quotas": Paginator(_quotas(found), PER_PAGE).get_page(request.GET.get("page")),
        "pool": found.volunteer_set.count(),
        "panel": found.codes(*SEATED) if found.number is not None else [],
        "asked": request.GET.get("code", "").strip()[:CODE_MOST],
    }
    context["page"] = context["quotas"]
    if context["asked"] and found.listed_at is not None:
        context["volunteer"] = found.volunteer_set.filter(code=context["asked"]).first()
    return render(request, "assembly/assembly.html", context)


@in_module("assembly")
@require_GET
def panels(request: HttpRequest, module: Module) -> HttpResponse:
    """Give the list of panels as it was published."""
    found = of_module(module)
    if found is None or found.listed_at is None:
        raise Http404
    answer = HttpResponse(found.list_text, content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="panels.txt"'
    return answer


@in_module("assembly", "assembly.manage")
@require_GET
def manage(request: HttpRequest, module: Module) -> HttpResponse:
    """Show the desk: what is done, and the next step."""
    return _desk(request, module, {})


def _desk(request: HttpRequest, module: Module, forms: dict[str, Any]) -> HttpResponse:
    found = of_module(module)
    context = _context(request, module, found) | {
        "prepare": PrepareForm(),
        "seed": SeedForm(),
        "number": NumberForm(),
        "replace": ReplaceForm(),
        "urls": {n: _address(module, f"assembly_{n}") for n in ("prepare", "seed", "number", "replace")},
    }
    if found is not None:
        context |= {
            "job": Job.objects.filter(kind=KIND, subject=found.pk).order_by("-created_at").first(),
            "pool": found.volunteer_set.count(),
            "panel": found.codes(*SEATED),
            "counts": _counted(found),
        }
    return render(request, "assembly/manage.html", context | forms)


def _counted(found: Assembly) -> list[tuple[str, int, int, int, int]]:
    """For each quota its bounds, people in the pool and people on the panel; for the officer only."""
    from isopolis.engage.lottery.pool import counted

    quotas, people = found.bounds(), found.people()
    seated = set(found.codes(*SEATED))
    pool, panel = counted(people, quotas), counted([p for p in people if p.id in seated], quotas)
    return [(q.name, q.low, q.high, n, m) for q, n, m in zip(quotas, pool, panel, strict=True)]


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
            return redirect(_address(module, "assembly_manage"))
    return _desk(request, module, {name: form})


@in_module("assembly", "assembly.manage")
@require_POST
def prepare(request: HttpRequest, module: Module) -> HttpResponse:
    """Keep pool and quotas."""
    form = PrepareForm(request.POST, request.FILES)

    def change(said: dict[str, Any]) -> PreparePool:
        return PreparePool(
            request.user, module.process.workspace, module, said["size"], said["objective"],
            said["people"].read(), said["quotas"].read(), said["household"], said["slack"],
        )  # fmt: skip

    done = _("The volunteers are kept. The fairest lottery is being searched.")
    return _tried(request, module, form, "prepare", change, done)


@in_module("assembly", "assembly.manage")
@require_POST
def seed(request: HttpRequest, module: Module) -> HttpResponse:
    """Publish the list."""
    return _tried(
        request, module, SeedForm(request.POST), "seed",
        lambda said: PublishList(request.user, module.process.workspace, module, said["seed"]),
        _("The list is public. Now a number can be drawn."),
    )  # fmt: skip


@in_module("assembly", "assembly.manage")
@require_POST
def number(request: HttpRequest, module: Module) -> HttpResponse:
    """Write the number down."""
    return _tried(
        request, module, NumberForm(request.POST), "number",
        lambda said: DrawNumber(request.user, module.process.workspace, module, said["number"]),
        _("The assembly is drawn."),
    )  # fmt: skip


@in_module("assembly", "assembly.manage")
@require_POST
def replace(request: HttpRequest, module: Module) -> HttpResponse:
    """Draw newcomers."""
    return _tried(
        request, module, ReplaceForm(request.POST), "replace",
        lambda said: ReplacePeople(
            request.user, module.process.workspace, module, said["gone"].split(), said["seed"]
        ),
        _("Newcomers were drawn."),
    )  # fmt: skip
