"""Loaded before Django (`-p tests.environment`): tests live in a data folder of their own, never in the user's."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / "build" / "test-home"
os.environ["BANGFU_HOME"] = str(HOME)
os.environ["BANGFU_KEYS"] = str(HOME.with_name("test-keys"))
os.environ["DJANGO_SETTINGS_MODULE"] = "bangfu.web.settings"
os.environ.setdefault("BANGFU_HOSTS", "testserver,127.0.0.1,localhost")
for name in ("DATABASE_URL", "DATABASE_WEB_URL", "BANGFU_PROCESS", "BANGFU_WITHOUT"):
    os.environ.pop(name, None)
for name in ("LC_ALL", "LC_MESSAGES", "LANG"):  # commands speak the language of the terminal
    if os.environ.get(name, "").startswith("en"):
        os.environ[name] = "C.UTF-8"
# Playwright's synchronous interface keeps an event loop in the test's thread; Django takes that for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
