"""How long a test waits for what has to come: far longer than any machine takes, however busy it is.

What never comes fails a test after this long; what comes late never does.
"""

from __future__ import annotations

PATIENCE_S = 60.0
