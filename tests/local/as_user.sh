#!/usr/bin/env bash
# Runs the local provider's tests once more as an ordinary user, when they are started by root:
# as_user.sh [--in-cpu-group] TEST_PROGRAM ATTACKER KEEPER GUEST. With --in-cpu-group those about processors, in a
# cpu cgroup that was handed to that user. Exits with 77 where that cannot be done.
set -euo pipefail

if [ "$(id -u)" -ne 0 ]; then
    echo "not root: the tests run as an ordinary user anyway"
    exit 77
fi
user=nobody
if id -u games >/dev/null 2>&1; then
    user=games # without processes of its own, unlike nobody on many machines
fi

group=
if [ "$1" = --in-cpu-group ]; then
    shift
    hierarchy=$(awk '$3 == "cgroup" && $4 ~ /(^|,)cpu(,|$)/ { print $2; exit }' /proc/mounts)
    own=$(awk -F: '$2 ~ /(^|,)cpu(,|$)/ { print $3 }' /proc/self/cgroup)
    group=$hierarchy${own%/}/drukbox-test-$$
    if [ -z "$hierarchy" ] || ! mkdir "$group"; then
        echo "no cpu cgroup of version 1 can be made here"
        exit 77
    fi
    chown -R "$user" "$group"
fi

# The build may lie where that user cannot look.
directory=$(mktemp -d "${TMPDIR:-/tmp}/drukbox-user-XXXXXX")
clean_up()
{
    rm -rf "$directory"
    if [ -n "$group" ]; then
        find "$group" -depth -type d -exec rmdir {} \;
    fi
}
trap clean_up EXIT
chmod 755 "$directory"
cp "$@" "$directory"
mkdir "$directory/home"
chown "$user" "$directory/home"

cd "$directory"
as_user=(env -i "PATH=$PATH" "HOME=$directory/home" "TMPDIR=$directory/home"
    "DRUKBOX_PROGRAM_DIR=$directory" "DRUKBOX_TEST_DIR=$directory")
command=(setpriv --reuid "$user" --regid "$(id -g "$user")" --clear-groups
    "$directory/$(basename "$1")" --gtest_brief=1)
if [ -z "$group" ]; then
    "${as_user[@]}" "${command[@]}"
else
    (
        echo 0 >"$group/cgroup.procs"
        exec "${as_user[@]}" "DRUKBOX_TEST_CPU_GROUP=$group" "${command[@]}" '--gtest_filter=*Processor*'
    )
fi
