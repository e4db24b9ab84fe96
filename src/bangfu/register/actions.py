"""Every write to the register."""

from bangfu.register.importing.run import Outcome, import_files

__all__ = ["Outcome", "import_files"]
