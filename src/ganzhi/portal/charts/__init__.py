"""Charts drawn on the server: pure functions from frozen inputs to SVG text.

Presentation attributes only, no style attributes, so the strictest content policy allows them and
a document can take the same picture. Colour means alert; everything else is ink.
"""
