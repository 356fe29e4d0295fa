"""What the API answers, as models: a field that is not here is never sent."""
