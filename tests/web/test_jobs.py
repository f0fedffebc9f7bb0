"""Jobs: once, one at a time for each city, in fair order, and taken up again after a death."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from isopolis.web import jobs
from isopolis.web.datasets.actions import CorrectConfig
from isopolis.web.diagnoses.actions import CancelJob, StartDiagnosis
from isopolis.web.diagnoses.store import result_folder
from isopolis.web.work.execute import execute
from isopolis.web.work.models import Job
from isopolis.web.work.runner import Runner
from isopolis.web.workspaces.actions import CreateWorkspace

from .conftest import TOML
from .towns import upload, work


@pytest.fixture
def cities(owner: Any) -> list[Any]:
    return [CreateWorkspace(owner, f"City {i}").run() for i in range(3)]


def queue(city: Any, owner: Any, count: int = 1) -> list[Job]:
    return [jobs.submit(city, "read", uuid.uuid4(), uuid.uuid4().hex, owner)[0] for _ in range(count)]


def test_the_same_submission_is_kept_once(owner: Any, city: Any) -> None:
    dataset = upload(owner, city)
    work()
    dataset.refresh_from_db()
    first = StartDiagnosis(owner, city, dataset)
    again = StartDiagnosis(owner, city, dataset)
    job = first.run()
    assert again.run().pk == job.pk
    assert (first.fresh, again.fresh) == (True, False)
    work()
    later = StartDiagnosis(owner, city, dataset)
    assert later.run().pk == job.pk
    assert Job.objects.filter(kind="diagnose").count() == 1


def test_a_failed_or_cancelled_one_may_be_asked_for_again(owner: Any, city: Any) -> None:
    one, _ = jobs.submit(city, "read", uuid.uuid4(), "k", owner)
    jobs.cancel(one)
    two, fresh = jobs.submit(city, "read", uuid.uuid4(), "k", owner)
    assert fresh
    assert two.pk != one.pk


def test_the_database_itself_refuses_a_second_one(owner: Any, city: Any) -> None:
    one, two = queue(city, owner, 2)
    Job.objects.filter(pk=one.pk).update(state="running")
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.filter(pk=two.pk).update(state="running")
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.create(workspace=city, kind="read", subject=uuid.uuid4(), key=two.key)


def test_a_city_with_many_jobs_does_not_block_the_others(owner: Any, cities: list[Any]) -> None:
    heavy = queue(cities[0], owner, 5)
    light = [queue(c, owner)[0] for c in cities[1:]]
    running = [jobs.claim() for _ in range(4)]
    assert [j and j.pk for j in running] == [heavy[0].pk, light[0].pk, light[1].pk, None]
    for job in running[:3]:
        jobs.close(job, "done")
    late = queue(cities[2], owner)[0]
    # the heavy city was served longest ago, then the others have their turn before it has its next
    assert [jobs.claim().pk for _ in range(2)] == [heavy[1].pk, late.pk]


def test_who_came_later_but_was_served_less_comes_first(owner: Any, cities: list[Any]) -> None:
    heavy = queue(cities[0], owner, 3)
    first = jobs.claim()
    assert first is not None
    jobs.close(first, "done")
    light = queue(cities[1], owner)[0]  # asked for after all the heavy ones
    second = jobs.claim()
    assert second is not None
    assert (first.pk, second.pk) == (heavy[0].pk, light.pk)


def test_a_dead_process_is_noticed_and_the_job_taken_up_again(owner: Any, city: Any) -> None:
    upload(owner, city)
    job = jobs.claim()
    assert job is not None
    assert jobs.take_back() == 0
    # its process was killed: nobody renews the lease
    assert jobs.take_back(timezone.now() + jobs.LEASE + timedelta(seconds=1)) == 1
    second = jobs.claim()
    assert second is not None
    assert (second.pk, second.attempt) == (job.pk, 2)
    # the first process was only asleep: what it says now counts no more
    assert not jobs.held(job)
    assert not jobs.close(job, "failed", "late")
    execute(second)
    job.refresh_from_db()
    assert (job.state, job.error) == ("done", "")


def test_a_process_that_is_overtaken_writes_nothing(owner: Any, city: Any) -> None:
    dataset = upload(owner, city)
    work()
    dataset.refresh_from_db()
    StartDiagnosis(owner, city, dataset).run()
    job = jobs.claim()
    assert job is not None
    Job.objects.filter(pk=job.pk).update(attempt=2)
    execute(job)
    assert not result_folder(job).exists()
    job.refresh_from_db()
    assert job.state == "running"


def test_three_deaths_are_enough(owner: Any, city: Any) -> None:
    queue(city, owner)
    for _ in range(jobs.ATTEMPTS):
        job = jobs.claim()
        assert job is not None
        jobs.give_back(job, "It died.", own_fault=True)
    job.refresh_from_db()
    assert (job.state, job.error) == ("failed", "It died.")
    assert jobs.claim() is None


def test_a_server_that_is_started_anew_loses_no_job_but_does_not_try_for_ever(owner: Any, city: Any) -> None:
    queue(city, owner)
    later = timezone.now() + jobs.LEASE + timedelta(days=1)
    for number in range(1, jobs.LOSSES + 1):
        job = jobs.claim()
        assert job is not None
        assert job.attempt == number
        if number == 5:
            jobs.give_back(job, "", own_fault=True)
        else:
            assert jobs.take_back(later) == 1
    job.refresh_from_db()
    assert job.state == "failed"
    assert f"cut off {jobs.LOSSES} times" in job.error


def test_cancel_before_and_while_it_runs(owner: Any, city: Any) -> None:
    waiting, running = queue(city, owner, 2)
    CancelJob(owner, city, waiting).run()
    waiting.refresh_from_db()
    assert waiting.state == "cancelled"
    held = jobs.claim()
    assert held is not None
    assert held.pk == running.pk
    CancelJob(owner, city, held).run()
    assert not jobs.held(held)
    jobs.give_back(held, "", own_fault=False)
    held.refresh_from_db()
    assert held.state == "cancelled"


def test_a_running_job_hears_of_its_end(owner: Any, city: Any) -> None:
    upload(owner, city)
    job = jobs.claim()
    jobs.cancel(job)
    execute(job)
    job.refresh_from_db()
    assert job.state == "cancelled"


def test_a_correction_meanwhile_is_not_computed_under_the_old_name(owner: Any, city: Any) -> None:
    dataset = upload(owner, city)
    work()
    dataset.refresh_from_db()
    job = StartDiagnosis(owner, city, dataset).run()
    CorrectConfig(owner, city, dataset, TOML.replace("Testville", "Elsewhere")).run()
    work()
    job.refresh_from_db()
    assert job.state == "failed"
    assert "corrected after this was asked for" in job.error


def test_a_defect_is_not_shown_but_named(owner: Any, city: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(job: Any, say: Any) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr("isopolis.web.datasets.tasks.read", broken)
    (job,) = queue(city, owner)
    work()
    job.refresh_from_db()
    assert job.state == "failed"
    assert "secret" not in job.error
    assert str(job.pk) in job.error


class _Child:
    """A process that does what the test says."""

    def __init__(self, code: int | None) -> None:
        self.returncode = code
        self.ended = False

    def poll(self) -> int | None:
        return self.returncode

    def terminate(self) -> None:
        self.ended = True

    def wait(self, seconds: float | None = None) -> int:
        return 0


def test_the_runner_puts_a_killed_child_back_and_stops_a_cancelled_one(owner: Any, city: Any) -> None:
    queue(city, owner, 2)
    runner = Runner(0, 60.0)
    job = jobs.claim()
    runner.children[job] = (_Child(-9), 0.0)  # type: ignore[assignment]
    runner.turn()
    job.refresh_from_db()
    assert (job.state, runner.children) == ("queued", {})
    job, child = jobs.claim(), _Child(None)
    runner.children[job] = (child, float("inf"))  # type: ignore[assignment]
    jobs.cancel(job)
    runner.turn()
    job.refresh_from_db()
    assert (job.state, child.ended) == ("cancelled", True)


def test_the_runner_stops_what_takes_too_long(owner: Any, city: Any) -> None:
    queue(city, owner)
    runner, job, child = Runner(0, 60.0), jobs.claim(), _Child(None)
    runner.children[job] = (child, float("-inf"))  # type: ignore[assignment]
    runner.turn()
    job.refresh_from_db()
    assert (job.state, child.ended) == ("failed", True)
    assert "1 minutes" in job.error
