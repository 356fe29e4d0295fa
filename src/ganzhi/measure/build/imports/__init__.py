"""The import port: uploads that wait, what would come of them, loads, and refused rows put right."""
