"""Every write of supervision."""

from bangfu.supervision.actions.ruling import rule
from bangfu.supervision.actions.watch import look, settle

__all__ = ["look", "rule", "settle"]
