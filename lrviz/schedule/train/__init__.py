"""The key `train`: what `lrviz train` trains with the schedules of a file. Every other verb passes over it."""
