#include "service/providers/local/seccomp_filter.hpp"

#include "posix/file.hpp"
#include "posix/unique_fd.hpp"
#include "service/providers/provider.hpp"

#include <seccomp.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <linux/tiocl.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

namespace drukbox::service::local {
namespace {

/// Ways into the kernel that a shell, a compiler or an agent's tool never needs; most of them want a
/// capability as well, which nobody inside has.
constexpr const char* refused[] = {
    // Namespaces and mounts: with a namespace of one's own come capabilities, and the whole of the kernel
    // that is reachable only with them.
    "setns",
    "mount",
    "umount",
    "umount2",
    "pivot_root",
    "chroot",
    "move_mount",
    "open_tree",
    "fsopen",
    "fsconfig",
    "fsmount",
    "fspick",
    "mount_setattr",
    "open_by_handle_at",
    // The keyrings are not divided by namespaces.
    "keyctl",
    "add_key",
    "request_key",
    // Where the kernel's holes were.
    "bpf",
    "perf_event_open",
    "userfaultfd",
    "io_uring_setup",
    "io_uring_enter",
    "io_uring_register",
    "vmsplice",
    "fanotify_init",
    "lookup_dcookie",
    "uselib",
    "modify_ldt",
    "quotactl",
    "quotactl_fd",
    "acct",
    "nfsservctl",
    "_sysctl",
    "move_pages",
    "mbind",
    "set_mempolicy",
    "set_mempolicy_home_node",
    "migrate_pages",
    // The machine itself.
    "kexec_load",
    "kexec_file_load",
    "init_module",
    "finit_module",
    "delete_module",
    "create_module",
    "get_kernel_syms",
    "query_module",
    "reboot",
    "swapon",
    "swapoff",
    "settimeofday",
    "clock_settime",
    "clock_adjtime",
    "adjtimex",
    "stime",
    "syslog",
    "sethostname",
    "setdomainname",
    "iopl",
    "ioperm",
    "vhangup",
};

constexpr const char* absent[] = {
    // Its flags lie in memory, where a filter cannot look; C libraries fall back to clone.
    "clone3",
};

/// The last call that this list has been held against: mseal. What a kernel adds later has no name in here,
/// and is absent until somebody has looked at it. From 424 on the numbers are the same on every processor.
constexpr std::uint32_t last_judged_call = 462;

#if defined(__x86_64__)
constexpr std::uint32_t native_abi = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t native_abi = AUDIT_ARCH_AARCH64;
#else
#error "the filter knows x86-64 and AArch64"
#endif

constexpr std::uint64_t namespace_flags =
    CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;

class Filter
{
public:
    Filter()
        : context_(::seccomp_init(SCMP_ACT_ALLOW), &::seccomp_release)
    {
        if (!context_) {
            throw ProviderError("libseccomp: no filter");
        }
        // Calls by another ABI of the processor (i386, x32) end the process.
        check(::seccomp_attr_set(context_.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS));
        check(::seccomp_attr_set(context_.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2));
    }

    void refuse(const char* name, int error)
    {
        if (const int call = ::seccomp_syscall_resolve_name(name); call != __NR_SCMP_ERROR) {
            ignore_absent(::seccomp_rule_add(context_.get(), SCMP_ACT_ERRNO(error), call, 0));
        }
    }

    void refuse(const char* name, int error, const std::vector<scmp_arg_cmp>& when)
    {
        if (const int call = ::seccomp_syscall_resolve_name(name); call != __NR_SCMP_ERROR) {
            ignore_absent(::seccomp_rule_add_array(context_.get(), SCMP_ACT_ERRNO(error), call,
                                                   static_cast<unsigned>(when.size()), when.data()));
        }
    }

    [[nodiscard]] std::string bpf() const
    {
        const posix::UniqueFd memory{::memfd_create("seccomp", MFD_CLOEXEC)};
        if (!memory) {
            throw ProviderError("memfd: " + std::string{std::strerror(errno)});
        }
        check(::seccomp_export_bpf(context_.get(), memory.get()));
        ::lseek(memory.get(), 0, SEEK_SET);
        std::string program(1 << 16, '\0');
        const ssize_t size = ::read(memory.get(), program.data(), program.size());
        program.resize(static_cast<std::size_t>(size > 0 ? size : 0));
        return program;
    }

private:
    static void check(int result)
    {
        if (result != 0) {
            throw ProviderError("libseccomp: " + std::string{std::strerror(-result)});
        }
    }

    /// A call that this processor does not have needs no rule.
    static void ignore_absent(int result)
    {
        if (result != -EDOM && result != -EFAULT) {
            check(result);
        }
    }

