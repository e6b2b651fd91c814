"""The last step of a generated notebook: the digest by which an edit by hand is noticed."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

KEY = "convnets_by_hand"


def digest(notebook: NotebookNode) -> str:
    """A digest of what an edit by hand could change: cells' types, texts and nbgrader metadata, not their outputs."""
    cells = [[cell.cell_type, cell.source, cell.metadata.get("nbgrader")] for cell in notebook.cells]
    return hashlib.sha256(json.dumps(cells, sort_keys=True).encode()).hexdigest()


def stamped(notebook: NotebookNode) -> NotebookNode:
    """``notebook`` with its digest in its metadata."""
    notebook.metadata[KEY] = NotebookNode({**notebook.metadata.get(KEY, {}), "digest": digest(notebook)})
    return notebook


def edited_by_hand(notebook: NotebookNode) -> bool:
    """Whether a generated notebook is no longer what was generated."""
    return bool(notebook.metadata.get(KEY, {}).get("digest") != digest(notebook))


class Stamp(NbGraderPreprocessor):  # type: ignore[misc]
    """Stamps the student notebook that nbgrader has made."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """The notebook with the digest of what it has become."""
        return stamped(nb), resources
