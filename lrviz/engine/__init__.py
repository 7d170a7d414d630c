"""Runs schedules through torch's own schedulers. The only room that touches them."""
