"""What supervision answers to the extension points of the layers below."""

from bangfu.foundation.secrecy import SealedColumn, sealed_columns
from bangfu.supervision.models import WORDS
from bangfu.supervision.pages import watch  # noqa: F401 (the tab)


@sealed_columns.provider("supervision", order=60)
def encrypted() -> list[SealedColumn]:
    """Words of hints."""
    return [SealedColumn("supervision_watchhint", "words", WORDS)]
