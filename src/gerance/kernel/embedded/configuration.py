"""How the embedded database is set, written anew at each start."""

from pathlib import Path

HBA = """\
# Written by gerance: only the socket, whose directory only its owner can enter.
local all all trust
"""

_SETTINGS = """\
# Written by gerance at each start: put your own settings into postgresql.conf, below the include.
listen_addresses = ''
unix_socket_directories = {sockets}
unix_socket_permissions = 0700
max_connections = 100
shared_buffers = 256MB
work_mem = 16MB
maintenance_work_mem = 128MB
synchronous_commit = on
wal_compression = on
max_wal_size = 2GB
checkpoint_timeout = 15min
random_page_cost = 1.1
jit = off
default_toast_compression = {compression}
timezone = 'UTC'
log_timezone = 'UTC'
log_destination = 'stderr'
logging_collector = off
log_line_prefix = '%m [%p] '
log_checkpoints = off
# Clients cause errors of data and of limits at will: their statements and values are not logged.
log_statement = none
log_min_error_statement = fatal
log_error_verbosity = terse
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
"""


def settings(socket_directory: Path, *, lz4: bool) -> str:
    """Text of the settings file. `lz4`: whether this server was built with it."""
    return _SETTINGS.format(
        sockets=_quote('"' + str(socket_directory).replace('"', '""') + '"'),
        compression="lz4" if lz4 else "pglz",
    )


def _quote(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"
