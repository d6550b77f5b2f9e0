"""What several worker processes count is added up; what dead ones held is not."""

import os
import subprocess
import sys
from pathlib import Path

COUNT = """
from gerance.kernel import metrics
metrics.count_command("ticket", "accepted")
metrics.record_pool({"pool_size": 4, "pool_available": 4, "requests_waiting": 0})
"""
RENDER = "from gerance.kernel import metrics; print(metrics.render()[0].decode())"


def run(script: str, shared: Path) -> str:
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(shared)}
    return subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    ).stdout


def test_workers_are_added_up_and_dead_ones_leave_no_connections(tmp_path: Path) -> None:
    for _ in range(2):
        run(COUNT, tmp_path)
    text = run(RENDER, tmp_path)
    assert 'gerance_commands_total{category="ticket",outcome="accepted"} 2.0' in text
    assert 'gerance_db_pool{state="size"}' not in text


def test_a_living_worker_is_seen(tmp_path: Path) -> None:
    text = run(COUNT + RENDER, tmp_path)
    assert 'gerance_db_pool{state="size"} 4.0' in text
