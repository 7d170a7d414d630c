"""Which value of an argument makes a schedule meet a target."""
