"""What runs inside the confined process.  It knows no answers, and imports nothing of the rest of the grader."""
