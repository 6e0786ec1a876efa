#include "keeper/confine.hpp"

#include "posix/file.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <span>
#include <vector>

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace drukbox::keeper {
namespace {

#if defined(__x86_64__)
constexpr unsigned processor = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr unsigned processor = AUDIT_ARCH_AARCH64;
#else
#error "which AUDIT_ARCH has this processor?"
#endif

constexpr int for_both[] = {
    SYS_read,
    SYS_write,
    SYS_writev,
    SYS_close,
    SYS_fcntl,
    SYS_ppoll,
    SYS_accept4,
    SYS_recvfrom,
    SYS_sendto,
    SYS_clock_gettime,
    // What a C++ program does by itself.
    SYS_brk,
    SYS_mmap,
    SYS_mremap,
    SYS_munmap,
    SYS_mprotect,
    SYS_madvise,
    SYS_futex,
    SYS_getrandom,
    SYS_getpid,
    SYS_gettid,
    SYS_rt_sigaction,
    SYS_rt_sigprocmask,
    SYS_rt_sigreturn,
    SYS_restart_syscall,
    SYS_tgkill,
    SYS_exit,
    SYS_exit_group,
#if defined(__x86_64__)
    SYS_poll,
#endif
};

constexpr int for_the_keeper[] = {
    SYS_getsockopt, // who asks
    SYS_geteuid,    SYS_timer_settime,     SYS_timer_delete, SYS_timerfd_settime,
    SYS_kill,       SYS_pidfd_send_signal, SYS_wait4,        SYS_newfstatat,
    SYS_fstat,      SYS_getdents64,        SYS_lseek,        SYS_unlinkat,
#if defined(__x86_64__)
    SYS_rmdir,
#endif
};

constexpr int for_the_relay[] = {
    SYS_pipe2, SYS_sendmsg, SYS_shutdown, SYS_setsockopt, SYS_getsockname, SYS_getpeername, SYS_prlimit64,
};

void drop_capabilities(Role role)
{
    for (unsigned long capability = 0; capability <= CAP_LAST_CAP; ++capability) {
        ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0); // only root may, and only root has any
    }
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> now{};
    if (::syscall(SYS_capget, &header, now.data()) != 0) {
        throw posix::failure("capabilities");
    }
    // To end processes of the sandbox's user; and not to share the counts of pipes and of descriptors on
    // their way with all that root does.
    const unsigned needed = 1U << (role == Role::keeper ? CAP_KILL : CAP_SYS_RESOURCE);
    now[0].effective &= needed;
    now[0].permitted &= needed;
    now[0].inheritable = 0;
    now[1] = {};
    if (::syscall(SYS_capset, &header, now.data()) != 0) {
        throw posix::failure("capabilities");
    }
}

class Filter
{
public:
    Filter()
    {
        load(offsetof(seccomp_data, arch));
        program_.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, processor, 1, 0));
        answer(SECCOMP_RET_KILL_PROCESS);
        load(offsetof(seccomp_data, nr));
    }

    void allow(std::span<const int> calls)
    {
        for (const int call : calls) {
            program_.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(call), 0, 1));
            answer(SECCOMP_RET_ALLOW);
        }
    }

    /// After everything else.
    void allow_to_open_for_reading()
    {
        program_.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 1, 0));
        answer(refusal);
        load(offsetof(seccomp_data, args) + 2 * sizeof(__u64)); // little-endian: the lower half
        program_.push_back(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, O_ACCMODE | O_CREAT | O_TRUNC, 0, 1));
        answer(refusal);
        answer(SECCOMP_RET_ALLOW);
    }

    void install()
    {
        answer(refusal);
        const sock_fprog filter{static_cast<unsigned short>(program_.size()), program_.data()};
        if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
            ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0) {
            throw posix::failure("seccomp");
        }
    }

private:
    static constexpr unsigned refusal = SECCOMP_RET_ERRNO | EPERM;

    void load(std::size_t offset)
    {
        program_.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<unsigned>(offset)));
    }

    void answer(unsigned action) { program_.push_back(BPF_STMT(BPF_RET | BPF_K, action)); }

    std::vector<sock_filter> program_;
};

} // namespace

void confine(Role role)
{
    drop_capabilities(role);
    Filter filter;
    filter.allow(for_both);
    if (role == Role::keeper) {
        filter.allow(for_the_keeper);
        filter.allow_to_open_for_reading();
    } else {
        filter.allow(for_the_relay);
    }
    filter.install();
}

} // namespace drukbox::keeper
