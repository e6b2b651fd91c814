"""Started in the sandbox: the fork server, or the one process of a submission."""

import sys

if sys.argv[-1] == "forkserver":
    from .forkserver import main

    main()
else:
    from .session import serve_standard

    serve_standard()
