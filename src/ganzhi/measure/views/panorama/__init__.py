"""View models of the panoramas, the modules, the start page, places and halls."""
