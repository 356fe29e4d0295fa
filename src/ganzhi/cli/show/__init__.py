"""How results look on a terminal and in files: tables, data formats, issues, progress."""
