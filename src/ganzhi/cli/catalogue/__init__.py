"""`ganzhi catalogue`: reading, exchanging and changing the catalogue."""

from __future__ import annotations

from ganzhi.cli.catalogue.decisions import approve, proposals, reject, show
from ganzhi.cli.catalogue.exchange import export, import_book, import_list
from ganzhi.cli.catalogue.group import catalogue
from ganzhi.cli.catalogue.look import codes, diff, versions

for _command in (export, import_book, import_list, proposals, show, approve, reject, versions, diff, codes):
    catalogue.add_command(_command)

__all__ = ["catalogue"]
