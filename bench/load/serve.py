"""``python -m bench.load.serve``: ``isopolis serve``, with the application that has one address more."""

import sys

from isopolis.cli import main
from isopolis.web import server

OURS, MEASURED = "isopolis.web.wsgi:application", "bench.load.wsgi:application"
_web = server._web
server._web = lambda *a: [MEASURED if word == OURS else word for word in _web(*a)]

if __name__ == "__main__":
    sys.argv = ["isopolis", "serve", *sys.argv[1:]]
    sys.exit(main())
