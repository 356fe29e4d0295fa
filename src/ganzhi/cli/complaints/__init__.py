"""`ganzhi complaints …`: the models that read complaints, and what they read."""

from __future__ import annotations

from ganzhi.cli.complaints.archive import import_reports, old_report, old_reports
from ganzhi.cli.complaints.desk import queue, screen, ticket
from ganzhi.cli.complaints.group import complaints
from ganzhi.cli.complaints.history import history
from ganzhi.cli.complaints.learn import approve, card, models, train
from ganzhi.cli.complaints.look import recognise
from ganzhi.cli.complaints.process import classes, decisions, faults, parties, problem, problems
from ganzhi.cli.complaints.reports import report, reports
from ganzhi.cli.complaints.source import source
from ganzhi.cli.complaints.spots import hotspots, phrases
from ganzhi.cli.complaints.tickets import alike, batches, repeats
from ganzhi.cli.complaints.tickets_watch import channels, counters, escalated, missing, promises
from ganzhi.cli.complaints.times import enquiries, times

__all__ = [
    "alike",
    "approve",
    "batches",
    "card",
    "channels",
    "classes",
    "complaints",
    "counters",
    "decisions",
    "enquiries",
    "escalated",
    "faults",
    "history",
    "hotspots",
    "import_reports",
    "missing",
    "models",
    "old_report",
    "old_reports",
    "parties",
    "phrases",
    "problem",
    "problems",
    "promises",
    "queue",
    "recognise",
    "repeats",
    "report",
    "reports",
    "screen",
    "source",
    "ticket",
    "times",
    "train",
]
