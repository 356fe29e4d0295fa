"""Mathematics of short texts: character n-grams, a linear classifier, near-duplicates, ranking, emerging phrases.

Texts in, arrays and indices out; no segmenter, for none is better than character pairs here (methods 3.1, 3.3).
What needs scikit-learn or datasketch imports it when it is called: they come with `ganzhi[text]`.
"""
