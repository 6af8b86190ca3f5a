"""Reports: figures over what one may read, each with the command that lists what it counts."""
