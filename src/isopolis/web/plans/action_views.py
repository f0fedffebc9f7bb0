"""Pages of single actions: read, written, moved to another state with the reasons why not."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from isopolis.act.plan import COLUMNS, Action, allowed_from, heading, refusals, state_name
from isopolis.act.plan import monitoring as monitoring_rows
from isopolis.act.plan.states import TRANSITIONS
from isopolis.web.actions import ValidationError
from isopolis.web.languages import said

from .actions import AddAction, EditAction, RemoveAction, moving
from .doors import may_here, of_plan
from .drafting import finding_number
from .forms import ActionForm, MoveForm
from .models import ActionPlan
from .standing import facts, label, words_of
from .views import page_context

__all__ = ["action", "add", "edit", "move", "remove"]

APART = ("id", "title", "status", "evidence")


def _found(row: ActionPlan, name: str) -> Action:
    found = row.plan.action(name)
    if found is None:
        raise Http404
    return found


@of_plan("plan.see")
@require_GET
def action(request: HttpRequest, row: ActionPlan, name: str) -> HttpResponse:
    """Show an action: its fields, why it is there, where it can go from here and what speaks against it."""
    return _page(request, row, _found(row, name))


def _page(request: HttpRequest, row: ActionPlan, one: Action) -> HttpResponse:
    small = row.plan.model_copy(update={"actions": (one,)})
    cells = monitoring_rows(small, timezone.localdate(), label(words_of(row.workspace)))[0]
    context = page_context(request, row) | {
        "action": one,
        "state": said(state_name(one.status)),
        "facts": [(said(heading(c)), said(cells[c])) for c in COLUMNS if c not in APART],
        "evidence": [(e, _link(row, e)) for e in one.evidence],
        "ways": _ways(request, row, one),
        "log": [c for c in row.plan.changes if c.action == one.id][-5:],
        "urls": {n: row.address(f"plan_action_{n}", one.id) for n in ("edit", "move", "remove")},
    }
    return render(request, "plans/action.html", context)


def _ways(request: HttpRequest, row: ActionPlan, one: Action) -> list[dict[str, Any]]:
    """Return each state that can follow, whether a reason is asked for, and all that speaks against it."""
    known, out = facts(row), []
    for to in allowed_from(one.status):
        against = [p for p in refusals(one, to, known, "reason") if p.code != "no-reason"]
        verdict = may_here(request.user, "plan.finalise" if to == "final" else "plan.manage", row.home)
        out.append(
            {
                "to": to,
                "name": said(state_name(to)),
                "reason": TRANSITIONS[one.status, to].reason,
                "against": [said(p.message) for p in against] + ([] if verdict else [verdict.why]),
                "form": MoveForm(initial={"to": to, "revision": row.revision}, auto_id=f"{to}_%s"),
            }
        )
    return out


def _link(row: ActionPlan, evidence: Any) -> str:
    """Return the address that an evidence leads to; empty where there is none of ours."""
    try:
        if evidence.kind == "record":
            return reverse("library_record", args=[evidence.ref])
        number = finding_number(evidence.ref) if evidence.kind == "finding" else None
        return reverse("finding", args=[row.workspace.slug, *number]) if number and row.workspace else ""
    except NoReverseMatch:  # a number that is none
        return ""


def _form(request: HttpRequest, row: ActionPlan, one: Action | None) -> ActionForm:
    words = words_of(row.workspace)
    data = request.POST if request.method == "POST" else None
    if one is None:
        return ActionForm(words, data, {"revision": row.revision, "pillar": ""})
    return ActionForm.of(one, row.revision, words, data)


@of_plan("plan.manage")
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, row: ActionPlan) -> HttpResponse:
    """Put an action into the plan."""
    form = _form(request, row, None)
    if request.method == "POST" and form.is_valid():
        change = AddAction(
            request.user, row.home, row=row, revision=form.cleaned_data["revision"], fields=form.values()
        )
        try:
            change.run()
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The action is there, as a proposal."))
            return redirect(row.address("plan_action", change.name))
    return render(request, "plans/action_edit.html", page_context(request, row) | {"form": form})


@of_plan("plan.manage")
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, row: ActionPlan, name: str) -> HttpResponse:
    """Change an action."""
    one = _found(row, name)
    form = _form(request, row, one)
    if request.method == "POST" and form.is_valid():
        change = EditAction(
            request.user,
            row.home,
            row=row,
            revision=form.cleaned_data["revision"],
            name=name,
            fields=form.values(),
        )
        try:
            change.run()
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The change was kept."))
            return redirect(row.address("plan_action", name))
    context = page_context(request, row) | {"form": form, "action": one}
    return render(request, "plans/action_edit.html", context)


@of_plan("plan.manage")
@require_POST
def move(request: HttpRequest, row: ActionPlan, name: str) -> HttpResponse:
    """Move an action to another state."""
    _found(row, name)
    form = MoveForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose a state."))
        return redirect(row.address("plan_action", name))
    said_so = form.cleaned_data
    change = moving(said_so["to"])(
        request.user, row.home, row=row, revision=said_so["revision"], name=name, to=said_so["to"],
        why=said_so["why"],
    )  # fmt: skip
    try:
        change.run()
        messages.success(request, _("The action is in its new state."))
    except ValidationError as error:
        for reason in error.messages:
            messages.error(request, reason)
    return redirect(row.address("plan_action", name))


@of_plan("plan.manage")
@require_POST
def remove(request: HttpRequest, row: ActionPlan, name: str) -> HttpResponse:
    """Take a proposal out."""
    _found(row, name)
    try:
        RemoveAction(request.user, row.home, row=row, name=name).run()
        messages.success(request, _("The proposal is out of the plan; the log keeps its title."))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect(row.address("plan_action", name))
    return redirect(row)
