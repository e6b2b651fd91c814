"""The student's side of the course: check a function, keep it for later lessons, look at what it does.

It holds no solution. Importing it loads NumPy and nothing heavier; figures bring Matplotlib
when they are drawn.
"""

from convlab.backup import restore_work, save_work
from convlab.check import check
from convlab.grade import grade
from convlab.keep import keep
from convlab.progress import progress
from convlab.ready import ready

__all__ = ["check", "grade", "keep", "progress", "ready", "restore_work", "save_work"]
