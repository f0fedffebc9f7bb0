"""Pages of plans for those who work on them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from isopolis.act.plan import due, state_name
from isopolis.web.accounts.models import User
from isopolis.web.actions import ValidationError
from isopolis.web.languages import said
from isopolis.web.partnerships.models import Partnership
from isopolis.web.permissions import may

from .actions import CreatePlan, DraftPlan, EditPlan, PublishPlan, WithdrawPlan, unpublishable
from .doors import address, at_home, may_here, of_plan
from .drafting import newest_diagnosis
from .forms import NewPlanForm, PlanForm
from .models import ActionPlan
from .showing import FILES, file_answer, glance_of, monitoring_table
from .standing import label, told, words_of

__all__ = ["page_context"]

PER_PAGE = 20
LOG_ROWS = 50


def home_context(home: Any) -> dict[str, Any]:
    """Return what the path of every page needs."""
    partner = isinstance(home, Partnership)
    context = {"home": home, "plans_url": address(home, "plans")}
    return context | ({"partnership": home} if partner else {"workspace": home})


def page_context(request: HttpRequest, row: ActionPlan) -> dict[str, Any]:
    """Return what every page of a plan needs."""
    verbs = ("plan.manage", "plan.finalise")
    return home_context(row.home) | {
        "row": row,
        "plan": row.plan,
        "prefix": row.prefix,
        "can": {v.replace(".", "_"): bool(may_here(request.user, v, row.home)) for v in verbs},
    }


@at_home("plan.see")
@require_http_methods(["GET", "POST"])
def plans(request: HttpRequest, home: Any) -> HttpResponse:
    """List the plans; make an empty one."""
    form = NewPlanForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = CreatePlan(request.user, home, title=form.cleaned_data["title"]).run()
        except ValidationError as error:
            form.add_error("title", error)
        else:
            messages.success(request, _("The plan is there. Now put actions into it."))
            return redirect(made)
    return _plans(request, home, form)


def _plans(request: HttpRequest, home: Any, form: NewPlanForm) -> HttpResponse:
    partner = isinstance(home, Partnership)
    rows = ActionPlan.objects.filter(**{"partnership" if partner else "workspace": home}).order_by("-number")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    job = None if partner or not may(request.user, "findings.read", home) else newest_diagnosis(home)
    context = home_context(home) | {
        "page": page,
        "rows": [(r, r.address("plan")) for r in page],
        "form": form,
        "job": job,
        "draft_url": address(home, "plan_draft"),
        "manage": may_here(request.user, "plan.manage", home),
    }
    return render(request, "plans/list.html", context)


@at_home("plan.manage")
@require_POST
def draft(request: HttpRequest, home: Any) -> HttpResponse:
    """Draft a plan from the newest diagnosis."""
    job = None if isinstance(home, Partnership) else newest_diagnosis(home)
    title = _("Action plan of %(place)s (draft)") % {"place": home.name}
    try:
        made = DraftPlan(request.user, home, title=title, job=job).run()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect(address(home, "plans"))
    messages.success(request, _("The draft is there. Nothing in it is decided: people do that."))
    return redirect(made)


@of_plan("plan.see")
@require_GET
def plan(request: HttpRequest, row: ActionPlan) -> HttpResponse:
    """Show a plan: what is due, its actions with their states, how it becomes public."""
    now = timezone.now()
    today = timezone.localtime(now).date()
    actions = [
        {"action": a, "state": said(state_name(a.status)), "url": row.address("plan_action", a.id)}
        for a in row.plan.actions
    ]
    context = page_context(request, row) | {
        "actions": actions,
        "label": label(words_of(row.workspace)),
        "due": [(said(r.text), r) for r in due(row.plan, today)],
        "links": [link for one in told(row, now) for link in one.links],
        "unpublishable": unpublishable(row.plan),
        "urls": {
            n: row.address(f"plan_{n}")
            for n in ("edit", "glance", "log", "monitoring", "publish", "action_new")
        },
    }
    return render(request, "plans/plan.html", context)


@of_plan("plan.manage")
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, row: ActionPlan) -> HttpResponse:
    """Change title and text of a plan."""
    form = PlanForm(request.POST) if request.method == "POST" else PlanForm.of(row.plan, row.revision)
    if request.method == "POST" and form.is_valid():
        fields = dict(form.cleaned_data)
        revision = fields.pop("revision")
        try:
            EditPlan(request.user, row.home, row=row, revision=revision, fields=fields).run()
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The text was kept."))
            return redirect(row)
    return render(request, "plans/edit.html", page_context(request, row) | {"form": form})


@of_plan("plan.see")
@require_GET
def glance(request: HttpRequest, row: ActionPlan) -> HttpResponse:
    """Show the whole plan on one page: as a drawing, as a list in a list, as a table."""
    shown = glance_of(row.plan, label(words_of(row.workspace)))
    files = [(name, row.address("plan_file", name)) for name in ("glance.svg", "plan.pdf", "plan.html")]
    context = page_context(request, row) | {"glance": shown, "files": files}
    return render(request, "plans/glance.html", context)


@of_plan("plan.see")
@require_GET
def log(request: HttpRequest, row: ActionPlan) -> HttpResponse:
    """Show who changed what, when and why, newest first."""
    page = Paginator(row.plan.changes[::-1], LOG_ROWS).get_page(request.GET.get("page"))
    names = _names(row, {c.who for c in page})
    rows = [(c, names.get(c.who, c.who), _short(c.before), _short(c.after)) for c in page]
    return render(request, "plans/log.html", page_context(request, row) | {"page": page, "rows": rows})


def _names(row: ActionPlan, who: set[str]) -> dict[str, str]:
    """Return the names of those who work at this place; others stay numbers."""
    numbers = [int(w.removeprefix("account:")) for w in who if w.removeprefix("account:").isdecimal()]
    if row.workspace_id:
        people = User.objects.filter(pk__in=numbers, membership__workspace=row.workspace)
        people = people.exclude(membership__role="resident", membership__workspace=row.workspace)
    else:
        people = User.objects.filter(pk__in=numbers, partnershipmembership__partnership=row.partnership)
    # an address of somebody without a name is nothing for every reader of a plan
    known = {f"account:{u.pk}": u.name for u in people if u.name}
    return known | {
        w: _("account %(number)s") % {"number": w.removeprefix("account:")} for w in who - known.keys()
    }


def _short(value: Any) -> str:
    """Return a value of the log in few words."""
    if isinstance(value, list):
        return "; ".join(_short(v) for v in value)[:300]
    if isinstance(value, dict):
        return ", ".join(f"{k}: {_short(v)}" for k, v in value.items() if v not in (None, "", []))[:300]
    return "" if value is None else str(value)[:300]


@of_plan("plan.see")
@require_GET
def monitoring(request: HttpRequest, row: ActionPlan) -> HttpResponse:
    """Show the monitoring table, action by action, and its files."""
    today = timezone.localdate()
    table = monitoring_table(row.plan, today, label(words_of(row.workspace)))
    page = Paginator(table["rows"], PER_PAGE).get_page(request.GET.get("page"))
    files = [(name, row.address("plan_file", name)) for name in FILES]
    context = page_context(request, row) | {"table": table | {"rows": page}, "page": page, "files": files}
    return render(request, "plans/monitoring.html", context)


@of_plan("plan.see")
@require_GET
def download(request: HttpRequest, row: ActionPlan, name: str) -> HttpResponse:
    """Give one of the files."""
    return file_answer(row.plan, name, timezone.localdate(), label(words_of(row.workspace)))


@of_plan("plan.finalise")
@require_POST
def publish(request: HttpRequest, row: ActionPlan) -> HttpResponse:
    """Show the plan to everybody, or take it back."""
    away = "withdraw" in request.POST
    note = request.POST.get("note", "")[:300]
    action = (
        WithdrawPlan(request.user, row.home, row=row)
        if away
        else PublishPlan(request.user, row.home, row=row, note=note)
    )
    try:
        action.run()
        said_so = _("The plan is no longer public.") if away else _("The plan is public now.")
        messages.success(request, said_so)
    except ValidationError as error:
        for reason in error.messages:
            messages.error(request, reason)
    return redirect(row)
