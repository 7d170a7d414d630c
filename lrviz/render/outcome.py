"""How trainings of a schedule ended, in few words: that they diverged, and where, or that one was interrupted."""

from __future__ import annotations

from lrviz.lessons.results import TrainedSchedule
from lrviz.words import BY_SIZE


def outcome(each: TrainedSchedule, *, whole: bool = False) -> str:
    """`diverged at step 212`, `2 of 5 seeds diverged`, `interrupted at step 40`; empty if nothing went wrong.

    With `whole`, also the loss that a training without a step of its own did not improve on, and the first step of
    several.
    """
    words = []
    if diverged := each.diverged:
        stops = [training.stopped for training in diverged if training.stopped is not None]
        if len(each.trainings) > 1:
            share = "all" if len(diverged) == len(each.trainings) else f"{len(diverged)} of"
            first = f", first at step {min(stops):,}" if whole and stops else ""
            words.append(f"{share} {len(each.trainings)} seeds diverged{first}")
        elif stops:
            words.append(f"diverged at step {stops[0]:,}")
        else:
            words.append(f"diverged: began at {BY_SIZE(diverged[0].validations[0].loss, 4)}" if whole else "diverged")
    partial = next((training for training in each.trainings if not training.complete), None)
    if partial is not None and (whole or not words):
        of = f" of seed {partial.seed}" if len(each.trainings) > 1 else ""
        words.append(f"interrupted at step {len(partial.losses):,}{of}")
    return "; ".join(words)
