"""Pure mathematics: values in, results out. Opens nothing, keeps nothing, knows no catalogue."""
