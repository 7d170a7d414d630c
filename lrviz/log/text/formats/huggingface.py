"""Hugging Face's Trainer prints the dictionary that it logs, with the epoch and no step.

- `{'loss': 2.3, 'learning_rate': 9.1e-06, 'epoch': 0.5}`: releases before 5, in full; before 4.42 or so the epoch is
  `round(epoch, 2)` (`Trainer.log`).
- `{'loss': '2.3', 'learning_rate': '9.1e-06', 'epoch': '0.5'}`: transformers 5, each number as `%.4g`
  (`ProgressCallback.on_log`).

The epoch is the fraction that is done (`state.epoch = epoch + (step + 1) / steps_in_epoch`). Since 4.47 the learning
rate is taken before `lr_scheduler.step()` ("get learning rate before update" in `Trainer`), so that it is the one of
the step just made; before, it was taken after, and is the one of the next step.
"""

from __future__ import annotations

from lrviz.log.text.format import Format, line

PROGRAM = "Hugging Face's Trainer"

FORMATS = (
    Format(
        PROGRAM,
        ("'learning_rate': '", "'epoch': '"),
        line(r"'learning_rate': '(?P<lr>NUMBER)'.*'epoch': '(?P<epoch>NUMBER)'"),
        behind=(1, 0),
        digits=4,
        epoch_digits=4,
    ),
    Format(
        PROGRAM,
        ("'learning_rate': ", "'epoch': "),
        line(r"'learning_rate': (?P<lr>NUMBER),.*'epoch': (?P<epoch>NUMBER)[,}]"),
        behind=(1, 0),
    ),
)
