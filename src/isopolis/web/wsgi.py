"""The platform as a WSGI application, for gunicorn or any other server."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

from isopolis.web.engines.sqlite.base import only_existing

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "isopolis.web.settings")
only_existing()
application = get_wsgi_application()
