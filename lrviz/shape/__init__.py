"""The shape of a curve: its phases, milestones, restarts and cycles."""
