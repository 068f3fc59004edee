"""What the file daemon loads: module_name=bareos-fd-s3stream, this directory as module_path.

It may also be copied into another plugin directory, if the package is where Python finds it.
"""

import os
import sys

import bareosfd

# The daemon looks its entry points up in this module.
from BareosFdWrapper import *  # noqa: F403
from BareosFdWrapper import BareosPlugin

# Installed by `pip install --target DIR`: DIR is three levels above this directory. Behind
# everything else, so that a package that is installed for all of Python comes first.
_target = os.path.abspath(os.path.join(os.path.dirname(__file__), *[os.pardir] * 3))
if os.path.isfile(os.path.join(_target, "s3stream", "__init__.py")):
    sys.path.append(_target)

try:
    from s3stream.bareos.job import S3streamPlugin
except ImportError as error:
    bareosfd.JobMessage(
        bareosfd.M_FATAL,
        f"s3stream: Python {sys.version_info.major}.{sys.version_info.minor} of this daemon "
        f"cannot import the package ({error}): see step 1 of BAREOS.md\n",
    )
    raise


@BareosPlugin
class Plugin(S3streamPlugin):
    """The one class that the wrapper makes an instance of."""
