"""Why what is stored cannot be used.

* StorageError: one sentence for whoever runs Rekey; it names no secret
  x DatabaseUrlError   x DatabaseUnreadableError   x NotADatabaseError   x DatabaseBusyError
  x DatabaseInUseError   x DatabaseTooNewError   x DatabaseOutdatedError
  x RosterConflictError   x SecretKeyError
"""


class StorageError(Exception):
    """Something stored cannot be read or written."""


class DatabaseUrlError(StorageError):
    """The URL names no database that Rekey can use."""


class DatabaseUnreadableError(StorageError):
    """The database cannot be opened or written."""


class NotADatabaseError(StorageError):
    """The file is something else, or is damaged."""


class DatabaseBusyError(StorageError):
    """Somebody else has been writing for longer than is waited for."""


class DatabaseInUseError(StorageError):
    """Another program serves from the database, and only one may."""


class DatabaseTooNewError(StorageError):
    """A newer version of Rekey has migrated the database."""


class DatabaseOutdatedError(StorageError):
    """The database lacks a migration."""


class RosterConflictError(StorageError):
    """An import gives two contacts what only one can have."""


class SecretKeyError(StorageError):
    """No key, or a wrong one, for what is encrypted."""
