"""A server that is killed after the commit of its first write and before the answer.

Started as a process of its own: `python -m tests.faults.dying serve --port ...`
"""

import os
import signal
from typing import Any

from gerance.cli import main
from gerance.kernel.odata.writing.conditions import StoredResponse


def _die(*_: Any) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    # The first thing that happens to an answer after the commit.
    StoredResponse.at = _die  # type: ignore[method-assign]
    main()
