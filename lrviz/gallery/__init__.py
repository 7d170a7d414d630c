"""What `lrviz init` writes and what lrviz falls back on: the recipes, the template, the starter file."""
