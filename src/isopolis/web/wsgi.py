"""The platform as a WSGI application, for gunicorn or any other server."""

from __future__ import annotations

import os

import django
from django.urls import get_resolver, reverse

from isopolis.web.engines.sqlite.base import only_existing

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "isopolis.web.settings")
only_existing()
django.setup(set_prefix=False)
from isopolis.web.addresses import Application  # noqa: E402  # it needs the settings

application = Application()
# the addresses and all behind them, before the process takes its first visitor: nobody waits for imports
get_resolver().url_patterns  # noqa: B018  # reading it imports it
reverse("home")
