"""Implementations that the exercises are tried on, and how they are tried."""
