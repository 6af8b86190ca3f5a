"""epicshell init: from an empty server to a first admin, and back to one when the last is lost."""

from typing import TYPE_CHECKING

import pytest
from psycopg2.extensions import make_dsn

from epicshell import migrations
from epicshell.errors import Invalid, NotAllowed, NotLoggedIn, Refused, Unavailable
from epicshell.session.keys import is_code
from epicshell.session.login import Gate
from epicshell.setup import owner as owner_module
from epicshell.setup.init import AdminRequest, init
from epicshell.telemetry import Secret

if TYPE_CHECKING:
    from conftest import CompanyServer
