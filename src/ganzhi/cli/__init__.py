"""The command line: one module per command group, no logic of its own.

A command reads its options, asks a room below for a result and shows it. Machine output goes to
standard output, everything said to a person to standard error. Exit status: 0 done, 1 issues exist
where that was the question, 2 wrong use, 3 input rejected, 4 an outside system failed, 70 our bug.
"""
