"""Where a gateway reports what became of a text message: an address with a secret, without a log-in."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from bangfu.foundation.access import open_to_all
from bangfu.foundation.hiding import hide
from bangfu.messages.actions import report as note_report
from bangfu.messages.actions import report_names
from bangfu.messages.channels.sms import at

MOST = 200  # reports in one request
LARGEST = 256 * 1024  # bytes


@open_to_all
@csrf_exempt
@require_POST
def report(request: HttpRequest, secret: str) -> HttpResponse:
    """Take reports: a form, a JSON object, or a list of them. 404 for a secret that is nobody's, which tells nothing else."""
    names = report_names(secret)
    if names is None:
        return JsonResponse({"taken": 0}, status=404)
    taken = 0
    for one in _reports(request)[:MOST]:
        given, state = at(one, names["report_id"]), at(one, names["report_state"])
        if given in (None, "") or state in (None, ""):
            continue
        arrived = str(state) == names["report_ok"]
        taken += note_report(secret, str(given), arrived=arrived, words=hide(str(state)))
    return JsonResponse({"taken": taken})


def _reports(request: HttpRequest) -> list[dict[str, Any]]:
    if "json" not in (request.content_type or ""):
        return [dict(request.POST.items())]
    if len(request.body) > LARGEST:
        return []
    try:
        found = json.loads(request.body)
    except ValueError:
        return []
    listed = found if isinstance(found, list) else [found]
    return [one for one in listed if isinstance(one, dict)]
