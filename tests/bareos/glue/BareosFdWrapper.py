"""A stand-in for the module of that name that Bareos ships: from its described behaviour.

It exports the functions that the daemon looks up in a plugin's module; each passes its call on
to one instance of the class that a plugin decorates with ``BareosPlugin``.
"""

import bareosfd

PLUGIN_CLASS = None
bareos_fd_plugin_object = None


def BareosPlugin(cls):  # noqa: N802
    """Names the class of the plugin."""
    global PLUGIN_CLASS
    PLUGIN_CLASS = cls
    return cls


def load_bareos_plugin(plugindef):
    """Makes the instance; the definition is parsed by a call of its own."""
    global bareos_fd_plugin_object
    bareos_fd_plugin_object = PLUGIN_CLASS(plugindef)
    return bareosfd.bRC_OK


def _forward(name):
    def call(*arguments):
        return getattr(bareos_fd_plugin_object, name)(*arguments)

    call.__name__ = name
    return call


_ENTRY_POINTS = """
    parse_plugin_definition handle_plugin_event start_backup_file end_backup_file plugin_io
    start_restore_file end_restore_file create_file set_file_attributes check_file
    restore_object_data handle_backup_file get_acl set_acl get_xattr set_xattr
""".split()

for _name in _ENTRY_POINTS:
    globals()[_name] = _forward(_name)
