"""What command answers to the extension points of the layers below."""

from __future__ import annotations

from bangfu.command import bench  # noqa: F401 (registers the bench)
