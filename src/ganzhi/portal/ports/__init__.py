"""Groups of ports that pages ask, one module for each part of the portal."""
