"""Forms and their versions in the lake: keys, states and days; no content."""

from bangfu.fieldwork.models import Form, FormVersion
from bangfu.lake.tables import WHOLE, declare

declare(Form, subject=WHOLE, subject_column="id", has_history=True)
declare(
    FormVersion,
    subject=WHOLE,
    subject_column="id",
    without=("xml", "source", "source_name", "md5", "warnings", "facts", "actor"),
    has_history=True,
)
