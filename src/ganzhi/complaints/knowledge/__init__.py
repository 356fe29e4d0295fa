"""What is known about indicators, processes and cases beside their definitions: notes with reasons, decisions, documents."""
