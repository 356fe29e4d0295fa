"""Everything that is declared: typed models, loader, overlay, checks, and the packs that ship.

A catalogue is data. It is read whole, checked whole, and carries a version made from its content.
"""
