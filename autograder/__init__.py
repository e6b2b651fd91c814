"""The grader: builds the course's notebooks, runs submissions confined, judges their answers, keeps the marks."""

import sys

# jsonschema, which nbformat loads, would spend more than a second on a parser of web addresses that nothing here has.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
