"""The panoramas, the seven modules, places, halls, and the wall."""