    std::unique_ptr<void, decltype(&::seccomp_release)> context_;
};

/// libseccomp has no rule for a number without a name: this goes in front of what it makes. Numbers of the
/// x32 ABI are left to it.
std::string absence_of_later_calls()
{
    constexpr std::uint32_t x32_bit = 0x40000000;
    const std::array<sock_filter, 6> program{{
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, native_abi, 0, 4),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, x32_bit, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, last_judged_call, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
    }};
    return {reinterpret_cast<const char*>(program.data()), sizeof(program)};
}

/// Everything but UNIX, INET, INET6 and NETLINK; AF_VSOCK, for one, is not divided by namespaces. The kernel
/// looks at 32 bits, the filter at 64: what has more bits set is above the largest family, too.
void refuse_socket_families(Filter& filter, const char* call)
{
    for (const unsigned family : {AF_UNSPEC, AF_AX25, AF_IPX, AF_APPLETALK, AF_NETROM, AF_BRIDGE, AF_ATMPVC,
                                  AF_X25, AF_ROSE, AF_DECnet, AF_NETBEUI, AF_SECURITY, AF_KEY}) {
        filter.refuse(call, EAFNOSUPPORT, {SCMP_A0(SCMP_CMP_EQ, family, 0)});
    }
    filter.refuse(call, EAFNOSUPPORT, {SCMP_A0(SCMP_CMP_GT, AF_NETLINK, 0)});
}

/// Of the internet's, streams, datagrams and raw ones, by TCP, UDP and ICMP; everything else (SCTP, DCCP,
/// MPTCP, UDP-Lite, L2TP, …) is a protocol that the kernel may load a module for. Of netlink only that by
/// which programs learn their addresses. Other protocols of AF_UNIX do not exist.
void refuse_protocols(Filter& filter)
{
    const auto refuse = [&filter](std::uint64_t family, scmp_compare how, std::uint64_t protocol) {
        filter.refuse("socket", EPROTONOSUPPORT,
                      {SCMP_A0(SCMP_CMP_EQ, family, 0), SCMP_A2(how, protocol, 0)});
    };
    const auto allow_only = [&refuse](std::uint64_t family, const std::vector<std::uint64_t>& ascending) {
        std::uint64_t next = 0;
        for (const std::uint64_t protocol : ascending) {
            for (; next < protocol; ++next) {
                refuse(family, SCMP_CMP_EQ, next);
            }
            next = protocol + 1;
        }
        refuse(family, SCMP_CMP_GE, next);
    };
    allow_only(AF_INET, {IPPROTO_IP, IPPROTO_ICMP, IPPROTO_TCP, IPPROTO_UDP});
    allow_only(AF_INET6, {IPPROTO_IP, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMPV6});
    allow_only(AF_NETLINK, {NETLINK_ROUTE});
    // SOCK_STREAM, SOCK_DGRAM and SOCK_RAW are 1 to 3, and 4 bits are the type.
    for (const std::uint64_t family : {AF_INET, AF_INET6}) {
        for (const std::uint64_t bit : {0x4, 0x8}) {
            filter.refuse("socket", ESOCKTNOSUPPORT,
                          {SCMP_A0(SCMP_CMP_EQ, family, 0), SCMP_A1(SCMP_CMP_MASKED_EQ, bit, bit)});
        }
    }
}

} // namespace

std::string compile_seccomp_filter()
{
    Filter filter;
    for (const char* const name : refused) {
        filter.refuse(name, EPERM);
    }
    for (const char* const name : absent) {
        filter.refuse(name, ENOSYS);
    }
    // One rule a flag: the comparison is "these bits, exactly so", and any one of them is too many.
    for (std::uint64_t flag = 1; flag != 0 && flag <= namespace_flags; flag <<= 1U) {
        if ((namespace_flags & flag) != 0) {
            filter.refuse("unshare", EPERM, {SCMP_A0(SCMP_CMP_MASKED_EQ, flag, flag)});
            filter.refuse("clone", EPERM, {SCMP_A0(SCMP_CMP_MASKED_EQ, flag, flag)});
        }
    }
    filter.refuse("unshare", EPERM, {SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_NEWTIME, CLONE_NEWTIME)});
    // Typing into a terminal that someone else looks at. The upper half is ignored by the kernel.
    for (const std::uint64_t request : {TIOCSTI, TIOCLINUX}) {
        filter.refuse("ioctl", EPERM, {SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffffU, request)});
    }
    refuse_socket_families(filter, "socket");
    refuse_socket_families(filter, "socketpair");
    refuse_protocols(filter);
    return absence_of_later_calls() + filter.bpf();
}

} // namespace drukbox::service::local
