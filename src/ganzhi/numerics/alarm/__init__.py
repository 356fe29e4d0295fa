"""What is normal for a series, how surprising a value is, and how many of many surprises are chance."""
