"""Keras: `Epoch 3/10` on a line of its own, then the progress of the epoch, at whose end the learning rate stands.

- `100/100 [====] - 1s 10ms/step - loss: 0.5 - lr: 0.0010`, and `- learning_rate: 0.0010` in Keras 3: `%.4f`, or `%.4e`
  up to 0.001 (`Progbar.update`, utils/progbar.py). `LearningRateScheduler` and `ReduceLROnPlateau` log it at the end of
  the epoch, the latter before it reduces it.
- `Epoch 3: LearningRateScheduler setting learning rate to 0.0005.`, with zeros before the 3 in older releases: before
  the epoch, in full.

Epochs count from 1; the learning rate is that of the epoch.
"""

from __future__ import annotations

from lrviz.log.text.format import Format, line

FORMATS = (
    Format(
        "Keras",
        ("LearningRateScheduler setting learning rate to ",),
        line(
            r"\bEpoch (?P<epoch>COUNT): LearningRateScheduler setting learning rate to (?P<lr>NUMBER?)(?=\.?(?:\s|$))"
        ),
        first_epoch=1,
    ),
    Format(
        "Keras",
        (" - ",),
        line(r"(?<![0-9])COUNT/COUNT[ \[].* - (?:lr|learning_rate): (?P<lr>NUMBER)(?= |$)"),
        first_epoch=1,
        digits="written",
        redrawn=True,
        heading=line(r"^.{0,40}?\bEpoch (?P<epoch>COUNT)/COUNT\s*$"),
    ),
)
