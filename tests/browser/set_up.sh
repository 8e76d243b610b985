#!/usr/bin/env bash
# Finds the chromium that the tests of the pages drive, or installs Debian's where that may be done; 69 when neither.
set -euo pipefail
for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null; then exit 0; fi
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq && apt-get install -y -qq chromium >/dev/null; then
    exit 0
fi
echo "There is no chromium, and it cannot be installed from here: apt-get install chromium brings it." >&2
exit 69
