"""A worries desk for tests: opened, told, counted, sent files."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from isopolis.web.modules.actions import CreateProcess
from isopolis.web.modules.models import Module, Process
from isopolis.web.modules.worries.actions import TellWorry
from isopolis.web.modules.worries.models import Worry, WorryDesk
from isopolis.web.modules.worries.numbers import CountDesk

from .towns import work

ANYBODY = AnonymousUser()
TOWN = {
    "people.csv": b"zone,name,total\nZ1,Hill,20000\nZ2,Centre,480000\nZ3,North,300000\nZ4,South,200000\n",
    "city.toml": b'name = "Testville"\nnotes = ["example data, not a real place"]\n[zones]\nid = "zone"\n'
    b'name = "name"\n[[tables]]\nfile = "people.csv"\nlayout = "wide"\nzone = "zone"\ntotal = "total"\n'
    b'date = "2024"\n',
}
TEXTS = ("The lamp is out", "A pothole in the road", "The bus stop is gone", "Loud noise at night",
         "Garbage everywhere", "Ice and snow")  # fmt: skip


def desk_module(city: Any, owner: Any) -> Module:
    """Return the module of a desk that listens since a day."""
    start = timezone.now() - timedelta(days=1)
    process = CreateProcess(owner, city, "What worries you?", "worries", start).run()
    Process.objects.filter(pk=process.pk).update(state="published", description="Tell us.")
    return Module.objects.get(process=process)


def told(module: Module, text: str = "The lamp in our street is out", **more: Any) -> Worry:
    return TellWorry(ANYBODY, module.process.workspace, module, text, address="192.0.2.1", **more).run()


def counted_desk(owner: Any, module: Module) -> WorryDesk:
    CountDesk(owner, module.process.workspace, module).run()
    done = work()
    assert [j.state for j in done] == ["done"] * len(done), [j.error for j in done]
    return WorryDesk.objects.get(module=module)


def sent(client: Client, module: Module, name: str, content: bytes, **more: Any) -> Any:
    """Send a file on the officer's page and read it."""
    data = {"file": SimpleUploadedFile(name, content)} | more
    answer = client.post(f"{module.get_absolute_url()}manage/send/upload/", data)
    return answer, work()
