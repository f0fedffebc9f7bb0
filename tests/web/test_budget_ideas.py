"""Ideas for a budget of residents: rules, proposing online and on paper, changing, withdrawing, finding."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from isopolis.engage.worries.duplicates import likeness
from isopolis.web.accounts.models import User
from isopolis.web.audit.models import AuditEvent
from isopolis.web.modules.blueprints import blueprint
from isopolis.web.modules.budget import ideas_actions
from isopolis.web.modules.budget import similar as similar_module
from isopolis.web.modules.budget.forms import RulesForm
from isopolis.web.modules.budget.ideas_actions import EditIdea, EnterIdea, HandIn, WithdrawIdea
from isopolis.web.modules.budget.models import Budget, Idea, IdeaVersion, packed, unpacked
from isopolis.web.modules.budget.money import shown, units_in, units_of
from isopolis.web.modules.budget.privacy import RULES as LIMITS
from isopolis.web.modules.budget.rules_actions import SaveRules
from isopolis.web.modules.models import Module, Process
from isopolis.web.participation.models import Participation
from isopolis.web.protect.erasure import erase

from .budgets import RULES, SHADE, at_phase, budget_module, on_paper, propose, resident
from .test_pages import check

ARABIC = {
    "title": "مقاعد في ظل الأشجار",
    "text": "لا يوجد مكان للجلوس قرب موقف الحافلات. نحتاج إلى مقاعد في الظل.",
    "language": "ar",
}


@pytest.fixture
def module(city: Any, owner: Any) -> Module:
    return budget_module(owner, city)


def counted(module: Module) -> dict[tuple[str, str], int]:
    out: dict[tuple[str, str], int] = {}
    for row in Participation.objects.filter(module=module):
        out[row.channel, row.cell] = out.get((row.channel, row.cell), 0) + row.people
    return out


def form_of(fields: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in fields.items() if v is not None}


# -- money -------------------------------------------------------------------------------------------------
@settings(max_examples=40)
@given(st.integers(0, 2**50), st.sampled_from([1, 100]))
def test_an_amount_is_read_as_it_is_written(units: int, scale: int) -> None:
    text = shown(units, scale, "EUR").replace("\u00a0EUR", "").replace(",", "")
    assert units_in(text, scale) == units


@pytest.mark.parametrize(
    "text", ["1,234,5", "1e5", "-3", "", "NaN", "12.345", "٣٫٥", "1" * 40, "0x10", "1_000"]
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="amount"):
        units_in(text, 100)


def test_an_amount_with_too_many_digits_is_refused() -> None:
    assert units_of(Decimal("0.10"), 100) == 10
    assert units_of(Decimal("7E+3"), 1) == 7000
    for wrong in (Decimal("0.5"), Decimal("-1"), Decimal("NaN"), Decimal("Infinity"), Decimal("1e30")):
        with pytest.raises(ValidationError):
            units_of(wrong, 1)


# -- rules -------------------------------------------------------------------------------------------------
def test_the_blueprint_has_every_phase_of_a_budget() -> None:
    plan = blueprint("budget")
    assert plan is not None
    (part,) = plan.modules
    assert [p.kind for p in part.phases] == ["ideas", "checks", "fair", "vote", "result", "delivery"]


def test_rules_are_kept_and_shown_again(module: Module, staff: dict[str, Any], browse: Any) -> None:
    held = Budget.objects.get(module=module)
    assert (held.money, held.most_each, held.scale) == (10_000_000, 4_000_000, 100)
    assert held.zones == [["N", "North"], ["S", "South"]]
    assert held.examples == [["a bench", 120_000]]
    assert held.card["rule"] == "equal_shares"
    assert held.card["lot_seed"] == "dice 3 1 6 6"
    officer, address = browse(staff["participation_officer"]), f"{module.get_absolute_url()}manage/rules/"
    page = officer.get(address)
    check(page, address)
    assert "100000.00" in page.content.decode()
    # what stands there is taken again as it is, a deeper rule card too
    held.card |= {"cap": "3"}
    held.limits = {"max_length": 5}
    held.save()
    form = RulesForm.of(held, module)
    data = {k: v for k, v in form.initial.items() if v is not None}
    assert officer.post(address, data).status_code == 302
    after = Budget.objects.get(pk=held.pk)
    assert (after.card, after.limits, after.money) == (held.card, held.limits, held.money)


def test_everything_that_is_wrong_with_rules_is_said_at_once(module: Module, owner: Any) -> None:
    wrong = {
        "money": Decimal(100), "most_each": Decimal(200), "ideas_each": 0, "ballot": "cumulative",
        "min_length": 5, "max_length": 2, "zones": "N; North\nN; Again\n; nobody",
        "examples": "a bench; dear\n; 5",
        "card": '{"floors": [{"money": "10", "place": "W"}]}', "currency": "",
    }  # fmt: skip
    with pytest.raises(ValidationError) as told:
        SaveRules(owner, module.process.workspace, module, RULES | wrong).run()
    said = " ".join(told.value.messages)
    for part in (
        "more than the whole budget", "1 to 50 ideas", "how many points", "cannot need more projects",
        "code N stands there twice", "Line 3 of the neighbourhoods", "Line 1 of the examples",
        "Line 2 of the examples", "W is none of the neighbourhoods", "Write the currency",
    ):  # fmt: skip
        assert part in said, said
    assert Budget.objects.get(module=module).money == 10_000_000


def test_a_strange_rule_card_is_refused_with_words(module: Module, owner: Any) -> None:
    for card in (
        "[]", "{", '"x"', '{"floors": 3}', '{"floors": [{"money": {}}]}', '{"shares": []}', '{"step": null}',
        '{"floors": [{"money": "5", "place": []}]}', '{"cap": "0"}', '{"version": 9}', '{"nothing": 1}',
        '{"lot_order": ["a"]}', '{"attribute": ["x"]}', '{"ties": "x\\u0000"}', '{"min_score": 1e999}',
        "[" * 5000,
    ):  # fmt: skip
        with pytest.raises(ValidationError) as told:
            SaveRules(owner, module.process.workspace, module, RULES | {"card": card}).run()
        assert "Rule card" in told.value.messages[0], card


def test_rules_do_not_change_what_ideas_mean(module: Module, owner: Any, person: Any) -> None:
    propose(resident(person, module, "ada"), module)
    with pytest.raises(ValidationError) as told:
        SaveRules(
            owner, module.process.workspace, module, RULES | {"currency": "PLN", "zones": "S; South"}
        ).run()
    assert "currency can no longer" in " ".join(told.value.messages)
    assert "neighbourhood N" in " ".join(told.value.messages)


def test_before_the_rules_are_set_nothing_is_taken(
    module: Module, person: Any, owner: Any, browse: Any
) -> None:
    Budget.objects.all().delete()
    address = module.get_absolute_url()
    check(Client().get(address), address)
    check(browse(owner).get(f"{address}manage/"), "desk")
    with pytest.raises(ValidationError, match="not set up"):
        propose(resident(person, module, "ada"), module)


# -- proposing online --------------------------------------------------------------------------------------
def test_a_resident_proposes_on_the_pages(
    module: Module, person: Any, browse: Callable[[Any], Client]
) -> None:
    ada = resident(person, module, "ada")
    site, address = browse(ada), module.get_absolute_url()
    page = site.get(f"{address}ideas/new/")
    check(page, "propose")
    text = page.content.decode()
    assert "Streets and parks, no taxes." in text
    assert "1,200" in text
    sent = SHADE | {"home_zone": "S"}
    answer = site.post(f"{address}ideas/new/", sent)
    assert answer.status_code == 302, answer.content.decode()
    idea = Idea.objects.get()
    assert (idea.number, idea.state, idea.asked, idea.zone) == (1, "submitted", 1_250_050, "N")
    assert unpacked(idea.topics) == ["green", "climate"]
    assert counted(module) == {("web", "S"): 1}
    for url in (address, idea.get_absolute_url()):
        for client in (site, Client()):
            shown_page = client.get(url)
            check(shown_page, url)
            assert "Trees for the market square" in shown_page.content.decode()
    assert "12,500.50\u00a0EUR" in Client().get(idea.get_absolute_url()).content.decode()
    told = AuditEvent.objects.filter(verb="idea.add").get()
    assert "ada" not in str(told.detail)
    assert "Trees" not in str(told.detail)


def test_an_idea_in_arabic_keeps_its_language(module: Module, person: Any, browse: Any) -> None:
    site = browse(resident(person, module, "leila"))
    site.cookies["django_language"] = "en"
    site.post(f"{module.get_absolute_url()}ideas/new/", form_of(ARABIC))
    page = Client().get(module.get_absolute_url()).content.decode()
    assert f'lang="ar" dir="auto">{ARABIC["title"]}</a>' in page
    whole = Client().get(Idea.objects.get().get_absolute_url()).content.decode()
    assert '<h1 lang="ar" dir="auto">' in whole
    assert f'<div lang="ar" dir="auto"><p>{ARABIC["text"]}' in whole


EVIL = "<script>alert(1)</script>"


def test_scripts_in_an_idea_come_out_as_text(module: Module, owner: Any, person: Any, browse: Any) -> None:
    """On every page that shows an idea, to residents and to the city."""
    ada = resident(person, module, "ada")
    fields = {
        "title": f"Trees {EVIL}",
        "text": f'{EVIL}<img src=x onerror=alert(2)> "quoted" \u202eturned and more',
        "place": f"{EVIL}", "language": '"><script>',
    }  # fmt: skip
    idea = propose(ada, module, **fields)
    EditIdea(ada, module.process.workspace, idea, fields=SHADE | fields | {"title": f"Other {EVIL}"}).run()
    base = module.get_absolute_url()
    pages = [
        base,
        f"{base}ideas/1/",
        f"{base}ideas/1/withdraw/",
        f"{base}ideas/1/report/",
        f"{base}ideas/1/edit/",
    ]
    desks = [f"{base}manage/", f"{base}manage/ideas/1/", f"{base}ideas/1/moderate/"]
    for client, urls in ((browse(ada), pages), (Client(), pages[:2]), (browse(owner), desks)):
        for url in urls:
            page = client.get(url)
            check(page, url)
            text = page.content.decode()
            assert EVIL not in text, url
            assert "<img src=x" not in text, url
            assert "\u202e" not in text, url
    assert "&lt;script&gt;alert(1)" in Client().get(pages[1]).content.decode()


def test_similar_ideas_are_shown_once_before_one_is_taken(module: Module, person: Any, browse: Any) -> None:
    propose(resident(person, module, "ada"), module)
    site = browse(resident(person, module, "ben"))
    again = form_of(SHADE | {"title": "Trees on the market square"})
    address = f"{module.get_absolute_url()}ideas/new/"
    first = site.post(address, again)
    check(first, "similar")
    assert "These ideas are there already" in first.content.decode()
    assert 'name="seen" value="1"' in first.content.decode()
    assert Idea.objects.count() == 1
    assert site.post(address, again | {"seen": "1"}).status_code == 302
    other = {"title": "Warm lunch for schools", "text": "Children of every school get a hot meal at noon."}
    assert site.post(address, other).status_code == 302
    assert Idea.objects.count() == 3


def test_likeness_is_one_for_the_same_and_little_for_another() -> None:
    same, near, far = likeness(
        "Trees for the market square",
        ["Trees for the market square", "More trees on market square", "Hot meals"],
    )
    assert same == pytest.approx(1)
    assert far < 0.1 < near < same
    assert likeness("x", []).tolist() == []
    assert likeness("", ["a", ""])[0] == 0


def test_only_so_many_ideas_are_compared(module: Module, person: Any, monkeypatch: Any) -> None:
    ada = resident(person, module, "ada")
    propose(ada, module)
    propose(ada, module, title="Another thing", text="A bridge over the river for people who walk.")
    monkeypatch.setattr(similar_module, "COMPARED", 1)
    budget = Budget.objects.get(module=module)
    assert similar_module.similar(budget, f"{SHADE['title']} {SHADE['text']}") == []


def test_what_cannot_be_taken_is_said_at_once(module: Module, person: Any, browse: Any) -> None:
    ada = resident(person, module, "ada")
    with pytest.raises(ValidationError) as told:
        propose(
            ada, module, title=" ", text="short", zone="X", topics=["green", "play", "care", "other"],
            asked=Decimal(50_000),
        )  # fmt: skip
    said = " ".join(told.value.messages)
    for part in ("title", "20 to 4000 characters; it has 5", "at most 3 topics", "neighbourhoods", "40,000"):
        assert part in said
    page = browse(ada).post(
        f"{module.get_absolute_url()}ideas/new/", {"title": "x", "text": "short", "asked": "dear"}
    )
    check(page, "wrong")
    assert Idea.objects.count() == 0
    assert counted(module) == {}


def test_who_proposes_needs_a_name_and_a_phase(
    module: Module, person: Any, owner: Any, city: Any, staff: dict[str, Any]
) -> None:
    with pytest.raises(ValidationError, match="take part first"):
        propose(owner, module)
    with pytest.raises(PermissionDenied, match="take part"):
        propose(person("stranger2"), module)
    ada = resident(person, module, "ada")
    at_phase(module, "checks")
    with pytest.raises(PermissionDenied, match="Proposals closed"):
        propose(ada, Module.objects.get(pk=module.pk))
    Process.objects.update(state="archived")
    with pytest.raises(PermissionDenied):
        propose(ada, Module.objects.get(pk=module.pk))


def test_nobody_proposes_more_than_the_rules_allow(module: Module, person: Any, monkeypatch: Any) -> None:
    ada = resident(person, module, "ada")
    made = [propose(ada, module, title=f"Idea {n}") for n in range(3)]
    with pytest.raises(ValidationError, match="3 ideas here"):
        propose(ada, module)
    WithdrawIdea(ada, module.process.workspace, made[0]).run()
    assert propose(ada, module).number == 4
    assert counted(module) == {("web", ""): 1}, "one person, however many ideas"
    Budget.objects.update(ideas_each=50)
    propose(ada, module)
    with pytest.raises(ValidationError, match="ten minutes"):
        propose(ada, module)
    monkeypatch.setattr(ideas_actions, "MOST_PER_DAY", 5)
    with pytest.raises(ValidationError, match="tomorrow"):
        propose(ada, module)
    monkeypatch.setattr(ideas_actions, "MOST_VERSIONS", 1)
    EditIdea(ada, module.process.workspace, made[1], fields=SHADE | {"title": "Once"}).run()
    with pytest.raises(ValidationError, match="many times"):
        EditIdea(ada, module.process.workspace, made[1], fields=SHADE | {"title": "Twice"}).run()


def test_a_draft_is_its_authors_until_it_is_handed_in(module: Module, person: Any, browse: Any) -> None:
    ada = resident(person, module, "ada")
    site, base = browse(ada), module.get_absolute_url()
    site.post(f"{base}ideas/new/", form_of(SHADE) | {"draft": "1"})
    draft = Idea.objects.get()
    assert (draft.state, draft.submitted_at) == ("draft", None)
    assert counted(module) == {}
    url = draft.get_absolute_url()
    check(site.get(url), url)
    check(site.get(f"{url}edit/"), "edit")
    for client in (Client(), browse(resident(person, module, "ben"))):
        assert client.get(url).status_code == 404
        assert SHADE["title"] not in client.get(base).content.decode()
        assert client.post(f"{url}withdraw/").status_code in (302, 404)
    assert Idea.objects.get().state == "draft"
    assert (
        site.post(f"{url}edit/", form_of(SHADE | {"title": "Twelve trees"}) | {"draft": "1"}).status_code
        == 302
    )
    assert (Idea.objects.get().title, Idea.objects.get().state) == ("Twelve trees", "draft")
    assert not IdeaVersion.objects.exists(), "a draft is nobody's business"
    assert site.post(f"{url}edit/", form_of(SHADE) | {"home_zone": "N"}).status_code == 302
    assert Idea.objects.get().state == "submitted"
    assert counted(module) == {("web", "N"): 1}


def test_a_draft_of_somebody_else_cannot_be_handed_in(module: Module, person: Any) -> None:
    ada, ben = resident(person, module, "ada"), resident(person, module, "ben")
    draft = HandIn(ada, module.process.workspace, module, SHADE, True).run()
    with pytest.raises(ValidationError, match="already"):
        HandIn(ben, module.process.workspace, module, SHADE, False, draft).run()
    handed = HandIn(ada, module.process.workspace, module, SHADE, False, draft).run()
    with pytest.raises(ValidationError, match="already"):
        HandIn(ada, module.process.workspace, module, SHADE, False, handed).run()


# -- changing and withdrawing ------------------------------------------------------------------------------
def test_an_idea_is_changed_for_an_hour_and_what_it_said_stays(
    module: Module, person: Any, browse: Any
) -> None:
    ada = resident(person, module, "ada")
    idea, city = propose(ada, module), module.process.workspace
    url = idea.get_absolute_url()
    check(browse(ada).get(f"{url}edit/"), "edit")
    assert browse(ada).post(f"{url}edit/", form_of(SHADE | {"title": "Twenty trees"})).status_code == 302
    (old,) = IdeaVersion.objects.all()
    assert (old.title, old.repair) == (SHADE["title"], False)
    page = Client().get(url)
    check(page, url)
    assert "What it said before" in page.content.decode()
    later = timezone.now() + timedelta(minutes=61)
    idea = Idea.objects.get()
    with pytest.raises(PermissionDenied, match="no longer be changed"):
        EditIdea(ada, city, idea, later, fields=SHADE).run()
    with pytest.raises(PermissionDenied, match="Only who wrote"):
        EditIdea(resident(person, module, "ben"), city, idea, fields=SHADE).run()


def test_a_withdrawn_idea_is_gone_for_everybody(module: Module, person: Any, browse: Any) -> None:
    ada = resident(person, module, "ada")
    idea = propose(ada, module)
    EditIdea(ada, module.process.workspace, idea, fields=SHADE | {"title": "Twenty"}).run()
    url, site = idea.get_absolute_url(), browse(ada)
    check(site.get(f"{url}withdraw/"), "withdraw")
    ben = browse(resident(person, module, "ben"))
    assert ben.get(f"{url}withdraw/").status_code == 404
    assert ben.post(f"{url}withdraw/").status_code == 404
    assert site.post(f"{url}withdraw/").status_code == 302
    kept = Idea.objects.get()
    assert (kept.title, kept.text, kept.state) == ("", "", "withdrawn")
    assert not IdeaVersion.objects.exists()
    assert Client().get(url).status_code == 404
    check(site.get(url), url)
    check(site.post(f"{url}withdraw/"), "twice")


# -- paper -------------------------------------------------------------------------------------------------
def test_an_idea_on_paper_counts_like_any_other(module: Module, staff: dict[str, Any], browse: Any) -> None:
    site, base = browse(staff["participation_officer"]), module.get_absolute_url()
    check(site.get(f"{base}ideas/enter/"), "enter")
    sent = form_of(SHADE) | ARABIC | {"channel": "paper", "home_zone": "N"}
    assert site.post(f"{base}ideas/enter/", sent).status_code == 302
    assert site.post(f"{base}ideas/enter/", sent | {"channel": "assisted", "again": "on"}).status_code == 302
    first, second = Idea.objects.order_by("number")
    assert (first.author, first.channel, first.language, first.state) == (None, "paper", "ar", "submitted")
    assert second.channel == "assisted"
    assert counted(module) == {("paper", "N"): 1}
    page = Client().get(first.get_absolute_url())
    check(page, "paper")
    assert "on paper" in page.content.decode()
    for who in ("resident", "viewer", "moderator", "policy_officer"):
        assert browse(staff[who]).post(f"{base}ideas/enter/", sent).status_code == 403
    with pytest.raises(ValidationError, match="way by which"):
        EnterIdea(staff["owner"], module.process.workspace, module, SHADE, "web").run()


# -- the list ----------------------------------------------------------------------------------------------
def test_the_list_is_filtered_and_paged(module: Module, owner: Any) -> None:
    budget = Budget.objects.get(module=module)
    now = timezone.now()
    Idea.objects.bulk_create(
        Idea(
            budget=budget, number=n, title=f"Idea number {n:03}", text="x" * 30, state="submitted",
            zone="NS"[n % 2], topics=packed(["green"] if n % 3 else ["play"]), created_at=now,
        )
        for n in range(1, 51)
    )  # fmt: skip
    base = module.get_absolute_url()

    def seen(query: str) -> set[int]:
        page = Client().get(f"{base}?{query}")
        check(page, query)
        text = page.content.decode()
        return {n for n in range(1, 51) if f"Idea number {n:03}" in text}

    assert seen("") == set(range(31, 51))
    assert seen("page=3") == set(range(1, 11))
    odd = [n for n in range(50, 0, -1) if n % 2]
    assert seen("zone=S") == set(odd[:20])
    assert seen("zone=S&page=2") == set(odd[20:])
    assert "zone=S&amp;page=2" in Client().get(f"{base}?zone=S").content.decode()
    assert seen("topic=play") == {n for n in range(1, 51) if n % 3 == 0}
    assert seen("state=accepted") == set()
    assert seen("zone=-") == set()
    assert seen("zone=%22%3E%3Cscript%3E&topic=%25&state=x") == set()
    assert len(Client().get(base).content) < 60_000


def test_a_list_asks_the_database_a_few_times_only(
    module: Module, person: Any, django_assert_max_num_queries: Any
) -> None:
    ada = resident(person, module, "ada")
    for n in range(3):
        propose(ada, module, title=f"Idea {n}")
    on_paper(module.process.workspace.membership_set.get(role="owner").user, module)
    with django_assert_max_num_queries(14):
        Client().get(module.get_absolute_url())


# -- data protection ---------------------------------------------------------------------------------------
def test_an_erased_account_leaves_the_idea_without_a_name(module: Module, person: Any) -> None:
    ada = resident(person, module, "ada")
    propose(ada, module, place="At my door")
    HandIn(ada, module.process.workspace, module, SHADE | {"title": "Secret draft"}, True).run()
    idea = Idea.objects.get(number=1)
    EditIdea(
        ada, module.process.workspace, idea, fields=SHADE | {"title": "Later", "place": "At my door"}
    ).run()
    erase(User.objects.get(pk=ada.pk))
    idea = Idea.objects.get(number=1)
    assert (idea.title, idea.place) == ("Later", "")
    assert idea.author is None or (idea.author.user_id, idea.author.shown_as) == (None, "")
    page = Client().get(idea.get_absolute_url()).content.decode()
    assert "ada of" not in page
    assert not IdeaVersion.objects.exists()
    assert LIMITS[0].run(timezone.now(), False) == 1, "a draft without its author goes"
    assert list(Idea.objects.values_list("number", flat=True)) == [1]
