"""Every write to fieldwork."""

from bangfu.fieldwork.actions.publishing import add_file, discard, publish, retire, ship, upload

__all__ = ["add_file", "discard", "publish", "retire", "ship", "upload"]
