"""Every form, notice, minutes sheet and signature page on paper: official pages with the number of their matter and a code on each page.

A code says which matter, form and page it stands on, under the county's key, so that a photographed page finds its step.
"""

from bangfu.cases.paper_forms.cases import case_sheet
from bangfu.cases.paper_forms.codes import paper_title
from bangfu.cases.paper_forms.decisions import decision_forms
from bangfu.cases.paper_forms.meetings import meeting_pages
from bangfu.cases.paper_forms.notices import notice_page
from bangfu.cases.paper_forms.parts import Document, print_documents

__all__ = ["Document", "case_sheet", "decision_forms", "meeting_pages", "notice_page", "paper_title", "print_documents"]
