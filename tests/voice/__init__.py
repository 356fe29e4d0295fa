"""What customers say: surveys and what is learned from them."""
