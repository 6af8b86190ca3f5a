"""The commands, one module per noun, and what runs a line of them."""
