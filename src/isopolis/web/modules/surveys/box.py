"""Taking an answer, and shuffling answers so that nobody can tell whose one is, or when it came.

Accepting is no action of the audit log, which would tell its moment. Whoever is marked on the roll is marked
in the transaction that seals the answer, and the sealed answer leaves no trace when its batch is shuffled.
"""

from __future__ import annotations

import json
import secrets
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from isopolis.model import DataError
from isopolis.web.actions import ValidationError
from isopolis.web.ballots import keys
from isopolis.web.participation import record_many

from .models import LEAST, Answer, Apart, RollEntry, Survey, Version, Waiting

__all__ = ["Sent", "accept", "flush", "lost", "waiting"]

ROOM = 4096
"""Sealed answers are filled up to whole pieces of this many bytes: their length tells next to nothing."""

PORTION = 500
"""Places on the roll in one statement."""


@dataclass(frozen=True, slots=True)
class Sent:
    """An answer that may stand.

    Parameters
    ----------
    given : mapping of str to str
        As `answering.check` keeps them.
    channel : str
        One of `isopolis.web.participation.CHANNELS`.
    entry : str
        Place on the roll; empty where there is none.
    """

    given: Mapping[str, str]
    channel: str
    entry: str = ""


def accept(version: Version, sent: Sequence[Sent]) -> None:
    """Take answers, all or none.

    Raises
    ------
    ValidationError
        If one of the places on the roll has answered before, or the form is not answered any more.
    """
    with transaction.atomic():
        # one after the other: nothing may be sealed with a key that is being destroyed
        survey = Survey.objects.select_for_update().select_related("module").get(pk=version.survey_id)
        if not Version.objects.filter(pk=version.pk, state=Version.State.OPEN).exists():
            raise ValidationError(_("The form was replaced by a newer one. Please begin again."))
        cells = _marked(survey, sent)
        if sent:
            record_many(survey.module, Counter((one.channel, cells.get(one.entry)) for one in sent))
            _seal(survey, [(version.pk.hex, one.channel, dict(one.given)) for one in sent])
        if Waiting.objects.filter(version__survey=survey).count() >= 2 * LEAST:
            _mix(survey, LEAST)


def _marked(survey: Survey, sent: Sequence[Sent]) -> dict[str, str]:
    """Mark places on the roll; return their neighbourhoods and groups for the count of participants."""
    if survey.access != Survey.Access.ROLL:
        return {}
    entries, cells = sorted(one.entry for one in sent), dict[str, str]()
    for start in range(0, len(entries), PORTION):
        part = entries[start : start + PORTION]
        rows = RollEntry.objects.filter(pk__in=part, survey=survey)
        if rows.filter(state=RollEntry.State.OPEN).update(state=RollEntry.State.ANSWERED) != len(part):
            raise ValidationError(_("Somebody has answered with this code. Each code counts once."))
        cells |= dict(rows.values_list("pk", "cell"))
    return cells


Slip = tuple[str, str, dict[str, str]]


def _seal(survey: Survey, slips: Sequence[Slip]) -> None:
    key = _key(survey)
    rows = []
    for version, channel, given in slips:
        name = secrets.token_hex(16)
        text = json.dumps([version, channel, given], ensure_ascii=False).encode()
        rows.append(
            Waiting(
                id=name, version_id=version,
                content=keys.sealed(key, name, text.ljust(-(-len(text) // ROOM) * ROOM)),
            )
        )  # fmt: skip
    Waiting.objects.bulk_create(sorted(rows, key=lambda r: r.id), batch_size=200)


def _key(survey: Survey) -> bytes:
    try:
        return keys.epoch_key(survey.pk, survey.epoch)
    except DataError:
        if Waiting.objects.filter(version__survey=survey).exists():
            raise ValidationError(
                _("Answers that waited cannot be opened on this server. The city has to settle this first.")
            ) from None
        return keys.make_epoch(survey.pk, survey.epoch)


def _mix(survey: Survey, stay: int, few: Collection[str] = ()) -> int:
    """Open what waits, shuffle it, keep `stay` of it under a new key and let the rest enter the answers.

    What was answered to the versions in `few` is kept, too.
    """
    rows = list(Waiting.objects.filter(version__survey=survey))
    if not rows:
        return 0
    key = _key(survey)
    slips: list[Slip] = [
        tuple(json.loads(keys.opened(key, r.pk, bytes(r.content)).decode())) for r in rows
    ]  # fmt: skip
    secrets.SystemRandom().shuffle(slips)
    held, slips = [s for s in slips if s[0] in few], [s for s in slips if s[0] not in few]
    if not slips:
        return 0
    Waiting.objects.filter(pk__in=[r.pk for r in rows]).delete()
    survey.epoch += 1
    survey.save(update_fields=["epoch"])
    keys.make_epoch(survey.pk, survey.epoch)
    _seal(survey, [*held, *slips[:stay]])
    _keep(slips[stay:])
    number, epoch = survey.pk, survey.epoch
    transaction.on_commit(lambda: keys.destroy_before(number, epoch))
    return len(slips) - stay


def _keep(slips: Sequence[Slip]) -> None:
    """Write answers in the order of new random names; what is special goes apart, a row for each question."""
    versions = Version.objects.in_bulk({v for v, _c, _g in slips})
    special = {pk.hex: set(v.purposes) for pk, v in versions.items()}
    whole, apart = [], []
    for version, channel, given in slips:
        plain = {k: v for k, v in given.items() if k not in special[version]}
        whole.append(Answer(id=secrets.token_hex(16), version_id=version, channel=channel, given=plain))
        apart += [
            Apart(id=secrets.token_hex(16), version_id=version, question=k, value=v)
            for k, v in given.items()
            if k in special[version] and v
        ]
    Answer.objects.bulk_create(sorted(whole, key=lambda r: r.id), batch_size=200)
    Apart.objects.bulk_create(sorted(apart, key=lambda r: r.id), batch_size=200)


def flush(survey: Survey, least: int = 0) -> int:
    """Let everything that waits enter the answers: at the end, when no more come; return how many did.

    What comes later, as on paper, waits until there are `least` of it: beside the answers that were there
    before, one more would be known for what it is.

    Raises
    ------
    ValidationError
        If it cannot be opened on this server.
    """
    with transaction.atomic():
        found = Survey.objects.select_for_update().get(pk=survey.pk)
        waits = Counter(Waiting.objects.filter(version__survey=found).values_list("version", flat=True))
        few = {v.hex for v, n in waits.items() if n < least and Answer.objects.filter(version=v).exists()}
        return _mix(found, 0, few)


def waiting(survey: Survey) -> int:
    """Count the answers that wait."""
    return Waiting.objects.filter(version__survey=survey).count()


def lost(survey: Survey) -> int:
    """Count the answers that wait and cannot be opened, as after a restore: no backup has their key."""
    held = waiting(survey)
    if held:
        try:
            keys.epoch_key(survey.pk, survey.epoch)
        except DataError:
            return held
    return 0
