#!/usr/bin/env bash
# Runs the local provider's tests once more as an ordinary user, when they are started by root:
# as_user.sh MODE TEST_PROGRAM ATTACKER KEEPER GUEST [OPTION_OF_THE_TESTS]...
# The modes: `strict`, where the user has a range of subordinate uids, so that every sandbox gets one; `shared`, where it
# has none, whatever this machine's files say; `in-cpu-group`, shared and only what is about processors, in a cpu cgroup
# that was handed to that user. Exits with 77 where that cannot be done.
set -euo pipefail

if [ "$(id -u)" -ne 0 ]; then
    echo "not root: the tests run as an ordinary user anyway"
    exit 77
fi
mode=$1
program=$2
programs=("${@:2:4}")
options=("${@:6}")
if [ "$mode" = strict ] && ! command -v newuidmap >/dev/null; then
    echo "newuidmap is missing: install the package uidmap"
    exit 77
fi
user=nobody
if id -u games >/dev/null 2>&1; then
    user=games # without processes of its own, unlike nobody on many machines
fi

group=
if [ "$mode" = in-cpu-group ]; then
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
cp "${programs[@]}" "$directory"
mkdir "$directory/home"
chown "$user" "$directory/home"

# An /etc for this test alone: what a user's range is, all of the machine would see.
cp -a /etc "$directory/etc"
for file in subuid subgid; do
    rm -f "$directory/etc/$file"
    touch "$directory/etc/$file"
done
if [ "$mode" = strict ]; then
    # Of different numbers, so that none stands in for the other.
    echo "$user:1868000000:65536" >"$directory/etc/subuid"
    echo "$user:1869000000:65536" >"$directory/etc/subgid"
fi

cd "$directory"
# shellcheck disable=SC2016
in_this_etc=(unshare --mount --propagation private
    bash -c 'mount --bind "$0/etc" /etc && cd "$0" && exec "$@"' "$directory")
as_user=(env -i "PATH=$PATH" "HOME=$directory/home" "TMPDIR=$directory/home"
    "DRUKBOX_PROGRAM_DIR=$directory" "DRUKBOX_TEST_DIR=$directory")
command=(setpriv --reuid "$user" --regid "$(id -g "$user")" --clear-groups
    "$directory/$(basename "$program")" --gtest_brief=1 "${options[@]}")
if [ -z "$group" ]; then
    "${in_this_etc[@]}" "${as_user[@]}" "${command[@]}"
else
    (
        echo 0 >"$group/cgroup.procs"
        exec "${in_this_etc[@]}" "${as_user[@]}" "DRUKBOX_TEST_CPU_GROUP=$group" "${command[@]}" \
            '--gtest_filter=*Processor*'
    )
fi
