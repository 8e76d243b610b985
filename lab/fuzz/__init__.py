"""Fuzzing: what strangers send and networks answer, made up at random until something breaks that must not."""
