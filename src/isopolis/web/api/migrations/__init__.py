"""Tables of the programming interface."""
