"""How often anybody may ask for something, counted one way for pages and programs."""
