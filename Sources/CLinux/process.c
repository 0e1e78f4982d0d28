// Starting a process inside namespaces, and learning of its end from the kernel.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fl_process.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

enum { STACK_BYTES = 256 * 1024 };

// What the child and its suspended parent share: the child runs in the parent's memory until exec (CLONE_VM and
// CLONE_VFORK, as posix_spawn does), so that a large heap costs nothing, and a failure is told by writing it here.
struct start {
  const struct fl_spawn *spec;
  pid_t parent;
  fl_spawn_step step;
  int error;
};

static int fail(struct start *start, fl_spawn_step step) {
  start->error = errno;
  start->step = step;
  _exit(127);
}

// By the raw call: the C library keeps its own two signals (32, 33) from sigaction, and an ignored one is inherited.
static void default_signals(void) {
  enum { SIGNAL_MAX = 64, MASK_BYTES = 8 };
  static const unsigned long zero[8]; // the kernel's struct sigaction: SIG_DFL, no flags, empty mask
  for (int signal = 1; signal <= SIGNAL_MAX; signal++) (void)syscall(SYS_rt_sigaction, signal, zero, NULL, MASK_BYTES);
  sigset_t none;
  sigemptyset(&none);
  (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

// By the raw calls: the C library's change the user of all threads, and those are the parent's here.
static int become(const struct fl_spawn *spec) {
  return syscall(SYS_setgroups, 0, NULL) || syscall(SYS_setresgid, spec->group, spec->group, spec->group)
    || syscall(SYS_setresuid, spec->user, spec->user, spec->user);
}

// The namespace is that of the program: it is entered with exec (since Linux 6.3).
static int enter_clocks(const char *offsets) {
  if (unshare(CLONE_NEWTIME)) return -1;
  int file = open("/proc/self/timens_offsets", O_WRONLY | O_CLOEXEC);
  if (file < 0) return -1;
  size_t length = 0;
  while (offsets[length]) length++;
  return write(file, offsets, length) == (ssize_t)length ? 0 : -1; // closed by exec
}

static int child(void *argument) {
  struct start *start = argument;
  const struct fl_spawn *spec = start->spec;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != start->parent) return fail(start, FL_SPAWN_PARENT);
  if (setpgid(0, 0)) return fail(start, FL_SPAWN_GROUP);
  if (spec->netns >= 0 && setns(spec->netns, CLONE_NEWNET)) return fail(start, FL_SPAWN_NETNS);
  if (spec->hostname) {
    size_t length = 0;
    while (spec->hostname[length]) length++;
    if (sethostname(spec->hostname, length)) return fail(start, FL_SPAWN_HOSTNAME);
  }
  if (spec->clocks && enter_clocks(spec->clocks)) return fail(start, FL_SPAWN_CLOCKS);
  if (spec->user >= 0) {
    if (become(spec)) return fail(start, FL_SPAWN_USER);
    // Forgotten by the kernel with the old user.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != start->parent) return fail(start, FL_SPAWN_PARENT);
  }
  if (spec->directory && chdir(spec->directory)) return fail(start, FL_SPAWN_DIRECTORY);
  if (dup2(spec->input, 0) < 0 || dup2(spec->output, 1) < 0 || dup2(spec->errors, 2) < 0)
    return fail(start, FL_SPAWN_DESCRIPTORS);
  if (syscall(SYS_close_range, 3, ~0U, 0)) return fail(start, FL_SPAWN_DESCRIPTORS);
  default_signals();
  // From here on exec stops the process with the new program in place, and not one instruction of it run.
  if (spec->traced && ptrace(PTRACE_TRACEME, 0, NULL, NULL)) return fail(start, FL_SPAWN_TRACE);
  execve(spec->path, spec->argv, spec->envp);
  return fail(start, FL_SPAWN_EXEC);
}

// The end of a child that never became the program.
static void discard(struct fl_spawned *out) {
  siginfo_t info;
  while (waitid(P_PIDFD, (id_t)out->pidfd, &info, WEXITED) && errno == EINTR) {}
  close(out->pidfd);
  out->pidfd = -1;
}

// Waits for the stop of a traced child at its exec. An end instead is left for `discard`, or for who watches it.
static int await_exec(int pidfd) {
  siginfo_t info = {0};
  while (waitid(P_PIDFD, (id_t)pidfd, &info, WSTOPPED | WEXITED | WNOWAIT | __WALL)) {
    if (errno != EINTR) return errno;
  }
  return info.si_code == CLD_TRAPPED ? 0 : ESRCH;
}

void fl_spawn(const struct fl_spawn *spec, struct fl_spawned *out) {
  *out = (struct fl_spawned){.pid = -1, .pidfd = -1};
  void *stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  if (stack == MAP_FAILED) {
    out->step = FL_SPAWN_CLONE;
    out->error = errno;
    return;
  }
  struct start start = {.spec = spec, .parent = getpid()};
  int flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD | (spec->hostname ? CLONE_NEWUTS : 0);
  sigset_t all, mask;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &mask);
  out->pid = clone(child, (char *)stack + STACK_BYTES, flags, &start, &out->pidfd);
  int error = errno;
  pthread_sigmask(SIG_SETMASK, &mask, NULL);
  munmap(stack, STACK_BYTES);
  out->step = out->pid < 0 ? FL_SPAWN_CLONE : start.step;
  out->error = out->pid < 0 ? error : start.error;
  if (out->pid >= 0 && !out->step && spec->traced) out->error = await_exec(out->pidfd);
  if (out->error && !out->step) {
    out->step = FL_SPAWN_TRACE;
    (void)fl_pidfd_signal(out->pidfd, SIGKILL);
  }
  if (out->pid >= 0 && out->step) discard(out);
}

int fl_release(pid_t pid) { return ptrace(PTRACE_DETACH, pid, NULL, NULL) ? errno : 0; }

int fl_reap(int pidfd, int *code, int *signal) {
  siginfo_t info = {0};
  if (waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED | WNOHANG)) return errno;
  if (info.si_pid == 0) return EAGAIN;
  *code = info.si_code == CLD_EXITED ? info.si_status : 0;
  *signal = info.si_code == CLD_EXITED ? 0 : info.si_status;
  return 0;
}

int fl_pidfd_open(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int fl_pidfd_signal(int pidfd, int signal) {
  return syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0) ? errno : 0;
}

// Moves a descriptor above the standard ones.
static int above_standard(int fd) {
  if (fd < 0 || fd > 2) return fd;
  int moved = fcntl(fd, F_DUPFD_CLOEXEC, 3), error = errno;
  close(fd);
  errno = error;
  return moved;
}

int fl_memory_file(const char *name) { return above_standard(memfd_create(name, MFD_CLOEXEC)); }

int fl_open(const char *path, int flags, mode_t mode) { return above_standard(open(path, flags | O_CLOEXEC, mode)); }

int fl_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC) ? errno : 0; }
