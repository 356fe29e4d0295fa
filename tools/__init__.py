"""Programs for developers: what the tests prove, and the reference pages made from the code."""
