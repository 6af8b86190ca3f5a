"""The database schema of epicshell: numbered SQL files, installed as the package epicshell.schema."""
