"""PYTHONPATH of the commands, as the Makefile sets it."""

import os

from fleet.libs import all_libraries
from fleet.paths import DEMO, IMAGES, ROOT

FLEET = os.pathsep.join(map(str, (ROOT / "scripts", IMAGES)))
APPLICATION = os.pathsep.join(map(str, (DEMO, FLEET, *(one.sources for one in all_libraries()))))
