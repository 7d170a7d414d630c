"""The program of `docs/accelerate.md` and what goes wrong in it, in two processes: prints JSON, a line for each run.

A process of its own, because Accelerate forks it: `python accelerate_runs.py FOLDER`, where the files of the page are.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable

from accelerate import debug_launcher
from accelerate.state import AcceleratorState, GradientState, PartialState
from trainer_page import Page

PREPARED = ", step_scheduler_with_optimizer=False"
BUILT = "accelerator.prepare(schedule.build(optimizer, loader=loader))"
GUARD = "guard = lrviz.guard(optimizer, schedule)\naccelerator.register_for_checkpointing(guard)\n"
SAVED = """
    if epoch == 0:
        accelerator.save_state("saved")
"""
LOADED = """
accelerator.load_state("saved")

for epoch in range(1, 3):"""

RUNS: dict[str, Callable[[str], str]] = {
    "as it stands": lambda program: program,
    "without the flag": lambda program: program.replace(PREPARED, ""),
    "not prepared": lambda program: program.replace(PREPARED, "").replace(
        BUILT, BUILT[len("accelerator.prepare(") : -1]
    ),
    "without sync_gradients": lambda program: program.replace("if accelerator.sync_gradients and", "if"),
    "loader not prepared": lambda program: program.replace(
        "model, optimizer, loader = accelerator.prepare(model, optimizer, loader)",
        "model, optimizer = accelerator.prepare(model, optimizer)",
    ),
    "without flag and guard": lambda program: (
        program.replace(PREPARED, "").replace(GUARD, "") + SAVED.replace("saved", "usual")
    ),
    "saved": lambda program: program + SAVED,
    "loaded": lambda program: program.replace("\nfor epoch in range(3):", LOADED),
}
"""What each run makes of the program."""


def _all(page: Page) -> None:
    """What a process does: one run after the other."""
    program = page.files["train.py"]
    for name, change in RUNS.items():
        page.files["train.py"] = change(program)
        assert name == "as it stands" or page.files["train.py"] != program, name
        used, error = page.attempt("train.py")
        if PartialState().is_main_process:
            print(json.dumps({"run": name, "used": used, "error": error}), flush=True)
        AcceleratorState._reset_state()
        GradientState._reset_state()


if __name__ == "__main__":
    os.chdir(sys.argv[1])
    debug_launcher(_all, (Page("accelerate.md"),), num_processes=2)
