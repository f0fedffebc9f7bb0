"""Pages of a worries desk for everybody."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.core.paginator import Paginator
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from isopolis.web.actions import ValidationError
from isopolis.web.api.limits import network_of
from isopolis.web.languages import page_language
from isopolis.web.modules.access import in_module
from isopolis.web.modules.consultation.limits import issued, too_fast
from isopolis.web.modules.models import Module
from isopolis.web.permissions import may, require

from .actions import TellWorry
from .forms import TellForm
from .models import HiddenNote, Worry, WorryDesk, desk_of
from .showing import KEYS, LISTED, told, whole_table
from .words import topic_names

__all__ = ["NEWEST", "OLDEST", "address", "base_context", "named"]

PER_PAGE = 20
# said outright, since databases place unknown days differently
NEWEST = (F("received_at").desc(nulls_last=True), "-pk")
OLDEST = (F("received_at").asc(nulls_first=True), "pk")
ROWS = 50


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
        "desk": desk_of(module),
        "phases": [(p, p.stands(now)) for p in module.phases()],
        "tell": may(request.user, "worry.add", city, module, now=now),
        "manages": may(request.user, "worries.manage", city, module, now=now),
    }


def named(rows: Any, desk: WorryDesk) -> list[dict[str, Any]]:
    """Return worries with the names of their topics and neighbourhoods."""
    names = topic_names(page_language())
    return [
        {"worry": w, "topic": names.get(w.about, w.about), "zone": desk.zone_name(w.zone) if w.zone else ""}
        for w in rows
    ]


@in_module("worries")
@require_GET
def worries(request: HttpRequest, module: Module) -> HttpResponse:
    """Show what was received, registered and resolved, as it was published last."""
    context = base_context(request, module)
    desk = context["desk"]
    if desk.public:
        context["told"] = told(desk.public, page_language())
    return render(request, "worries/worries.html", context)


@in_module("worries")
@require_GET
def numbers(request: HttpRequest, module: Module, key: str) -> HttpResponse:
    """Show one whole table, page by page."""
    context = base_context(request, module)
    shown = context["desk"].public
    if key not in LISTED or not shown or not (key not in KEYS or shown["tables"].get(key)):
        raise Http404
    table = whole_table(shown, key, page_language())
    page = Paginator(table["rows"], ROWS).get_page(request.GET.get("page"))
    table["rows"] = list(page.object_list)
    return render(
        request, "worries/numbers.html", context | {"table": table, "key": key, "page": page, "deeper": True}
    )


@in_module("worries")
@require_http_methods(["GET", "POST"])
def tell(request: HttpRequest, module: Module) -> HttpResponse:
    """Take a worry of anybody; no account is needed."""
    now, city = timezone.now(), module.process.workspace
    context = base_context(request, module) | {"deeper": True}
    desk = context["desk"]
    if request.method != "POST":
        form = TellForm(desk, initial={"sign": issued(now)})
        return render(request, "worries/tell.html", context | {"form": form})
    require(request.user, "worry.add", city, module, now=now)
    form = TellForm(desk, request.POST)
    if form.is_valid() and form.is_from_a_machine():
        # whoever fills in what people do not see is told nothing
        return redirect(module)
    if form.is_valid() and too_fast(form.cleaned_data["sign"], now):
        form.add_error(None, _("This came back very quickly, or very late. Please send it once more."))
        form.data = form.data.copy()
        form.data["sign"] = issued(now)
    if form.is_valid() and _taken(request, module, form):
        return redirect(module)
    return render(request, "worries/tell.html", context | {"form": form})


def _taken(request: HttpRequest, module: Module, form: TellForm) -> bool:
    said = {
        k: form.cleaned_data.get(k, "") for k in ("text", "zone", "street", "seen", "language", "contact")
    }
    # whoever is signed in by chance leaves no account with a worry, nor in the log
    change = TellWorry(AnonymousUser(), module.process.workspace, module, **said, address=network_of(request))
    try:
        change.run()
    except ValidationError as error:
        form.add_error(None, error)
        return False
    messages.success(request, _("Thank you. It is received; an officer will read it."))
    return True


@in_module("worries")
@require_GET
def texts(request: HttpRequest, module: Module) -> HttpResponse:
    """List the texts that an officer has read and published, page by page."""
    context = base_context(request, module) | {"deeper": True}
    rows = Worry.objects.filter(desk=context["desk"], state=Worry.State.SHOWN)
    page = Paginator(rows.order_by(*NEWEST), PER_PAGE).get_page(request.GET.get("page"))
    context |= {"page": page, "rows": named(page, context["desk"])}
    return render(request, "worries/texts.html", context)


@in_module("worries")
@require_GET
def log(request: HttpRequest, module: Module) -> HttpResponse:
    """Show the public log of hidden texts."""
    names = topic_names(page_language())
    notes = HiddenNote.objects.filter(desk__module=module).order_by("-day", "-pk")
    page = Paginator(notes, ROWS).get_page(request.GET.get("page"))
    rows = [(n, names.get(n.topic, n.topic)) for n in page]
    context = base_context(request, module) | {"page": page, "notes": rows, "deeper": True}
    return render(request, "worries/log.html", context)
