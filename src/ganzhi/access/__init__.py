"""Who may see and do what: roles, scope by unit, accounts, sign-in, sessions, tokens."""
