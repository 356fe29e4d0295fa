"""What happened to the customer across systems: chains, flows, the voice menu, service blueprints."""
