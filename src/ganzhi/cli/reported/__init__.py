"""Commands about closed periods, and what was reported beside what is known now."""
