#!/bin/sh
# Joins this machine to a tailnet, once. TAILSCALE_AUTHKEY and TAILSCALE_HOSTNAME are set; the machine's owner
# may have set TAILSCALE_ADVERTISE_TAGS and TAILSCALE_LOGIN_SERVER. Run by root or a user with passwordless sudo.
set -eu

done_flag=/var/lib/sandbox/bootstrap.done
[ ! -e "$done_flag" ] || exit 0

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n -- "$@"; fi
}

install_tailscale() {
    installer=$(mktemp)
    if command -v curl >/dev/null; then
        curl -fsSL --retry 5 https://tailscale.com/install.sh -o "$installer"
    else
        wget -qO "$installer" https://tailscale.com/install.sh
    fi
    as_root sh "$installer"
    rm -f "$installer"
}

start_daemon() {
    if [ -d /run/systemd/system ]; then
        as_root systemctl enable --now tailscaled
        return
    fi
    # A container may have no TUN device: the daemon then brings its own network stack.
    tun=tailscale0
    [ -e /dev/net/tun ] || tun=userspace-networking
    as_root mkdir -p /var/lib/tailscale /var/run/tailscale
    as_root sh -c 'nohup tailscaled --tun="$1" --state=/var/lib/tailscale/tailscaled.state \
        </dev/null >/var/log/tailscaled.log 2>&1 &' tailscaled "$tun"
}

daemon_answers() {
    as_root tailscale status --json >/dev/null 2>&1
}

command -v tailscale >/dev/null && command -v tailscaled >/dev/null || install_tailscale
if ! daemon_answers; then
    start_daemon
    tries=0
    until daemon_answers; do
        tries=$((tries + 1))
        if [ "$tries" -ge 60 ]; then
            echo "tailscaled does not answer" >&2
            exit 1
        fi
        sleep 1
    done
fi

# In a file, since everybody on the machine may read a command line.
umask 077
key_file=$(mktemp)
trap 'rm -f "$key_file"' EXIT
printf %s "$TAILSCALE_AUTHKEY" >"$key_file"
unset TAILSCALE_AUTHKEY

set -- --auth-key="file:$key_file" --ssh --accept-dns=true --hostname="$TAILSCALE_HOSTNAME" --reset \
    --advertise-tags="${TAILSCALE_ADVERTISE_TAGS:-tag:sandbox}"
if [ -n "${TAILSCALE_LOGIN_SERVER:-}" ]; then
    set -- "$@" --login-server="$TAILSCALE_LOGIN_SERVER"
fi
as_root tailscale up "$@"

as_root mkdir -p "${done_flag%/*}"
as_root touch "$done_flag"
