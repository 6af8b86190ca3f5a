"""The set-up commands of the program: init, migrate, doctor, backup, restore."""

import argparse
import sys
from zoneinfo import ZoneInfo

from epicshell.config import Config
from epicshell.database import OWNER_ROLE, Target
from epicshell.errors import NotUnderstood, Refused
from epicshell.results import Format
from epicshell.text import display


def run(chosen: argparse.Namespace, config: Config, private: Target) -> int:
    """Do one of them; the exit code. private: the database of the private server, where no URL is given."""
    target = private if getattr(chosen, "demo", False) else _target(chosen, config, private)
    match chosen.mode:
        case "backup" | "restore":
            from epicshell.setup import keeping

            keep = keeping.back_up if chosen.mode == "backup" else keeping.restore
            _say(keep(target, chosen))
            return 0
        case "init":
            return _init(chosen, _owner(chosen, config, private))
        case "migrate":
            from epicshell.setup.migrate import upgrade

            upgrade(_owner(chosen, config, private), _say)
            return 0
        case _:
            return _doctor(chosen, config, target)


def _say(sentence: str) -> None:
    print(display(sentence, multiline=True), file=sys.stderr)  # noqa: T201


def _target(chosen: argparse.Namespace, config: Config, private: Target) -> Target:
    url = getattr(chosen, "database", None) or config.database_url
    return Target.from_url(url) if url else private


def _owner(chosen: argparse.Namespace, config: Config, private: Target) -> Target:
    """The database as its superuser. Raises NotUnderstood for a company's server without the owner's URL."""
    if config.owner_url:
        return Target.from_url(config.owner_url, owner=True)
    if getattr(chosen, "database", None) or config.database_url:
        raise NotUnderstood(
            f"{chosen.mode} needs a superuser once.",
            "Set EPICSHELL_OWNER_URL, such as postgresql://postgres@HOST/epic, without a password in it.",
        )
    return Target(private.name, {**private.parameters, "user": OWNER_ROLE}, private.embedded)


def _init(chosen: argparse.Namespace, owner: Target) -> int:
    from epicshell.setup.init import AdminRequest, init

    admin = AdminRequest(chosen.admin, chosen.full_name or "", chosen.email or "") if chosen.admin else None
    code = init(owner, admin, _say)
    if code is not None:
        _say(f"One-time enrolment code of {chosen.admin}, good for 72 hours: epicshell, then login {chosen.admin}")
        print(code.reveal())  # noqa: T201
    return 0


def _doctor(chosen: argparse.Namespace, config: Config, target: Target) -> int:
    from epicshell.render import Screen, render
    from epicshell.render.screen import terminal_width
    from epicshell.setup.doctor import examine
    from epicshell.setup.findings import report, worst

    owner = Target.from_url(config.owner_url, owner=True) if config.owner_url else None
    if owner is None and target.embedded:
        owner = Target(target.name, {**target.parameters, "user": OWNER_ROLE}, target.embedded)
    findings = examine(config, target, owner, _say)
    screen = Screen(terminal_width(), False, ZoneInfo("UTC"))
    form = Format(getattr(chosen, "format", None) or Format.TABLE)
    render(report(findings), format=form, out=sys.stdout, screen=screen)
    return Refused.exit_code if worst(findings) == "problem" else 0
