"""Pages for people: the interactive documentation and the meaning of each problem."""
