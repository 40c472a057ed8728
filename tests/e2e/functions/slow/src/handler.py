"""Takes as long as it is told, and leaves a child process behind if told so."""

import subprocess
import time


def lambda_handler(event, context):
    if event.get("leave_child"):
        subprocess.Popen(["sleep", "600"], start_new_session=True)
    time.sleep(event.get("sleep_s", 0))
    return "done"
