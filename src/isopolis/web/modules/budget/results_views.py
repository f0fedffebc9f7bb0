"""The result for everybody: winners, reasons, money, rules compared, who took part, how to count again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from isopolis.web.actions import ValidationError
from isopolis.web.ballots.log import entries_of
from isopolis.web.ballots.models import Vote
from isopolis.web.languages import said_drawing, spoken
from isopolis.web.modules.access import in_module
from isopolis.web.modules.models import Module
from isopolis.web.participation.models import Participation

from .access import address, found
from .models import Budget, Idea, Result, Topic
from .results_actions import MakeResult
from .results_build import TOPICS
from .results_people import people_told
from .voting_ballot import price
from .voting_rule import rule_name, words_of
from .voting_views import KIND, base

PER_PAGE = 20
NEAREST = 5


def _page(request: HttpRequest, module: Module) -> tuple[Budget, dict[str, Any]]:
    """Return what every page of a result needs; 404 as long as nothing is counted."""
    budget = found(module)
    context = base(request, budget)
    vote: Vote | None = context["vote"]
    if vote is None or vote.state != Vote.State.TALLIED:
        raise Http404
    kept = Result.objects.filter(budget=budget).first()
    told = kept.told if kept is not None and kept.made_at else {}
    context |= {
        "kept": kept,
        "told": told,
        "result": vote.result or {},
        "rule": rule_name(vote.card["rule"]),
        "whole": bool(told.get("projects")),
    }
    return budget, context


@in_module(KIND)
@require_GET
def result(request: HttpRequest, module: Module) -> HttpResponse:
    """Show who won, why, where the money goes, and who took part."""
    budget, context = _page(request, module)
    told, ideas = context["told"], _ideas(budget)
    rows = [_row(p, ideas) for p in told.get("projects", [])]
    won = [r for r in rows if r["won"]] or _plain_winners(context["result"], ideas, budget)
    lost = [r for r in rows if not r["won"]]
    near = sorted((r for r in lost if r["near"] is not None), key=lambda r: -r["near"])
    context |= {
        "won": won,
        "lost_n": len(lost),
        "nearest": near[:NEAREST],
        "differ": _differ(rows),
        "glance": _section(told, "glance"),
        "where": _section(told, "where"),
        "turnout": _turnout(told),
        "board": people_told(module),
        "money": price(budget, budget.money),
        "cost": price(budget, told["numbers"]["cost"]) if context["whole"] else "",
    }
    return render(request, "modules/budget/result_page.html", context)


@in_module(KIND)
@require_GET
def lost(request: HttpRequest, module: Module) -> HttpResponse:
    """List what was not funded, with the reason for each."""
    budget, context = _page(request, module)
    rows = [p for p in context["told"].get("projects", []) if not p["won"]]
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    ideas = _ideas(budget)
    context |= {"page": page, "rows": [_row(p, ideas) for p in page]}
    return render(request, "modules/budget/result_lost.html", context)


@in_module(KIND)
@require_GET
def project(request: HttpRequest, module: Module, project: int) -> HttpResponse:
    """Tell of one project why it won or lost, and where the votes of its supporters went."""
    budget, context = _page(request, module)
    ideas = _ideas(budget)
    rows = {r["id"]: r for r in (_row(p, ideas) for p in context["told"].get("projects", []))}
    row = rows.get(str(project))
    if row is None:
        raise Http404
    for other in row.get("elsewhere", []):
        other["address"] = rows[other["id"]]["address"] if other["id"] in rows else ""
    context |= {"row": row, "voters": context["told"]["numbers"]["voters"]}
    return render(request, "modules/budget/result_project.html", context)


@in_module(KIND)
@require_GET
def rules(request: HttpRequest, module: Module) -> HttpResponse:
    """Compare rules, and say which promises of fairness each keeps."""
    _budget, context = _page(request, module)
    if not context["whole"]:
        raise Http404
    context |= {
        "others": _section(context["told"], "others"),
        "promises": _section(context["told"], "promises"),
    }
    return render(request, "modules/budget/result_rules.html", context)


@in_module(KIND)
@require_GET
def check(request: HttpRequest, module: Module) -> HttpResponse:
    """Say by which rule it was counted, and how anybody counts it again."""
    budget, context = _page(request, module)
    vote: Any = context["vote"]
    tallied = next((e for e in reversed(entries_of(vote)) if e.kind == "tallied"), None)
    context |= {
        "words": words_of(vote.card, lambda u: price(budget, u), budget.scale, vote.question.min_score),
        "ties": spoken(context["told"].get("ties", [])),
        "digest": context["told"].get("digest", ""),
        "file_digest": (tallied.content.get("bundle", "") if tallied else ""),
    }
    return render(request, "modules/budget/result_check.html", context)


@in_module(KIND, "budget.ballot")
@require_POST
def again(request: HttpRequest, module: Module) -> HttpResponse:
    """Have the page made once more."""
    budget = found(module)
    try:
        MakeResult(request.user, module.process.workspace, budget).run()
        messages.success(request, _("The page is being made. Load it again in a while."))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect(address(module, "budget_result"))


# -- saying what was kept ----------------------------------------------------------------------------------
def _ideas(budget: Budget) -> dict[str, Idea]:
    held = {i.project_id: i for i in budget.ideas.filter(state=Idea.State.ON_BALLOT)}
    for idea in held.values():
        idea.budget = budget
    return held


def _row(kept: Mapping[str, Any], ideas: Mapping[str, Idea]) -> dict[str, Any]:
    """Say a project in the language of the page, with its idea beside it."""
    row: dict[str, Any] = spoken(dict(kept))
    idea = ideas.get(row["id"])
    row["idea"] = idea
    row["language"] = idea.language if idea is not None else ""
    row["address"] = address(idea.budget.module, "budget_outcome", idea.number) if idea is not None else ""
    return row


def _plain_winners(
    result: Mapping[str, Any], ideas: Mapping[str, Idea], budget: Budget
) -> list[dict[str, Any]]:
    """Name the winners where nothing else may be told, because so few voted."""
    listed = [ideas[w] for w in result.get("winners", []) if w in ideas]
    return [
        {
            "id": i.project_id, "name": i.title, "won": n, "cost": price(budget, i.cost), "votes": None,
            "place": budget.zone_name(i.zone) if i.zone else "", "idea": i, "language": i.language,
            "address": i.get_absolute_url(), "greedy": None,
        }
        for n, i in enumerate(listed, start=1)
    ]  # fmt: skip


def _differ(rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Return what is funded only by this rule, and only by most votes first."""
    known = [r for r in rows if r["greedy"] is not None]
    return {
        "here": [r for r in known if r["won"] and not r["greedy"]],
        "there": [r for r in known if r["greedy"] and not r["won"]],
        "known": known,
    }


