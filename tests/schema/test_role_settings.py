"""A peer may change the defaults of the role that colleagues share; the shell's own settings win over them."""

from typing import TYPE_CHECKING

import psycopg2
import pytest
from support.statements import refusal, rows, value
from support.world import World

if TYPE_CHECKING:
    pass

# What may change for colleagues: how fast they are served, by the categories of pg_settings; and what doesn't reach
# them: the look of what neither shell nor schema asks for.
HARMLESS_CATEGORIES = (
    "Query Tuning",
    "Resource Usage",
    "Developer Options",
    "Write-Ahead Log",
    "Autovacuum",
    "Vacuuming",
)
HARMLESS = {
    "application_name", "check_function_bodies", "createrole_self_grant", "default_table_access_method",
    "default_tablespace", "temp_tablespaces", "default_toast_compression", "gin_pending_list_limit",
    "icu_validation_level", "lc_monetary", "lc_numeric", "lc_time", "log_parameter_max_length_on_error",
    "password_encryption", "scram_iterations", "xmlbinary", "xmloption", "default_text_search_config",
    "backslash_quote", "escape_string_warning", "quote_all_identifiers", "synchronize_seqscans",
    "stats_fetch_consistency", "client_connection_check_interval", "tcp_keepalives_count", "tcp_keepalives_idle",
    "tcp_keepalives_interval", "tcp_user_timeout", "wal_sender_timeout", "timezone_abbreviations",
    "md5_password_warnings", "extra_float_digits", "file_copy_method", "debug_pretty_print",
}  # fmt: skip
SETTINGS = "SELECT name, setting FROM pg_settings WHERE context IN ('user', 'backend')"
VALUES = """
    SELECT name, CASE vartype WHEN 'bool' THEN CASE setting WHEN 'on' THEN 'off' ELSE 'on' END
                              WHEN 'enum' THEN (SELECT v FROM unnest(enumvals) v WHERE v <> setting LIMIT 1)
                              WHEN 'string' THEN 'mine'
                              ELSE CASE setting WHEN max_val THEN min_val ELSE max_val END END
    FROM pg_settings WHERE context IN ('user', 'backend') AND category NOT LIKE ALL (%s)
"""


def _set(world: World, setting: str, value: str) -> str:
    peer = world.bare("epic_sales_login")
    return refusal(peer, f"ALTER ROLE CURRENT_USER IN DATABASE {world.target.name} SET {setting} = {value}")


def _reset(world: World) -> None:
    world.run(f"ALTER ROLE epic_sales_login IN DATABASE {world.target.name} RESET ALL")


@pytest.mark.parametrize(
    ("setting", "spoilt"),
    [
        ("search_path", "pg_temp, public"), ("row_security", "off"),
        ("default_transaction_isolation", "'serializable'"),
        ("default_transaction_read_only", "on"), ("default_transaction_deferrable", "on"), ("statement_timeout", "1"),
        ("lock_timeout", "0"), ("idle_in_transaction_session_timeout", "0"), ("client_min_messages", "'debug5'"),
        ("standard_conforming_strings", "off"), ("DateStyle", "'German'"), ("TimeZone", "'Asia/Tokyo'"),
        ("IntervalStyle", "'sql_standard'"), ("client_encoding", "'LATIN1'"), ("jit", "on"),
    ],
)  # fmt: skip
def test_shells_own_setting_wins(world: World, setting: str, spoilt: str) -> None:
    before = value(world.connect("bill.boquet"), f"SHOW {setting}")
    assert _set(world, setting, spoilt) == ""
    assert value(world.connect("bill.boquet"), f"SHOW {setting}") == before


@pytest.mark.parametrize(
    "setting",
    [
        "session_replication_role = replica", "session_preload_libraries = 'x'",
        "track_activities = on", "log_statement = 'all'",
        "log_min_error_statement = 'error'", "log_min_messages = 'debug5'", "event_triggers = off", "epic.nonce = 'x'",
        "plpgsql.extra_errors = 'all'", "allow_in_place_tablespaces = on", "lo_compat_privileges = on",
        "dynamic_library_path = '/tmp'", "log_error_verbosity = 'verbose'", "temp_file_limit = -1",
        "ignore_checksum_failure = on",
    ],
)  # fmt: skip
def test_setting_of_the_server_is_refused_to_a_peer(shared_world: World, setting: str) -> None:
    name, spoilt = setting.split(" = ")
    assert _set(shared_world, name, spoilt) in ("42501", "55P02")


@pytest.mark.parametrize(
    ("setting", "spoilt"),
    [
        ("local_preload_libraries", "'missing'"),
        ("transaction_timeout", "1"),
        ("idle_session_timeout", "1"),
        ("exit_on_error", "on"),
        ("restrict_nonsystem_relation_kind", "'view'"),
        ("role", "'epic_owner'"),
        ("session_authorization", "'postgres'"), ("array_nulls", "off"), ("transform_null_equals", "on"),
        ("bytea_output", "'escape'"), ("default_tablespace", "'missing'"), ("default_table_access_method", "'missing'"),
        ("quote_all_identifiers", "on"), ("plan_cache_mode", "force_generic_plan"), ("enable_indexscan", "off"),
        ("debug_parallel_query", "on"), ("max_parallel_workers_per_gather", "8"), ("temp_buffers", "100"),
    ],
)  # fmt: skip
def test_spoilt_default_locks_no_colleague_out(world: World, setting: str, spoilt: str) -> None:
    assert _set(world, setting, spoilt) == ""
    opened = world.connect("bill.boquet")
    for _ in range(2):
        world.ask("SELECT pg_sleep(0.02)")  # while the shell is idle
        assert rows(opened, "SELECT count(*) FROM crm.clients") == [(4,)]
        assert refusal(opened, "SELECT 1/0") == "22012"
    assert rows(opened, "SELECT api.me() FROM api.sessions WHERE current") == [(world.ids.bill,)]


def test_every_setting_that_a_peer_may_change_is_the_shells_or_harmless(world: World) -> None:
    usual = dict(rows(world.connect("bill.boquet"), SETTINGS))
    categories = [f"{category}%" for category in HARMLESS_CATEGORIES]
    changed = set()
    for setting, spoilt in rows(world.bare("epic_sales_login"), VALUES, categories):
        if _set(world, setting, f"'{spoilt}'"):
            continue
        try:
            now = dict(rows(world.target.connect("epic_sales_login"), SETTINGS))
        except (psycopg2.Error, Exception):
            changed.add(setting)
        else:
            changed.update(name for name, value in now.items() if value != usual[name])
        _reset(world)
    assert changed - HARMLESS == set()
