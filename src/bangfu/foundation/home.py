"""The data folder: where a county lives on this machine."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from bangfu.foundation.problems import declare
from bangfu.foundation.say import Text
from bangfu.foundation.system import in_words

HOME_UNUSABLE = declare(
    "BF-1008",
    zh="数据目录 {folder} 不能使用：{why}（{path}）。",
    en="The data folder {folder} cannot be used: {why} ({path}).",
    remedy_zh="把 BANGFU_HOME（密钥是 BANGFU_KEYS）设为您可以读写的文件夹。",
    remedy_en="Point BANGFU_HOME (for the keys, BANGFU_KEYS) to a folder that you may read and write.",
    status=503,
)


@dataclass(frozen=True, slots=True)
class Home:
    """The data folder (`$BANGFU_HOME`, else `var/` in the working folder) and the places in it."""

    root: Path

    @property
    def lake(self) -> Path:
        return self.root / "lake"

    @property
    def files(self) -> Path:
        return self.root / "files"

    @property
    def reports(self) -> Path:
        return self.root / "reports"

    @property
    def imports(self) -> Path:
        """What people hand in on the page, until it is imported; no backup has it."""
        return self.root / "imports"

    @property
    def prints(self) -> Path:
        """Household files that were printed by a job and wait for whoever asked; no backup has them."""
        return self.root / "prints"

    @property
    def tmp(self) -> Path:
        return self.root / "tmp"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def static(self) -> Path:
        return self.root / "static"

    @property
    def locks(self) -> Path:
        return self.root / "locks"

    @property
    def keys(self) -> Path:
        """Where keys lie: outside the data folder (`$BANGFU_KEYS`, else a sibling of it), so that no backup of the data has them."""
        given = os.environ.get("BANGFU_KEYS")
        return Path(given).resolve() if given else self.root.with_name(self.root.name + ".keys")

    def make(self) -> Home:
        """Create the folder and its places, readable by their owner only. Raises BF-1008 where they cannot be made."""
        try:
            places = (
                self.lake,
                self.files,
                self.reports,
                self.imports,
                self.prints,
                self.tmp,
                self.logs,
                self.static,
                self.locks,
            )
            for place in (self.root, *places, self.keys):
                place.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            why = in_words(error) or Text(str(error.strerror), str(error.strerror))
            raise HOME_UNUSABLE(folder=self.root, why=why, path=error.filename) from error
        return self


@lru_cache(maxsize=1)
def home() -> Home:
    """The data folder of this process."""
    return Home(Path(os.environ.get("BANGFU_HOME") or "var").resolve())
