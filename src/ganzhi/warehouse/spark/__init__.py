"""Spark as an engine: in a Java machine beside this process, or on a cluster."""
