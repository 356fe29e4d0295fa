"""What goes on from the desk: the way of a need to its answer, faults that are cleared, decisions for the ticket system."""
