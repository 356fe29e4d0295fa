"""The monthly report on support services (S000-082)."""
