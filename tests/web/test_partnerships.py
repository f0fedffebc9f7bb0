"""The level above cities: what is shared is seen by its members, and nothing else by anybody."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from isopolis.web.diagnoses import store
from isopolis.web.partnerships.actions import (
    AcceptForCity,
    AcceptForPerson,
    CreatePartnership,
    InviteToPartnership,
    LeavePartnership,
    RemoveCity,
    RemovePerson,
    ShareFindings,
    TakeCityOut,
    UnshareFindings,
)
from isopolis.web.partnerships.models import PartnershipCity, PartnershipMembership, Share
from isopolis.web.workspaces.actions import AddMember, CreateWorkspace

from .test_pages import check
from .towns import diagnosed


def token_of(action: Any) -> str:
    return action.path.rstrip("/").rsplit("/", 1)[-1]


def invite(coordinator: Any, partnership: Any, email: str, kind: str) -> str:
    action = InviteToPartnership(coordinator, partnership, email, kind)
    action.run()
    return token_of(action)


@pytest.fixture
def two(owner: Any, city: Any, person: Any) -> SimpleNamespace:
    """A coordinator of a partnership with two cities; the first has a diagnosis."""
    chair, second = person("chair"), person("second")
    othertown = CreateWorkspace(second, "Othertown").run()
    partnership = CreatePartnership(chair, "Ten cities", "We learn.").run()
    for user, town in ((owner, city), (second, othertown)):
        AcceptForCity(user, invite(chair, partnership, user.email, "city"), town).run()
    return SimpleNamespace(
        chair=chair, owner=owner, second=second, city=city, othertown=othertown, all=partnership,
        job=diagnosed(owner, city),
    )  # fmt: skip


def sentence(job: Any) -> str:
    """Put a headline into the diagnosis of the small example city, which has none, and return its words."""
    path = store.result_folder(job) / "pages" / "overview.json"
    kept = json.loads(path.read_text(encoding="utf-8"))
    said = "People born abroad live together more than chance would have it"
    kept["headlines"] = [{"subject": said, "sentence": "In Testville.", "small": "", "number": 0}]
    path.write_text(json.dumps(kept), encoding="utf-8")
    return said


def test_nothing_is_seen_until_it_is_shared_and_after_it_was_taken_back(
    two: Any, browse: Callable[[Any], Client], person: Any
) -> None:
    secret, path = sentence(two.job), two.all.get_absolute_url()
    assert secret
    seers = [two.chair, two.owner, two.second]

    def seen() -> list[bool]:
        return [secret in browse(u).get(path).content.decode() for u in seers]

    assert seen() == [False, False, False]
    share = ShareFindings(two.owner, two.city, two.job, two.all).run()
    assert seen() == [True, True, True]
    for user in (person("stranger"),):
        assert browse(user).get(path).status_code == 404
    UnshareFindings(two.owner, two.city, share).run()
    assert seen() == [False, False, False]


def test_a_coordinator_sees_no_workspace(two: Any, browse: Callable[[Any], Client]) -> None:
    ShareFindings(two.owner, two.city, two.job, two.all).run()
    client = browse(two.chair)
    for path in (
        "",
        f"diagnoses/{two.job.pk}/",
        "members/",
        "partnerships/",
        f"diagnoses/{two.job.pk}/findings/0/",
    ):
        assert client.get(f"/w/{two.city.slug}/{path}").status_code == 404


def test_sharing_is_for_one_partnership(two: Any, browse: Callable[[Any], Client], person: Any) -> None:
    other_chair = person("otherchair")
    other = CreatePartnership(other_chair, "Others", "").run()
    ShareFindings(two.owner, two.city, two.job, two.all).run()
    with pytest.raises(ValidationError, match="not in this partnership"):
        ShareFindings(two.owner, two.city, two.job, other).run()
    AcceptForCity(two.owner, invite(other_chair, other, two.owner.email, "city"), two.city).run()
    assert sentence(two.job) not in browse(other_chair).get(other.get_absolute_url()).content.decode()


def test_only_an_owner_shares_and_only_the_own_citys(two: Any, person: Any) -> None:
    analyst = person("analyst")
    AddMember(two.owner, two.city, analyst.email, "analyst").run()
    for user in (analyst, two.chair, two.second):
        with pytest.raises(PermissionDenied):
            ShareFindings(user, two.city, two.job, two.all).run()
    with pytest.raises(ValidationError, match="another workspace"):
        ShareFindings(two.second, two.othertown, two.job, two.all).run()
    assert not Share.objects.exists()


@pytest.mark.parametrize("how", ["leaves", "removed"])
def test_a_city_that_goes_takes_everything_along(two: Any, browse: Callable[[Any], Client], how: str) -> None:
    ShareFindings(two.owner, two.city, two.job, two.all).run()
    membership = PartnershipCity.objects.get(workspace=two.city)
    if how == "leaves":
        TakeCityOut(two.owner, two.city, membership).run()
    else:
        RemoveCity(two.chair, two.all, membership).run()
    assert not Share.objects.exists()
    assert browse(two.owner).get(two.all.get_absolute_url()).status_code == 404
    assert "Testville" not in browse(two.chair).get(two.all.get_absolute_url()).content.decode()


def test_an_invitation_is_for_one_address_once_and_for_its_kind(two: Any, person: Any) -> None:
    guest, thief = person("guest"), person("thief")
    town = CreateWorkspace(thief, "Thieftown").run()
    token = invite(two.chair, two.all, guest.email, "coordinator")
    with pytest.raises(ValidationError, match="another e-mail"):
        AcceptForPerson(thief, token).run()
    with pytest.raises(ValidationError, match="not work"):
        AcceptForCity(guest, token, CreateWorkspace(guest, "Guesttown").run()).run()
    AcceptForPerson(guest, token).run()
    assert two.all.role_of(guest) == "coordinator"
    with pytest.raises(ValidationError, match="not work"):
        AcceptForPerson(guest, token).run()
    city_token = invite(two.chair, two.all, guest.email, "city")
    with pytest.raises(PermissionDenied):
        AcceptForCity(guest, city_token, town).run()


def test_who_has_no_account_gets_the_same_answer(two: Any, browse: Callable[[Any], Client]) -> None:
    said = []
    for email in (two.second.email, "nobody@example.org"):
        path = f"{two.all.get_absolute_url()}manage/"
        answer = browse(two.chair).post(path, {"email": email, "kind": "reader"})
        said.append((answer.status_code, answer.headers["Location"]))
    assert said[0] == said[1]


def test_the_last_coordinator_stays(two: Any) -> None:
    mine = PartnershipMembership.objects.get(user=two.chair)
    with pytest.raises(PermissionDenied, match="coordinator"):
        LeavePartnership(two.chair, two.all).run()
    with pytest.raises(ValidationError, match="coordinator"):
        RemovePerson(two.chair, two.all, mine).run()


def test_a_resident_of_a_member_city_sees_nothing(
    two: Any, person: Any, browse: Callable[[Any], Client]
) -> None:
    for role in ("resident", "moderator"):
        someone = person(role)
        AddMember(two.owner, two.city, someone.email, role).run()
        assert browse(someone).get(two.all.get_absolute_url()).status_code == 404


def test_the_pages(two: Any, browse: Callable[[Any], Client]) -> None:
    base = two.all.get_absolute_url()
    mine = PartnershipCity.objects.get(workspace=two.city)
    client = browse(two.owner)
    client.post(f"/w/{two.city.slug}/partnerships/{mine.pk}/share/", {"job": two.job.pk, "share": ""})
    assert Share.objects.count() == 1
    for user, paths in (
        (two.chair, ["/partnerships/", "/partnerships/new/", base, f"{base}manage/", f"{base}leave/"]),
        (
            two.owner,
            ["/partnerships/", base, f"/w/{two.city.slug}/partnerships/", f"/w/{two.city.slug}/settings/"],
        ),
    ):
        for path in paths:
            answer = browse(user).get(path)
            assert answer.status_code == 200, path
            check(answer, path)
    client.post(f"/w/{two.city.slug}/partnerships/{mine.pk}/share/", {"job": two.job.pk, "take_back": ""})
    assert not Share.objects.exists()
    client.post(f"/w/{two.city.slug}/partnerships/{mine.pk}/share/", {"job": two.job.pk, "take_back": ""})
    assert not Share.objects.exists(), "a second click must not share it again"
    answer = client.post(f"/w/{two.city.slug}/partnerships/{mine.pk}/share/", {"job": "nonsense"})
    assert answer.status_code == 404
