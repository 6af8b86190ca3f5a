"""Reports: figures over what one may read."""
