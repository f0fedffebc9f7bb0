"""What surveys keep about people."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from isopolis.web.protect.register import Erase, Record
from isopolis.web.protect.rules import Rule, remove_rows

from .models import Answer, Apart, Draft, Paper, RollEntry, Survey, Waiting

__all__ = ["ANSWER_DAYS", "RECORDS", "ROLL_DAYS", "RULES"]

ROLL_DAYS, ANSWER_DAYS = 90, 730


def _over(before: datetime, days: int) -> Any:
    """Return the surveys whose last phase ended so many days ago."""
    ends = Survey.objects.annotate(end=Max("module__phase__ends_at"))
    return ends.filter(end__lte=before - timedelta(days=days)).values("pk")


def _old_drafts(before: datetime, dry: bool) -> int:
    return remove_rows(Draft.objects.filter(until__lte=before), dry)


def _old_rolls(before: datetime, dry: bool) -> int:
    """Remove rolls and sheets of surveys that ended long ago; codes go with the roll."""
    old = _over(before, ROLL_DAYS)
    removed = remove_rows(RollEntry.objects.filter(survey__in=old), dry)
    return removed + remove_rows(Paper.objects.filter(version__survey__in=old), dry)


def _old_answers(before: datetime, dry: bool) -> int:
    """Remove single answers of surveys that ended long ago; their results stay."""
    old = _over(before, ANSWER_DAYS)
    return sum(remove_rows(k.objects.filter(version__survey__in=old), dry) for k in (Waiting, Answer, Apart))


RULES = [
    Rule("survey_draft", _("until it is sent, or a day after the last page"), clean=_old_drafts),
    Rule("survey_roll", _("until three months after the survey"), clean=_old_rolls),
    Rule("survey_answer", _("until two years after the survey"), clean=_old_answers),
]

_ANSWERS = _("to know what residents think and need, in sums")
RECORDS = [
    Record(
        "surveys.Draft",
        _("what you have answered so far in a survey, readable with your browser only"),
        purpose=_("to let you answer page by page"),
        basis="task",
        keep="survey_draft",
        people="residents",
        seen_by="nobody",
        found="by the cookie of the running session",
        sensitive=True,
        personal={"content": _("sealed answers"), "until": _("the hour after which it is removed")},
        secret=("content",),
        other={"id": "a keyed name that nobody else can make"},
    ),
    Record(
        "surveys.RollEntry",
        _("that you may answer a survey, and whether you have; never what, and never when"),
        purpose=_("to let everybody answer once, whatever the way"),
        basis="task",
        keep="survey_roll",
        people="residents",
        seen_by="nobody",
        found="by the identifier that the city knows you by, with a key that is not in the database",
        personal={
            "id": _("a keyed hash of your identifier, another one in each survey"),
            "state": _("whether you have answered"),
            "cell": _("neighbourhood and group, as far as the city gave them"),
        },
    ),
    Record(
        "surveys.Code",
        _("that a one-time code was made for you"),
        purpose=_("to let you answer without an account"),
        basis="task",
        keep="survey_roll",
        people="residents",
        seen_by="nobody",
        found="by the place on the roll",
        personal={"id": _("the part of the code that finds it"), "secret": _("a salted hash of the rest")},
        secret=("secret",),
        other={"salt": "random"},
    ),
    Record(
        "surveys.Answer",
        _("answers to a survey, of nobody in particular"),
        purpose=_ANSWERS,
        basis="task",
        keep="survey_answer",
        people="residents",
        seen_by="members",
        found="not at all: nothing leads from a person to an answer",
        personal={"given": _("what was answered"), "channel": _("the way it came")},
        other={"id": "random, and no order"},
    ),
    Record(
        "surveys.Apart",
        _("answers about special categories, each by itself"),
        purpose=_("what stands beside the question, and nothing else"),
        basis="explicit",
        keep="survey_answer",
        people="residents",
        seen_by="members",
        found="not at all: nothing leads from a person to an answer",
        sensitive=True,
        personal={"value": _("what was answered"), "question": _("which question")},
        other={"id": "random, and no order"},
    ),
    Record(
        "surveys.Waiting",
        _("an answer before it was shuffled with others, sealed"),
        purpose=_ANSWERS,
        basis="task",
        keep="survey_answer",
        people="residents",
        seen_by="nobody",
        found="not at all: nothing leads from a person to an answer",
        personal={"content": _("a sealed answer")},
        secret=("content",),
        other={"id": "random, and no order"},
    ),
    Record(
        "surveys.Paper",
        _("a sheet of paper that you typed in, until somebody else has typed it in too"),
        purpose=_("to find mistakes of typing"),
        basis="task",
        keep="survey_roll",
        people="staff",
        seen_by="members",
        owners={"first_by": Erase.UNLINK},
        personal={
            "first_by": _("your account"),
            "first": _("answers as they were typed in"),
            "second": _("answers as they were typed in the second time"),
        },
        other={"sheet state": "the number on the paper, and how far it is"},
    ),
    Record("surveys.Survey", "", other={"*": "who can answer, weights, results after the privacy gate"}),
    Record("surveys.Version", "", other={"*": "a form, and which questions are about special categories"}),
]
