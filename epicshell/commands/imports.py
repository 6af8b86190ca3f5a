"""Records from files: CSV, workbooks, and the support team's old sheets."""
