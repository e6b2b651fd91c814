"""Unusual right implementations, a file for each exercise: all of them get full marks."""
