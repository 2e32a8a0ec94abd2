#!/bin/sh
# Runs a plan, and hands its summary to sendmail where there is one, else prints it. The exit status is that of the run:
# 0 nothing new, 1 new errors, 2 could not start, 3 a watch rule fired.
#
#   nightly.sh PLAN.toml [options of xlrotation nightly]
#
# XLROTATION names the program where it is not on the path, QUIET=1 sends nothing where nothing is new.
set -u

if [ "$#" -lt 1 ]; then
    echo "usage: nightly.sh PLAN.toml [options of xlrotation nightly]" >&2
    exit 2
fi
program=${XLROTATION:-xlrotation}
message=$(mktemp) || exit 2
trap 'rm -f "$message"' EXIT

"$program" nightly "$@" --summary mail >"$message"
status=$?

if [ -s "$message" ] && { [ "$status" -ne 0 ] || [ "${QUIET:-0}" != 1 ]; }; then
    if grep -q '^To: ' "$message" && command -v sendmail >/dev/null 2>&1; then
        sendmail -t <"$message" || { echo "the summary could not be sent:" >&2; cat "$message"; }
    else
        cat "$message"
    fi
fi
exit "$status"
