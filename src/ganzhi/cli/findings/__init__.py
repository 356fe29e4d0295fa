"""`ganzhi findings`: what was found, what is done about it, who is told."""

from __future__ import annotations

from ganzhi.cli.findings.change import act, sample, send, take
from ganzhi.cli.findings.group import findings
from ganzhi.cli.findings.look import listed, route, show
from ganzhi.cli.findings.silence import silence
from ganzhi.cli.findings.thresholds import thresholds

__all__ = ["act", "findings", "listed", "route", "sample", "send", "show", "silence", "take", "thresholds"]
