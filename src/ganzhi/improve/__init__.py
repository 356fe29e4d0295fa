"""What happens to findings from the moment they are raised to the moment they are closed, and that none is lost."""
