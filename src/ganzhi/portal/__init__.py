"""The pages people see. Shows view models; holds no SQL and no arithmetic."""
