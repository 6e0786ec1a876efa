#pragma once

/// What the service and the keeper agree on: the files of a sandbox's directory and the descriptors that the
/// keeper starts with. Its working directory is the sandbox's.
namespace drukbox::keeper {

inline constexpr const char* lock_file = "lock";         ///< flock'ed by the keeper as long as it lives.
inline constexpr const char* control_socket = "control"; ///< SOCK_SEQPACKET, see control.hpp.
inline constexpr const char* config_file = "keeper.conf";
inline constexpr const char* bwrap_arguments_file = "bwrap.args"; ///< For `bwrap --args`.
inline constexpr const char* seccomp_file = "seccomp.bpf";
inline constexpr const char* etc_directory = "etc"; ///< The sandbox's /etc.

inline constexpr int lock_fd = 3;
inline constexpr int uid_lock_fd = 4; ///< Holds the sandbox's uid; /dev/null where it has none of its own.
inline constexpr int control_fd = 5;  ///< The control socket, listening.
inline constexpr int ready_fd = 6;    ///< Takes one line: `ready PORT` or `error TEXT`.
/// From here on what bwrap binds by descriptor, as many as the configuration says.
inline constexpr int first_source_fd = 7;
inline constexpr int most_sources = 48;

/// Descriptors in bwrap and, channel and start, in the acceptor.
inline constexpr int bwrap_arguments_fd = 3;
inline constexpr int bwrap_seccomp_fd = 4;
inline constexpr int bwrap_info_fd = 5;
inline constexpr int channel_fd = 6;
inline constexpr int started_fd = 7;
inline constexpr int bwrap_first_source_fd = 8;

/// In every sandbox, empty: what covers things in there.
inline constexpr const char* empty_file = "/etc/drukbox/empty/file";
inline constexpr const char* empty_directory = "/etc/drukbox/empty/directory";

/// Where a keeper that runs as root shows the sources to bwrap, which runs as the sandbox's uid and could not
/// walk through root's directories: a file system of its own in a mount namespace of its own.
inline constexpr const char* stage_directory = "/tmp";

} // namespace drukbox::keeper
