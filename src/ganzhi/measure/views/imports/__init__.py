"""View models of the import port."""
