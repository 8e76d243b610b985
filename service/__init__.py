"""The HTTP face: takes questions, hands out stored answers, computes no score."""
