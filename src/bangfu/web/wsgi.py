"""The WSGI application that granian serves."""

import gc
import os
import sys

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bangfu.web.settings")
pages = get_wsgi_application()  # sets Django up, and with it the packages

from bangfu.foundation.doors import before  # noqa: E402

application = before(pages)  # type: ignore[arg-type]

# A page asks the database some twenty to fifty times, and after each answer its thread waits for the interpreter while another one
# shows a page: for 5 ms, unless it is told to take turns sooner. Python's default suits computing, not serving.
sys.setswitchinterval(0.0005)
# What is loaded stays: the collector need not walk it again, nor run after every few hundred objects of a page.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 50)
