"""Thresholds that people approved: as they are kept, in force on a day, exchanged as tables, decided upon."""
