"""Small cells: which parts of a number are withheld from viewers without list depth."""
