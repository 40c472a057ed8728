"""The one exception that ends a command with a message instead of a traceback."""


class FleetError(Exception):
    """Something the user can act on; the text says what happened and what to do."""
