"""What a command does: the pipeline of a selection, spaces, inspect, explore."""