def _section(told: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """Say the blocks of a section, drawings included."""
    return [_said_block(b) for b in told.get("sections", {}).get(key, [])]


def _said_block(kept: Mapping[str, Any]) -> dict[str, Any]:
    if kept["is"] != "figure":
        return _topics(spoken(dict(kept)))  # type: ignore[no-any-return]
    drawn = kept["figure"]
    words = drawn["words"] | {english: {"is": _topic_names()[code]} for code, english in TOPICS.items()}
    figure = {k: spoken(drawn[k]) for k in ("key", "title", "summary", "note")}
    table = spoken(drawn["table"]) if drawn["table"] else None
    if table is not None:
        table |= {"text_columns": drawn["table"]["text_columns"], "folded": drawn["table"]["folded"]}
    figure |= {"svg": said_drawing(drawn["svg"], words), "table": table}
    return _topics({"is": "figure", "figure": figure})  # type: ignore[no-any-return]


def _topic_names() -> dict[str, str]:
    return {code: str(name) for code, name in Topic.choices}


def _topics(item: Any) -> Any:
    """Say the names of topics in rows of tables, where they stand as the drawing has them."""
    names = {english: _topic_names()[code] for code, english in TOPICS.items()}
    table = item.get("table") or item.get("figure", {}).get("table") if isinstance(item, dict) else None
    if table:
        table["rows"] = [[names.get(cell, cell) for cell in row] for row in table["rows"]]
    return item


def _turnout(told: Mapping[str, Any]) -> dict[str, Any] | None:
    kept = told.get("turnout")
    if not kept:
        return None
    names = dict(Participation.Channel.choices)
    return {**kept, "ways": [(names.get(way, way), n) for way, n in kept["ways"]]}
