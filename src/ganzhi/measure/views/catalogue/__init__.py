"""View models of what is declared: an entry in full, tree, matrix, feeds, reports, frame, versions."""
