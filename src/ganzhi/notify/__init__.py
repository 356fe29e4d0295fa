"""How findings reach people: who is told (`route`), in which words, and one folder per channel."""
