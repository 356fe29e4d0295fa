"""Keeping a workspace in order: sweep, compaction, backup, restore, doctor. One name to import from."""

from __future__ import annotations

from ganzhi.warehouse.backup import BackupReport, backup, restore, verify
from ganzhi.warehouse.compact import CompactReport, compact
from ganzhi.warehouse.doctor import doctor
from ganzhi.warehouse.sweep import SweepReport, sweep

__all__ = [
    "BackupReport",
    "CompactReport",
    "SweepReport",
    "backup",
    "compact",
    "doctor",
    "restore",
    "sweep",
    "verify",
]
