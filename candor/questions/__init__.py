"""Who would answer this question: an index of what was asked and answered, and a published formula over it."""
