"""A real file of complaints of another country."""
