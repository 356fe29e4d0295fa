"""Recognition: from what a customer says to category, process, product, place, mood, and how sure that is (S001-016).

Models are learnt from the operator's own closed complaints; rules and dated lexicons stand beside them. What the
model is not sure of goes to a person.
"""
