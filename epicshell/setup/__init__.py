"""Setting up and checking a company's database: `epicshell init`, `migrate`, `doctor`."""
