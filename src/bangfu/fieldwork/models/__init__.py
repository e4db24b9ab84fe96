"""The tables of fieldwork."""

from bangfu.fieldwork.models.forms import Form, FormFile, FormVersion

__all__ = ["Form", "FormFile", "FormVersion"]
