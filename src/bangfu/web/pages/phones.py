"""The pages by which a phone comes to Bangfu, before any log-in: how to set it up, and what it loads."""

from __future__ import annotations

import plistlib
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import segno
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from bangfu.foundation.access import open_to_all
from bangfu.foundation.home import home
from bangfu.web.phones.certificates import fingerprint, the_authority
from bangfu.web.phones.in_app import READS_HERE, system_of
from bangfu.web.phones.pictures import AWAY, STEPS


@open_to_all
@never_cache
def phone(request: HttpRequest) -> HttpResponse:
    """How a phone comes to Bangfu: on a desk the code to scan, on a phone the steps of its system."""
    served = settings.SERVED
    own = _own_certificate()
    seen = request.GET.get("on") or system_of(request.headers.get("User-Agent", ""))
    on = seen if seen in (*STEPS, "desk") else "desk"
    name = split_domain_port(request.get_host())[0].strip("[]")
    # The desk may have asked at its own loopback, which no phone can: the best address is shown there.
    known = None if on == "desk" else name
    entry = served.entry(known) if served else request.build_absolute_uri("/")
    context = {
        "on": on,
        "steps": STEPS.get(on, ()) if own else (),
        "away": AWAY.get(on) if own else None,
        "fingerprint": fingerprint(own) if own else "",
        "load": {"android": "/phone/bangfu.crt", "ios": "/phone/bangfu.mobileconfig"}.get(on),
        "open": (served.address(known) if served else "") + "/",
        "entry": entry,
        "drawn": segno.make(entry, error="m").svg_data_uri(scale=6, border=3),
        "reached": served is None or served.lan,
        "plain": not (served.secure if served else request.is_secure()),
        "own": own is not None,
        "collect": on == "android" and collect_package() is not None,
    }
    return render(request, "web/phone/phone.html", context)


@open_to_all
@never_cache
def certificate(request: HttpRequest) -> HttpResponse:
    """The county's own authority as Android loads it; 404 where the pages are served without it."""
    return HttpResponse(
        _loaded().public_bytes(Encoding.DER), content_type="application/x-x509-ca-cert", headers=_named("bangfu.crt")
    )


@open_to_all
@never_cache
def profile(request: HttpRequest) -> HttpResponse:
    """The county's own authority as a profile of iOS; 404 where the pages are served without it."""
    authority = _loaded()
    # The same identity for the same authority: a phone that loads it again replaces it.
    whole, part = (str(uuid5(NAMESPACE_URL, f"bangfu:{fingerprint(authority)}:{what}")).upper() for what in ("profile", "root"))
    content = {
        "PayloadType": "Configuration",
        "PayloadVersion": 1,
        "PayloadIdentifier": f"bangfu.profile.{whole}",
        "PayloadUUID": whole,
        "PayloadDisplayName": "Bangfu 帮扶",
        "PayloadDescription": "本单位帮扶系统的证书，只用于本单位网络。The certificate of this office's Bangfu, for its own networks alone.",
        "PayloadRemovalDisallowed": False,
        "PayloadContent": [
            {
                "PayloadType": "com.apple.security.root",
                "PayloadVersion": 1,
                "PayloadIdentifier": f"bangfu.root.{part}",
                "PayloadUUID": part,
                "PayloadDisplayName": "Bangfu 帮扶",
                "PayloadCertificateFileName": "bangfu.crt",
                "PayloadContent": authority.public_bytes(Encoding.DER),
            }
        ],
    }
    kind = "application/x-apple-aspen-config"
    return HttpResponse(plistlib.dumps(content), content_type=kind, headers=_named("bangfu.mobileconfig"))


@open_to_all
@never_cache
def collect(request: HttpRequest) -> FileResponse:
    """The package of ODK Collect that an administrator has put into the folder `downloads` of the data folder; 404 where there is none."""
    package = collect_package()
    if package is None:
        raise Http404
    return FileResponse(package.open("rb"), content_type="application/vnd.android.package-archive", headers=_named("collect.apk"))


def collect_package() -> Path | None:
    """Where the package of Collect lies; None where nobody has put one there."""
    package = home().root / "downloads" / "collect.apk"
    return package if package.is_file() else None


@open_to_all
@require_POST
def stay(request: HttpRequest) -> HttpResponse:
    """Stay inside the messenger, to read only; kept for this session."""
    request.session[READS_HERE] = True
    target = request.POST.get("next", "/")
    fine = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return redirect(target if fine else "/")


def _own_certificate() -> x509.Certificate | None:
    served = settings.SERVED
    authority = the_authority() if served and served.own else None
    return authority.certificate if authority else None


def _loaded() -> x509.Certificate:
    found = _own_certificate()
    if found is None:
        raise Http404
    return found


def _named(file: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{file}"'}
