"""Reads checkpoints without running what is in them, and compares them with the schedule."""

from lrviz.training.checkpoint.checkpoint import Checkpoint, OptimizerState, SchedulerState
from lrviz.training.checkpoint.read import read_checkpoint

__all__ = ["Checkpoint", "OptimizerState", "SchedulerState", "read_checkpoint"]
