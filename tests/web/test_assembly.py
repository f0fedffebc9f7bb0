"""Assemblies drawn by lot on the platform: the pool under codes, a seed and a number in public, newcomers."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from isopolis.web.audit.models import AuditEvent
from isopolis.web.modules.actions import CreateProcess, EditProcess, PublishProcess
from isopolis.web.modules.assembly.actions import DrawNumber, PreparePool, PublishList, ReplacePeople
from isopolis.web.modules.assembly.models import Assembly, Volunteer
from isopolis.web.modules.assembly.privacy import RULES
from isopolis.web.modules.models import Module

from .test_pages import check
from .towns import work

PEOPLE = b"id,name,gender,age,home\n" + b"".join(
    f"n{i},Anna Somebody {i},{'fm'[i % 2]},{'oy'[i % 3 == 0]},{i // 2} Main Street\n".encode()
    for i in range(24)
)
QUOTAS = b"feature,value,min,max\ngender,f,3,5\ngender,m,3,5\nage,o,4,6\nage,y,2,4\n"
SEED = "dice 3 1 6 6 2 4"


@pytest.fixture
def module(city: Any, owner: Any) -> Module:
    start = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    made = CreateProcess(owner, city, "A citizens' assembly", "assembly", start).run()
    EditProcess(owner, city, made, made.title, "On the budget.").run()
    PublishProcess(owner, city, made).run()
    return Module.objects.get(process=made)


def prepare(user: Any, module: Module, **more: Any) -> Assembly:
    sent = {"size": 8, "people": PEOPLE, "quotas": QUOTAS} | more
    PreparePool(user, module.process.workspace, module, **sent).run()
    work()
    return Assembly.objects.get(module=module)


def drawn(user: Any, module: Module, **more: Any) -> Assembly:
    prepare(user, module, **more)
    city = module.process.workspace
    PublishList(user, city, module, SEED).run()
    DrawNumber(user, city, module, 417).run()
    return Assembly.objects.get(module=module)


# -- the way from volunteers to a panel ----------------------------------------------------------------
def test_an_officer_draws_an_assembly_on_the_pages(
    module: Module, staff: dict[str, Any], browse: Callable[[Any], Client]
) -> None:
    officer, anybody = browse(staff["participation_officer"]), Client()
    public = module.get_absolute_url()
    check(anybody.get(public), public)
    desk = f"{public}manage/"
    check(officer.get(desk), desk)
    data = {"size": 8, "objective": "leximin", "household": "home", "slack": 0}
    files = {"people": SimpleUploadedFile("p.csv", PEOPLE), "quotas": SimpleUploadedFile("q.csv", QUOTAS)}
    assert officer.post(f"{desk}prepare/", data | files).status_code == 302
    assert b"being searched" in officer.get(desk).content
    work()
    page = officer.get(desk)
    check(page, desk)
    assert "The fairest lottery is found" in page.content.decode()
    assert anybody.get(f"{public}panels.txt").status_code == 404
    assert officer.post(f"{desk}seed/", {"seed": SEED}).status_code == 302
    assert officer.post(f"{desk}number/", {"number": 417}).status_code == 302
    held = Assembly.objects.get(module=module)
    check(officer.get(desk), desk)
    text = anybody.get(f"{public}panels.txt").content.decode()
    assert hashlib.sha256(text.encode()).hexdigest() == held.list_digest
    panel = text.splitlines()[417].split()[1:]
    shown = anybody.get(public)
    check(shown, public)
    assert all(f"<code>{code}</code>" in shown.content.decode() for code in panel)
    gone = panel[1]
    answer = officer.post(f"{desk}replace/", {"gone": gone, "seed": "dice 1 1 1"})
    assert answer.status_code == 302, answer.content.decode()
    assert gone not in Assembly.objects.get(module=module).codes("drawn", "came")
    asked = anybody.get(public, {"code": "n3"}).content.decode()
    tickets = sum("n3" in line.split()[1:] for line in text.splitlines())
    assert f"on {tickets} of the 1,000" in asked
    assert "no such code" in anybody.get(public, {"code": "n99"}).content.decode()


def test_every_panel_of_the_public_list_keeps_quotas_and_households(module: Module, owner: Any) -> None:
    held = drawn(owner, module, household="home")
    people = {p.id: p for p in held.people()}
    lines = held.list_text.splitlines()
    assert len(lines) == 1000
    for line in lines:
        who = [people[code] for code in line.split()[1:]]
        assert len({p.household for p in who}) == 8
        for quota in held.bounds():
            count = sum(all(p.traits[a] == v for a, v in quota.traits) for p in who)
            assert quota.low <= count <= quota.high
    rows = Volunteer.objects.all()
    assert sum(r.tickets or 0 for r in rows) == 8000
    assert sum(r.chance or 0 for r in rows) == pytest.approx(8)
    assert [r.code for r in rows if r.seat] == sorted(lines[417].split()[1:], key=lambda c: int(c[1:]))


def test_names_and_addresses_are_not_kept(module: Module, owner: Any) -> None:
    drawn(owner, module, household="home")
    kept = str(list(Volunteer.objects.values())) + str(list(Assembly.objects.values()))
    assert "Anna" not in kept
    assert "Main Street" not in kept
    assert {len(r.household) for r in Volunteer.objects.all()} == {64}


def test_whoever_was_drawn_long_ago_is_forgotten(module: Module, owner: Any) -> None:
    drawn(owner, module)
    assert RULES[0].run(timezone.now(), False) == 0
    Assembly.objects.update(drawn_at=timezone.now() - timedelta(days=366))
    assert RULES[0].run(timezone.now(), False) == 24
    assert not Volunteer.objects.exists()
    check(Client().get(module.get_absolute_url()), "without volunteers")


def test_where_nobody_fits_no_seat_is_filled(module: Module, owner: Any) -> None:
    """Only young women could follow n0, and both live with somebody who stays on the panel."""
    held = drawn(owner, module, household="home")
    assert held.codes("drawn") == "n0 n5 n7 n13 n14 n17 n18 n23".split()
    with pytest.raises(ValidationError, match="Nobody in the pool fits"):
        ReplacePeople(owner, module.process.workspace, module, ["n0"], "dice 1").run()
    assert Assembly.objects.get(pk=held.pk).codes("drawn", "came") == held.codes("drawn")


def test_newcomers_keep_the_quotas_of_the_whole_panel(module: Module, owner: Any) -> None:
    held = drawn(owner, module)
    city, before = module.process.workspace, held.codes("drawn")
    ReplacePeople(owner, city, module, before[:3], "dice 5 5 5").run()
    held = Assembly.objects.get(pk=held.pk)
    now = held.codes("drawn", "came")
    assert len(now) == 8
    assert not set(before[:3]) & set(now)
    people = {p.id: p for p in held.people()}
    for quota in held.bounds():
        count = sum(all(people[c].traits[a] == v for a, v in quota.traits) for c in now)
        assert quota.low <= count <= quota.high
    assert held.changes[0]["left"] == sorted(before[:3])


# -- what cannot be changed any more, and who may ---------------------------------------------------------
def test_a_drawn_lot_stands(module: Module, owner: Any) -> None:
    held, city = drawn(owner, module), module.process.workspace
    for change, said in (
        (PublishList(owner, city, module, "another seed"), "Another seed is not possible"),
        (DrawNumber(owner, city, module, 1), "cannot be changed"),
        (PreparePool(owner, city, module, 8, "leximin", PEOPLE, QUOTAS), "list is public"),
        (ReplacePeople(owner, city, module, ["n99"], "dice 1"), "n99"),
    ):
        with pytest.raises(ValidationError, match=said):
            change.run()
    again = Assembly.objects.get(pk=held.pk)
    assert (again.seed, again.number, again.list_digest) == (SEED, 417, held.list_digest)


def test_steps_come_in_their_order(module: Module, owner: Any) -> None:
    city = module.process.workspace
    with pytest.raises(ValidationError, match="volunteers and the quotas first"):
        PublishList(owner, city, module, SEED).run()
    PreparePool(owner, city, module, 8, "leximin", PEOPLE, QUOTAS).run()
    with pytest.raises(ValidationError, match="not found yet"):
        PublishList(owner, city, module, SEED).run()
    work()
    with pytest.raises(ValidationError, match="list first"):
        DrawNumber(owner, city, module, 3).run()
    with pytest.raises(ValidationError, match="four characters"):
        PublishList(owner, city, module, " 1 ").run()
    PublishList(owner, city, module, SEED).run()
    with pytest.raises(ValidationError, match="0 to 999"):
        DrawNumber(owner, city, module, 1000).run()


def test_a_draft_has_no_public_draw(city: Any, owner: Any) -> None:
    made = CreateProcess(owner, city, "Draft", "assembly").run()
    module = Module.objects.get(process=made)
    prepare(owner, module)
    with pytest.raises(ValidationError, match="draw is public"):
        PublishList(owner, city, module, SEED).run()
    assert Client().get(module.get_absolute_url()).status_code == 404


def test_only_officers_of_the_city_draw(
    module: Module, staff: dict[str, Any], browse: Callable[[Any], Client]
) -> None:
    desk = f"{module.get_absolute_url()}manage/"
    for role in ("resident", "moderator", "analyst", "viewer", "policy_officer", "stranger"):
        assert browse(staff[role]).get(desk).status_code in (403, 404), role
        with pytest.raises(PermissionDenied):
            PreparePool(staff[role], module.process.workspace, module, 8, "leximin", PEOPLE, QUOTAS).run()
    assert Client().get(desk).status_code == 302


def test_a_module_of_another_city_is_not_touched(module: Module, person: Callable[..., Any]) -> None:
    from isopolis.web.workspaces.actions import CreateWorkspace

    other = person("other")
    city = CreateWorkspace(other, "Othertown").run()
    with pytest.raises((ValidationError, PermissionDenied)):
        PreparePool(other, city, module, 8, "leximin", PEOPLE, QUOTAS).run()


# -- wrong input -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"people": b""}, "no rows"),
        ({"people": PEOPLE.replace(b"n3,", b"anna@example.org,")}, "without the sign @"),
        ({"people": PEOPLE.replace(b"n3,", b"Anna Maria,")}, "without blanks"),
        ({"people": PEOPLE.replace(b"gender", b"sex")}, "no column"),
        ({"quotas": b"feature,value,min,max\ngender,f,9,3\n"}, "above the upper bound"),
        ({"size": 25}, "25"),
        ({"household": "street"}, "street"),
        ({"objective": "fair"}, "fairest"),
        ({"people": b"x" * 2_000_001}, "too large"),
    ],
)
def test_wrong_tables_are_refused_in_words(
    module: Module, owner: Any, more: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValidationError, match=said):
        prepare(owner, module, **more)
    assert not Volunteer.objects.exists()


def test_quotas_that_cannot_be_met_are_answered_with_the_smallest_change(
    module: Module, owner: Any, browse: Callable[[Any], Client]
) -> None:
    held = prepare(owner, module, quotas=QUOTAS.replace(b"f,3,5", b"f,6,8").replace(b"m,3,5", b"m,3,3"))
    assert held.solved is None
    assert "smallest changes" in held.trouble
    page = browse(owner).get(f"{module.get_absolute_url()}manage/")
    assert "in the place of" in page.content.decode()


def test_the_log_holds_numbers_and_no_codes(module: Module, owner: Any) -> None:
    drawn(owner, module)
    said = str(list(AuditEvent.objects.filter(verb__startswith="assembly.").values()))
    assert "assembly.draw" in said
    assert "n3" not in said
    assert SEED not in said


def test_who_came_is_counted_once(module: Module, owner: Any) -> None:
    from isopolis.web.participation.counting import counted

    drawn(owner, module)
    assert counted([module])[module.pk] == {("import", ""): 24}
