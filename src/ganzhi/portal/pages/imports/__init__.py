"""The import port: hand in a file, see what would come of it, load it, put refused rows right."""

from __future__ import annotations

from ganzhi.portal.page import Download, Page
from ganzhi.portal.pages.imports.files import REFUSED_ROWS, TEMPLATE_CSV, TEMPLATE_XLSX
from ganzhi.portal.pages.imports.port import IMPORTS
from ganzhi.portal.pages.imports.result import RESULT
from ganzhi.portal.pages.imports.upload import UPLOAD

IMPORT_PAGES: tuple[Page, ...] = (IMPORTS, UPLOAD, RESULT)
IMPORT_FILES: tuple[Download, ...] = (TEMPLATE_CSV, TEMPLATE_XLSX, REFUSED_ROWS)
