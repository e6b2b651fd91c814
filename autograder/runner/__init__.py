"""Runs a student's code in a confined process of its own, and brings back outputs and answers as plain data."""
