"""Answers that come late, many at once, or by a way that few took, give nobody away."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from isopolis.web.ballots.roll import Person
from isopolis.web.modules.surveys import box, exports
from isopolis.web.modules.surveys.actions import CountResults, LoadRoll, MakeLetters, SetAccess
from isopolis.web.modules.surveys.entries import BringMany
from isopolis.web.modules.surveys.models import Answer, RollEntry, Survey, Version, Waiting
from isopolis.web.modules.surveys.tasks import THRESHOLD
from isopolis.web.participation.counting import counted

from ..towns import work
from .test_results import answers, over, taken


def channels(survey: Survey) -> dict[str, int]:
    version = Version.objects.get(survey=survey, state="open")
    told = [r["channel"] for r in csv.DictReader(io.StringIO(exports.answers_csv(version)))]
    assert sorted(told) == sorted(str(r["channel"]) for r in exports.rows(survey.module))
    return {c: told.count(c) for c in sorted(set(told))}


def entered(survey: Survey, **people: int) -> None:
    for channel, n in people.items():
        taken(survey, answers(n), channel)
    box.flush(survey)


# -- the way by which few came -----------------------------------------------------------------------------
def test_a_way_that_few_took_is_not_told(survey: Survey) -> None:
    entered(survey, web=THRESHOLD, paper=THRESHOLD - 1, phone=1)
    assert channels(survey) == {"": THRESHOLD, "web": THRESHOLD}


def test_a_single_hidden_way_takes_the_next_one_along(survey: Survey) -> None:
    entered(survey, web=THRESHOLD + 5, paper=THRESHOLD, phone=1)
    assert channels(survey) == {"": THRESHOLD + 1, "web": THRESHOLD + 5}


def test_ways_of_many_are_told(survey: Survey) -> None:
    entered(survey, web=THRESHOLD + 1, paper=THRESHOLD)
    assert channels(survey) == {"paper": THRESHOLD, "web": THRESHOLD + 1}


def test_exports_can_be_imported_first() -> None:
    code = "import django; django.setup(); import isopolis.web.modules.surveys.exports"
    environ = os.environ | {"DJANGO_SETTINGS_MODULE": "isopolis.web.settings"}
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, timeout=60, env=environ)


# -- late paper --------------------------------------------------------------------------------------------
def counted_again(survey: Survey, owner: Any, city: Any) -> int:
    CountResults(owner, city, survey.module).run()
    done = work()
    assert [j.state for j in done] == ["done"], [j.error for j in done]
    return Answer.objects.count()


def test_late_paper_waits_for_others(survey: Survey, owner: Any, city: Any) -> None:
    taken(survey, answers(15))
    over(survey)
    assert counted_again(survey, owner, city) == 15  # the first time nothing is there to be compared
    for n in range(1, THRESHOLD):
        taken(survey, answers(1), "paper")
        assert (counted_again(survey, owner, city), Waiting.objects.count()) == (15, n)
    taken(survey, answers(1), "paper")
    assert (counted_again(survey, owner, city), Waiting.objects.count()) == (15 + THRESHOLD, 0)


def test_what_waits_can_be_opened_after_others_have_entered(survey: Survey) -> None:
    """Two versions of the form: few answers to the older one are held, the newer one's enter."""
    old = survey.current()
    assert old is not None
    taken(survey, answers(12))
    box.flush(survey)
    taken(survey, answers(3), "paper")
    Version.objects.filter(pk=old.pk).update(state="closed")
    new = Version.objects.create(
        survey=survey, number=2, state="open", sheets=old.sheets, purposes=old.purposes
    )
    taken(survey, answers(4))
    assert box.flush(survey, THRESHOLD) == 4
    assert Answer.objects.filter(version=new).count() == 4
    assert set(Waiting.objects.values_list("version", flat=True)) == {old.pk}
    assert box.lost(survey) == 0
    assert box.flush(survey) == 3


# -- a table of many ---------------------------------------------------------------------------------------
def test_a_large_table_takes_few_statements_of_the_database(survey: Survey, owner: Any, city: Any) -> None:
    SetAccess(owner, city, survey.module, "roll").run()
    names = [f"p{n}" for n in range(120)]
    LoadRoll(owner, city, survey.module, [Person(n, "North|") for n in names]).run()
    codes = list(MakeLetters(owner, city, survey.module, names).run().values())
    table = "code,birthplace\n" + "".join(f"{c},here\n" for c in codes[:100])
    with CaptureQueriesContext(connection) as caught:
        BringMany(owner, city, survey.module, table.encode(), "t.csv").run()
    assert len(caught) < 60
    assert RollEntry.objects.filter(state="answered").count() == 100
    assert sum(counted([survey.module])[survey.module.pk].values()) == 100
    assert Answer.objects.count() + Waiting.objects.count() == 100
    again = "code,birthplace\n" + "".join(f"{c},here\n" for c in codes[99:])
    with pytest.raises(ValidationError, match="Each code counts once"):
        BringMany(owner, city, survey.module, again.encode(), "t.csv").run()
    assert RollEntry.objects.filter(state="answered").count() == 100
