"""Free questions: what may be asked, what it costs, the answer within the asker's rights, and saved questions."""
