"""The second factor: codes of an app on a phone (RFC 6238), and recovery codes for when it is lost."""
