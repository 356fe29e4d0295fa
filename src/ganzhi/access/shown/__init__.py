"""How values and definitions look to a viewer: masked, or without the codes of units out of reach."""
