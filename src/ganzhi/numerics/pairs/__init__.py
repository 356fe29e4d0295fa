"""Two measurements of the same subjects: whether the second is another, and by how much."""
