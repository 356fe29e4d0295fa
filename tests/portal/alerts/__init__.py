"""The pages of warnings."""
