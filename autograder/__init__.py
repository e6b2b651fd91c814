"""The grader: builds the course's notebooks, runs submissions confined, judges their answers, keeps the marks."""
