"""View models of free questions."""
