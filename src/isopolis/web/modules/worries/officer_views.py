"""Pages of a worries desk for those who care for worries."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from isopolis.web import jobs
from isopolis.web.actions import ValidationError
from isopolis.web.languages import page_language, spoken
from isopolis.web.modules.access import in_module
from isopolis.web.modules.models import Module
from isopolis.web.work.models import Job

from .actions import EnterWorry, SetUpDesk
from .caring import AnswerPair, HideText, PartWorry, PublishText, RegisterWorry, ResolveWorry, SortWorry
from .exports import COLUMNS, rows
from .forms import DayForm, EnterForm, HideForm, PublishForm, SendForm, SettingsForm, SortForm
from .importing import KIND as IMPORT
from .importing import ImportWorries
from .models import Contact, FileImport, Pair, Worry, WorryDesk, desk_of
from .numbers import KIND, PAUSE, CountDesk, PublishNumbers
from .showing import told
from .views import NEWEST, OLDEST, address, base_context, named
from .words import looked_at, may_name_people, topic_choices, topic_names

PER_PAGE = 20
STATES = {
    "unread": Q(state=Worry.State.UNREAD),
    "received": Q(registered=False),
    "open": Q(registered=True, resolved=False),
    "resolved": Q(resolved=True),
    "hidden": Q(state=Worry.State.HIDDEN),
    "all": Q(),
}


def _context(request: HttpRequest, module: Module, **more: Any) -> dict[str, Any]:
    names = ("manage", "enter", "send", "same", "counted", "set_up", "export", "texts", "log")
    urls = {n: address(module, f"worries_{n}") for n in names}
    return base_context(request, module) | {"deeper": True, "urls": urls} | more


def _tried(request: HttpRequest, change: Any, done: str) -> bool:
    """Run a change; say what came of it."""
    try:
        change.run()
    except ValidationError as error:
        for reason in error.messages:
            messages.error(request, reason)
        return False
    messages.success(request, done)
    return True


@in_module("worries", "worries.manage")
@require_GET
def manage(request: HttpRequest, module: Module) -> HttpResponse:
    """List worries, those that nobody has read first."""
    context = _context(request, module)
    mine = Worry.objects.filter(desk=context["desk"])
    which = request.GET.get("which", "unread")
    if which not in STATES:
        raise Http404
    order = OLDEST if which in ("unread", "received", "open") else NEWEST
    page = Paginator(mine.filter(STATES[which]).order_by(*order), PER_PAGE).get_page(request.GET.get("page"))
    labels = {
        "unread": _("not read yet"), "received": _("not registered yet"), "open": _("registered, open"),
        "resolved": _("resolved"), "hidden": _("hidden"), "all": _("all"),
    }  # fmt: skip
    counts = _counts(mine)
    pairs = Pair.objects.filter(desk=context["desk"], answer="").count()
    context |= {
        "which": which, "page": page, "labels": [(k, v, counts[k]) for k, v in labels.items()],
        "rows": [r | {"url": address(module, "worries_one", r["worry"].pk)}
                 for r in named(page, context["desk"])],
        "pairs": pairs, "imports": _imports(module),
    }  # fmt: skip
    return render(request, "worries/manage.html", context)


def _counts(mine: Any) -> dict[str, int]:
    """Count the worries of each list, by an index alone."""
    out = dict.fromkeys(STATES, 0)
    for row in mine.order_by().values("state", "registered", "resolved").annotate(n=Count("*")):
        said = {
            "unread": row["state"] == "unread", "received": not row["registered"],
            "open": row["registered"] and not row["resolved"], "resolved": row["resolved"],
            "hidden": row["state"] == "hidden", "all": True,
        }  # fmt: skip
        for key in (k for k, yes in said.items() if yes):
            out[key] += row["n"]
    return out


def _imports(module: Module) -> list[dict[str, Any]]:
    """Return the last files, each with what became of it."""
    found = list(FileImport.objects.filter(desk__module=module).order_by("-at")[:5])
    states: dict[Any, Job] = {}
    for job in Job.objects.filter(kind=IMPORT, subject__in=[f.pk for f in found]).order_by("created_at"):
        states[job.subject] = job
    return [{"file": f, "job": states.get(f.pk), "told": spoken(f.told)[:5]} for f in found]


@in_module("worries", "worries.manage")
@require_http_methods(["GET", "POST"])
def enter(request: HttpRequest, module: Module) -> HttpResponse:
    """Write down what did not come by the page."""
    context = _context(request, module)
    initial = {"channel": "phone", "people": 1, "day": timezone.localdate()}
    form = EnterForm(context["desk"], request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        said = {k: v for k, v in form.cleaned_data.items() if k != "people" or v}
        try:
            made = EnterWorry(request.user, module.process.workspace, module, **said).run()
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("It is kept."))
            return redirect(address(module, "worries_one", made.pk))
    return render(request, "worries/enter.html", context | {"form": form})


@in_module("worries", "worries.manage")
@require_http_methods(["GET", "POST"])
def send(request: HttpRequest, module: Module) -> HttpResponse:
    """Take the file of another desk."""
    form = SendForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        change = ImportWorries(
            request.user, module.process.workspace, module, file.name, file.chunks(), file.size,
            form.cleaned_data["public_already"],
        )  # fmt: skip
        if _tried(request, change, _("The file is being read. Look again in a while.")):
            return redirect(address(module, "worries_manage"))
    return render(request, "worries/send.html", _context(request, module, form=form))


def _one(module: Module, pk: UUID) -> Worry:
    found = get_object_or_404(Worry.objects.select_related("joined_to"), pk=pk, desk__module=module)
    found.desk = desk_of(module)
    return found


@in_module("worries", "worries.manage")
@require_GET
def worry(request: HttpRequest, module: Module, pk: UUID) -> HttpResponse:
    """Show one worry with everything that can be done with it."""
    return _worry_page(request, module, _one(module, pk), {})


def _worry_page(request: HttpRequest, module: Module, one: Worry, forms: dict[str, Any]) -> HttpResponse:
    if not one.looked:
        looked_at(one)
    code = page_language()
    pairs = Pair.objects.filter(Q(first=one) | Q(second=one), answer="").select_related("first", "second")
    context = _context(request, module) | {
        "worry": one, "row": named([one], one.desk)[0],
        "proposed": topic_names(code).get(one.proposed, ""),
        "contact": Contact.objects.filter(worry=one).first(),
        "careful": may_name_people(one.text),
        "same": [(w, address(module, "worries_one", w.pk)) for w in one.same.order_by("received_at")[:50]],
        "head": address(module, "worries_one", one.joined_to_id) if one.joined_to_id else "",
        "pairs": [_pair(module, one.desk, p) for p in pairs.order_by("-score")[:5]],
        "sort": SortForm(topic_choices(code), initial={"topic": one.about, "language": one.language}),
        "publish": PublishForm(initial={"text": one.public_text or one.text}),
        "hide": HideForm(),
        "day": DayForm(initial={"day": timezone.localdate()}),
        "do": {w: address(module, "worries_change", one.pk, w) for w in CHANGES},
    }  # fmt: skip
    return render(request, "worries/worry.html", context | forms)


CHANGES = ("sort", "publish", "hide", "register", "resolve", "reopen", "part")


@in_module("worries", "worries.manage")
@require_POST
def change(request: HttpRequest, module: Module, pk: UUID, what: str) -> HttpResponse:
    """Do one thing with a worry."""
    one, city, code = _one(module, pk), module.process.workspace, page_language()
    if what not in CHANGES:
        raise Http404
    forms: dict[str, Any] = {
        "sort": lambda: SortForm(topic_choices(code), request.POST, {"language": one.language}),
        "publish": lambda: PublishForm(request.POST),
        "hide": lambda: HideForm(request.POST),
    }
    form = forms.get(what, lambda: DayForm(request.POST))()
    if form.is_valid():
        said, who = form.cleaned_data, (request.user, city, module, one)
        made: dict[str, Any] = {
            "sort": lambda: SortWorry(*who, topic=said["topic"], language=said["language"]),
            "publish": lambda: PublishText(*who, text=said["text"]),
            "hide": lambda: HideText(*who, reason=said["reason"], erase=said["erase"]),
            "register": lambda: RegisterWorry(*who, day=said["day"]),
            "resolve": lambda: ResolveWorry(*who, day=said["day"]),
            "reopen": lambda: ResolveWorry(*who, again=True),
            "part": lambda: PartWorry(*who),
        }
        try:
            made[what]().run()
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("It is kept."))
            return redirect(address(module, "worries_one", pk))
    return _worry_page(request, module, one, {what if what in forms else "day": form})


def _pair(module: Module, desk: WorryDesk, pair: Pair) -> dict[str, Any]:
    return {
        "pair": pair, "url": address(module, "worries_pair", pair.pk),
        "rows": [r | {"url": address(module, "worries_one", r["worry"].pk)}
                 for r in named([pair.first, pair.second], desk)],
    }  # fmt: skip


@in_module("worries", "worries.manage")
@require_GET
def same(request: HttpRequest, module: Module) -> HttpResponse:
    """List pairs that may be one worry, the likeliest first."""
    desk = desk_of(module)
    found = Pair.objects.filter(desk=desk, answer="").select_related("first", "second")
    page = Paginator(found.order_by("-score", "pk"), PER_PAGE).get_page(request.GET.get("page"))
    pairs = [_pair(module, desk, p) for p in page]
    return render(request, "worries/same.html", _context(request, module, page=page, pairs=pairs))


@in_module("worries", "worries.manage")
@require_POST
def answer_pair(request: HttpRequest, module: Module, pk: int) -> HttpResponse:
    """Join two worries, or keep them apart."""
    found = get_object_or_404(Pair, pk=pk, desk__module=module)
    one = "one" in request.POST
    done = _("They are joined.") if one else _("They stay apart.")
    _tried(request, AnswerPair(request.user, module.process.workspace, module, found, one), done)
    return redirect(address(module, "worries_same"))


@in_module("worries", "worries.manage")
@require_http_methods(["GET", "POST"])
def counted(request: HttpRequest, module: Module) -> HttpResponse:
    """Show the numbers as everybody would see them; count anew, publish, withdraw."""
    city, here = module.process.workspace, address(module, "worries_counted")
    if request.method == "POST":
        if "count" in request.POST:
            _tried(request, CountDesk(request.user, city, module), _("The worries are being counted."))
        else:
            withdraw = "withdraw" in request.POST
            done = _("They are withdrawn.") if withdraw else _("Everybody can see them now.")
            _tried(request, PublishNumbers(request.user, city, module, withdraw), done)
        return redirect(here)
    context = _context(request, module)
    desk = context["desk"]
    job = Job.objects.filter(kind=KIND, subject=desk.pk).order_by("-created_at").first()
    context |= {
        "workspace": city, "job": job, "place": jobs.queue_place(job) if job else 0,
        "failed": job.error if job is not None and job.state == Job.State.FAILED else "",
        "told": told(desk.shown, page_language()) if desk.shown else None,
        "waits_until": desk.published_at + PAUSE
        if desk.published_at and timezone.now() < desk.published_at + PAUSE else None,
        "fresh": bool(desk.counted_at and (not desk.published_at or desk.counted_at > desk.published_at)),
    }  # fmt: skip
    return render(request, "worries/counted.html", context)


@in_module("worries", "worries.manage")
@require_http_methods(["GET", "POST"])
def set_up(request: HttpRequest, module: Module) -> HttpResponse:
    """Choose languages, and whether programs may hand requests in."""
    context = _context(request, module)
    desk = context["desk"]
    initial = {"languages": ", ".join(desk.languages), "takes_requests": desk.takes_requests}
    form = SettingsForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        change = SetUpDesk(
            request.user, module.process.workspace, module, said["languages"].split(","),
            said["takes_requests"],
        )  # fmt: skip
        try:
            change.run()
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("It is kept."))
            return redirect(address(module, "worries_set_up"))
    return render(request, "worries/set_up.html", context | {"form": form})


@in_module("worries", "worries.manage")
@require_GET
def export(request: HttpRequest, module: Module) -> HttpResponse:
    """Give the worries as a file, row by row."""
    from isopolis.web.modules.consultation.exports import as_csv

    def lines() -> Any:
        yield as_csv([], COLUMNS)
        for row in rows(module):
            yield as_csv([{k: str(v) for k, v in row.items()}], COLUMNS).partition("\n")[2]

    answer = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="worries.csv"'
    return answer
