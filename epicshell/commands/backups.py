"""Backups of the private server's database, for its admin."""

from pathlib import Path
from typing import Annotated

from epicshell.command import command
from epicshell.context import Context
from epicshell.params.files import BACKUP, NEW_FILE
from epicshell.policy import Permission
from epicshell.text import display


@command("backup", needs=Permission.BACKUP, alone=True)
def back_up(context: Context, file: Annotated[Path, NEW_FILE]) -> str:
    """Write everything to a file: records, roles, rights, audit. For the server that epicshell runs itself.

    Whoever has the file has all that the database holds, the proofs of passwords too. The file is yours alone (0600).

    file: the file to make
    """
    from epicshell.embedded.backup import SECRETS, back_up, server_of

    server_of(context.account.target, "backup")
    context.database.one("SELECT api.record_backup('backup', %s)", (display(file.name),))
    back_up(context.account.target, file, replace=context.agreed, recorded=True)
    context.notes.append(SECRETS)
    return f"{context.account.target.name} is backed up to {file}."


@command("restore", needs=Permission.BACKUP, alone=True)
def restore(context: Context, file: Annotated[Path, BACKUP], *, trust: bool = False) -> str:
    """Replace everything by a backup, the audit too; every session ends, yours as well.

    It is built beside what is there, and takes its place when it is complete. A backup that another installation
    made is refused without --trust: what it holds runs with all rights of the server.

    file: the backup
    trust: take it even if this installation did not make it
    """
    from epicshell.embedded.backup import BACK_AGAIN, restore, server_of

    account, actor, zone = context.account, context.actor, context.zone
    server_of(account.target, "restore")
    context.database.one("SELECT api.record_backup('restore-backup', %s)", (display(file.name),))
    account.close()
    manifest = restore(account.target, file, trust=trust, actor=actor.employee_id)
    account.forget()
    context.memory.clear()
    context.notes.append(BACK_AGAIN)
    return f"{account.target.name} is as it was on {manifest.when(zone)}. Every session has ended: log in again."
