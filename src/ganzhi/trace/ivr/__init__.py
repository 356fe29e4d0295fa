"""What callers do in the voice menu: sessions from events, the menu as it is used, and how it could be ordered."""
