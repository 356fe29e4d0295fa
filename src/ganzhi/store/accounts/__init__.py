"""Accounts, sessions, tokens and what guards them, as rows; what they mean is the room `access`'s matter."""
