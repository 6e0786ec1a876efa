#!/usr/bin/env bash
# Runs the local provider's tests once more as an ordinary user, when they are started by root:
# as_user.sh TEST_PROGRAM ATTACKER KEEPER GUEST. Exits with 77 where that cannot be done.
set -euo pipefail

if [ "$(id -u)" -ne 0 ]; then
    echo "not root: the tests run as an ordinary user anyway"
    exit 77
fi
user=nobody
if id -u games >/dev/null 2>&1; then
    user=games # without processes of its own, unlike nobody on many machines
fi

# The build may lie where that user cannot look.
directory=$(mktemp -d "${TMPDIR:-/tmp}/drukbox-user-XXXXXX")
trap 'rm -rf "$directory"' EXIT
chmod 755 "$directory"
cp "$@" "$directory"
mkdir "$directory/home"
chown "$user" "$directory/home"

cd "$directory"
env -i PATH="$PATH" HOME="$directory/home" TMPDIR="$directory/home" \
    DRUKBOX_PROGRAM_DIR="$directory" DRUKBOX_TEST_DIR="$directory" \
    setpriv --reuid "$user" --regid "$(id -g "$user")" --clear-groups \
    "$directory/$(basename "$1")" --gtest_brief=1
