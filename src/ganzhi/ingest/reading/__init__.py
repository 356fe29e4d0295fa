"""From a delivered file to a table of texts: safe opening, first bytes, encoding, header, records.

Everything here treats the file as hostile. Nothing is converted: values leave as the text they were.
"""
