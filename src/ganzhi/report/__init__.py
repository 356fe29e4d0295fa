"""Documents over several features, from the view models that pages show."""
