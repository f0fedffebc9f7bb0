"""The platform: a city's workspace on the web. The only room that knows Django.

Nothing here is imported by ``import isopolis``; `isopolis.cli.serve` reaches it from function bodies.
"""
