"""What reports of complaints and their sources are put together from."""
