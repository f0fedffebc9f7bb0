"""What gunicorn serves while it is measured."""

import os

os.environ["DJANGO_SETTINGS_MODULE"] = "bench.load.settings"

from isopolis.web.wsgi import application

__all__ = ["application"]
