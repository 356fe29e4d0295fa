"""What people do about complaints and problems: acts in order, none ever changed or removed."""
