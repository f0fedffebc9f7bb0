"""The platform's own settings, with one address more."""

from isopolis.web.settings import *  # noqa: F403

ROOT_URLCONF = "bench.load.urls"
