// Entering the sandbox: outer process → init (pid 1 of the new PID namespace) → controller.
//
// One SEQPACKET socket pair joins outer and init. From outer to init: first the proof (the handshake: maps are written),
// then one byte a relayed signal. From init to outer: one `struct report`. Each side sees the other's death as the end of
// the stream, whatever killed it and whenever: that is the guard where PR_SET_PDEATHSIG alone has a race (the parent may
// be dead before the child asks).
//
// After clone the child is a one-thread copy of a process that may have had several: only raw system calls there.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/sched.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fl_enter.h"

#ifndef AT_EMPTY_PATH
#define AT_EMPTY_PATH 0x1000
#endif

extern char **environ;

enum { RANGE_MAX = 65536, PROOF_SIZE = 160 };

static const int relayed_signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
enum { RELAYED_COUNT = sizeof relayed_signals / sizeof relayed_signals[0] };

// What init tells outer.
struct report {
  enum { REFUSED = 1, EXITED, SIGNALED } kind;
  int a, b;
};

// The signal handler's own: the socket to init, and what went through it.
static volatile sig_atomic_t relay_socket = -1;
static volatile sig_atomic_t relayed_mask = 0;

static void relay(int signal) {
  int saved = errno;
  unsigned char byte = (unsigned char)signal;
  relayed_mask |= 1 << signal;
  (void)send(relay_socket, &byte, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
  errno = saved;
}

// MARK: - The inside, between clone and exec

static void send_report(int socket, int kind, int a, int b) {
  struct report report = {kind, a, b};
  (void)send(socket, &report, sizeof report, MSG_NOSIGNAL);
}

static _Noreturn void refuse(int socket, fl_step step) {
  send_report(socket, REFUSED, step, errno);
  _exit(1);
}

static int loopback_up(void) {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
  int status = ioctl(fd, SIOCSIFFLAGS, &request);
  close(fd);
  return status;
}

// The xtables lock and the hosts file need a /run of our own; a /dev/shm of our own keeps the nodes' shared memory from
// outliving them. /sys and /dev/shm are comforts: a container may forbid the first.
static void make_file_systems(int socket) {
  if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL)) refuse(socket, FL_STEP_PRIVATE_ROOT);
  if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL)) refuse(socket, FL_STEP_PROC);
  if (mount("tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=64m")) refuse(socket, FL_STEP_RUN);
  (void)mkdir("/run/lock", 01777);
  (void)mount("sysfs", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, NULL);
  (void)mount("tmpfs", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777");
}

static _Noreturn void become_controller(int socket, int executable, char *const argv[], char *const envp[],
                                        const sigset_t *mask) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  (void)sigprocmask(SIG_SETMASK, mask, NULL);
  syscall(SYS_execveat, executable, "", argv, envp, AT_EMPTY_PATH);
  refuse(socket, FL_STEP_EXEC);
}

// True when the controller has ended and its end was reported.
static int reap(int socket, pid_t controller) {
  int status;
  pid_t pid;
  while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
    if (pid != controller) continue;
    if (WIFEXITED(status)) send_report(socket, EXITED, WEXITSTATUS(status), 0);
    else send_report(socket, SIGNALED, WTERMSIG(status), 0);
    return 1;
  }
  return 0;
}

// Init's life: relay and reap. Its end is the end of every process in the PID namespace.
static _Noreturn void supervise(int socket, pid_t controller) {
  sigset_t children;
  sigemptyset(&children);
  sigaddset(&children, SIGCHLD);
  int ends = signalfd(-1, &children, SFD_NONBLOCK | SFD_CLOEXEC);
  if (ends < 0) refuse(socket, FL_STEP_FORK);
  // Nothing of the caller's stays open here: a reader of its output must not wait for init.
  (void)dup2(socket, 0);
  (void)dup2(ends, 1);
  (void)syscall(SYS_close_range, 2, ~0U, 0);
  struct pollfd sources[] = {{.fd = 0, .events = POLLIN}, {.fd = 1, .events = POLLIN}};
  for (;;) {
    if (reap(0, controller)) _exit(0);
    if (poll(sources, 2, -1) < 0 && errno != EINTR) _exit(1);
    if (sources[0].revents) {
      unsigned char signal;
      if (recv(0, &signal, 1, 0) <= 0) _exit(1);
      (void)kill(controller, signal);
    }
    struct signalfd_siginfo end;
    while (read(1, &end, sizeof end) > 0) {}
  }
}

static _Noreturn void become_init(int socket, int executable, char *const argv[], char *const envp[], char *proof,
                                  const sigset_t *mask) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  prctl(PR_SET_NAME, "faultline-init");
  for (int i = 0; i < RELAYED_COUNT; i++) {
    struct sigaction now;
    if (sigaction(relayed_signals[i], NULL, &now) == 0 && now.sa_handler == relay) signal(relayed_signals[i], SIG_DFL);
  }
  ssize_t size = recv(socket, proof, PROOF_SIZE, 0);
  if (size <= 0) _exit(1); // outer died or gave up
  if (size == 1) {         // a signal came before the start: nothing to undo
    send_report(socket, SIGNALED, proof[0], 0);
    _exit(0);
  }
  // A session of its own: no controlling terminal, so a Ctrl-C comes once (relayed) and reads never stop the inside.
  (void)setsid();
  make_file_systems(socket);
  if (loopback_up()) refuse(socket, FL_STEP_LOOPBACK);
  pid_t controller = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
  if (controller < 0) refuse(socket, FL_STEP_FORK);
  if (controller == 0) become_controller(socket, executable, argv, envp, mask);
  supervise(socket, controller);
}

// MARK: - The outside

static int write_file(pid_t pid, const char *name, const char *text) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  ssize_t written = write(fd, text, strlen(text));
  int error = errno;
  close(fd);
  errno = error;
  return written == (ssize_t)strlen(text) ? 0 : -1;
}

// How many identifiers from 0 upwards the caller itself has, at most RANGE_MAX: what root may map one to one.
static unsigned long own_range(const char *map) {
  FILE *file = fopen(map, "re");
  if (!file) return 1;
  unsigned long inside, outside, count, range = 0;
  while (fscanf(file, "%lu %lu %lu", &inside, &outside, &count) == 3)
    if (inside == range) range = inside + count;
  fclose(file);
  return range > RANGE_MAX ? RANGE_MAX : range;
}

// Root keeps its identifiers (files of other users keep their owners); everybody else becomes root and nothing more.
// Root without CAP_SETUID or CAP_SETGID (containers) is treated like everybody else.
static fl_step write_maps(pid_t pid) {
  char text[64];
  if (geteuid() == 0) {
    snprintf(text, sizeof text, "0 0 %lu\n", own_range("/proc/self/gid_map"));
    if (write_file(pid, "gid_map", text) == 0) {
      snprintf(text, sizeof text, "0 0 %lu\n", own_range("/proc/self/uid_map"));
      if (write_file(pid, "uid_map", text) == 0) return FL_STEP_NONE;
      if (errno != EPERM || write_file(pid, "uid_map", "0 0 1\n")) return FL_STEP_UID_MAP;
      return FL_STEP_NONE;
    }
    if (errno != EPERM) return FL_STEP_GID_MAP;
  }
  if (write_file(pid, "setgroups", "deny")) return FL_STEP_SETGROUPS;
  snprintf(text, sizeof text, "0 %u 1\n", geteuid());
  if (write_file(pid, "uid_map", text)) return FL_STEP_UID_MAP;
  snprintf(text, sizeof text, "0 %u 1\n", getegid());
  if (write_file(pid, "gid_map", text)) return FL_STEP_GID_MAP;
  return FL_STEP_NONE;
}

int fl_namespaces_of(const char *proc_directory, struct fl_namespaces *out) {
  struct { const char *name; uint64_t *inode; } all[] = {
    {"user", &out->user}, {"pid", &out->pid}, {"net", &out->net}, {"mnt", &out->mnt}};
  for (int i = 0; i < 4; i++) {
    char path[64];
    struct stat info;
    snprintf(path, sizeof path, "%s/ns/%s", proc_directory, all[i].name);
    if (stat(path, &info)) return errno;
    *all[i].inode = info.st_ino;
  }
  return 0;
}

// Writes the maps and lets init go on: it waits for the proof.
static fl_step release_init(int socket, pid_t init) {
  fl_step step = write_maps(init);
  if (step) return step;
  char directory[32], proof[PROOF_SIZE];
  struct fl_namespaces inside;
  snprintf(directory, sizeof directory, "/proc/%d", init);
  if ((errno = fl_namespaces_of(directory, &inside))) return FL_STEP_PROOF;
  int size = snprintf(proof, sizeof proof, FL_SANDBOX_VARIABLE "=%" PRIu64 ":%" PRIu64 ":%" PRIu64 ":%" PRIu64,
                      inside.user, inside.pid, inside.net, inside.mnt);
  // A failure means that init is dead: the caller's wait tells how.
  (void)send(socket, proof, (size_t)size + 1, MSG_NOSIGNAL);
  return FL_STEP_NONE;
}

// This environment without an old proof, and with room for the new one, which init receives.
static char **environment_with(char *proof) {
  size_t count = 0;
  while (environ[count]) count++;
  char **copy = malloc((count + 2) * sizeof *copy);
  if (!copy) return NULL;
  size_t n = 0;
  for (size_t i = 0; i < count; i++)
    if (strncmp(environ[i], FL_SANDBOX_VARIABLE "=", sizeof FL_SANDBOX_VARIABLE)) copy[n++] = environ[i];
  copy[n++] = proof;
  copy[n] = NULL;
  return copy;
}

// Descriptors 0 to 2 must exist, or a socket of ours would take their numbers.
static void fill_standard_descriptors(void) {
  int fd;
  while ((fd = open("/dev/null", O_RDWR)) >= 0 && fd < 3) {}
  if (fd >= 3) close(fd);
}

// A launcher's thread may have had them blocked, which exec keeps: then nobody could interrupt the run.
static void unblock_relayed(void) {
  sigset_t set;
  sigemptyset(&set);
  for (int i = 0; i < RELAYED_COUNT; i++) sigaddset(&set, relayed_signals[i]);
  pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

static void install_relays(int socket, struct sigaction old[]) {
  relay_socket = socket;
  relayed_mask = 0;
  struct sigaction action = {.sa_handler = relay, .sa_flags = SA_RESTART};
  sigfillset(&action.sa_mask);
  for (int i = 0; i < RELAYED_COUNT; i++) {
    // What was ignored (nohup, a background job of a script) stays ignored.
    if (sigaction(relayed_signals[i], NULL, &old[i]) == 0 && old[i].sa_handler != SIG_IGN)
      sigaction(relayed_signals[i], &action, NULL);
  }
}

static void remove_relays(const struct sigaction old[]) {
  for (int i = 0; i < RELAYED_COUNT; i++) sigaction(relayed_signals[i], &old[i], NULL);
  relay_socket = -1;
}

// Reads init's report until init is gone, and takes its end.
static void await_inside(int socket, pid_t init, struct fl_inside *inside) {
  struct report report = {0};
  ssize_t size;
  do {
    struct report next;
    size = recv(socket, &next, sizeof next, 0);
    if (size == sizeof next) report = next.kind == REFUSED || !report.kind ? next : report;
  } while (size > 0 || (size < 0 && errno == EINTR));
  int status = 0;
  while (waitpid(init, &status, 0) < 0 && errno == EINTR) {}
  switch (report.kind) {
  case REFUSED: inside->step = (fl_step)report.a; inside->error = report.b; break;
  case EXITED: inside->exited = 1; inside->code = report.a; break;
  case SIGNALED: inside->signal = report.a; break;
  default: inside->init_signal = WIFSIGNALED(status) ? WTERMSIG(status) : SIGKILL;
  }
}

// Clones init; fills in `step` and `error` when that is refused.
static pid_t clone_init(int sockets[2], int executable, char *const argv[], char *proof, struct fl_inside *inside) {
  char **envp = environment_with(proof);
  if (!envp) { inside->step = FL_STEP_PREPARE; inside->error = ENOMEM; return -1; }
  sigset_t all, mask;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &mask);
  unsigned long flags =
    CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | SIGCHLD;
  pid_t init = (pid_t)syscall(SYS_clone, flags, 0, 0, 0, 0);
  if (init == 0) {
    close(sockets[0]);
    become_init(sockets[1], executable, argv, envp, proof, &mask);
  }
  int error = errno;
  pthread_sigmask(SIG_SETMASK, &mask, NULL);
  free(envp);
  if (init < 0) { inside->step = FL_STEP_CLONE; inside->error = error; }
  return init;
}

static void run_inside(int sockets[2], int executable, char *const argv[], struct fl_inside *inside) {
  struct sigaction old[RELAYED_COUNT];
  char proof[PROOF_SIZE] = "";
  signal(SIGCHLD, SIG_DFL); // ignored, it would eat init's end
  // A run cannot be suspended: its nodes' timeouts and the clients' deadlines would go on.
  void (*stop)(int) = signal(SIGTSTP, SIG_IGN);
  install_relays(sockets[0], old);
  unblock_relayed();
  pid_t init = clone_init(sockets, executable, argv, proof, inside);
  close(sockets[1]);
  if (init > 0) {
    fl_step step = release_init(sockets[0], init);
    int error = errno;
    if (step) kill(init, SIGKILL);
    await_inside(sockets[0], init, inside);
    // An init that was killed or interrupted meanwhile has no files to write: its end is the news, not the refused write.
    int gone = inside->signal || error == ENOENT || error == ESRCH;
    if (step && !gone) *inside = (struct fl_inside){.step = step, .error = error};
  }
  inside->relayed = relayed_mask;
  remove_relays(old);
  signal(SIGTSTP, stop);
}

void fl_enter(char *const argv[], struct fl_inside *inside) {
  *inside = (struct fl_inside){0};
  fill_standard_descriptors();
  int sockets[2], executable = open("/proc/self/exe", O_PATH | O_CLOEXEC);
  if (executable < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets)) {
    *inside = (struct fl_inside){.step = FL_STEP_PREPARE, .error = errno};
  } else {
    run_inside(sockets, executable, argv, inside);
    close(sockets[0]);
  }
  if (executable >= 0) close(executable);
}

// MARK: - For the controller

void fl_set_process_name(const char *name) { prctl(PR_SET_NAME, name); }

int fl_bind_mount(const char *file, const char *target) {
  return mount(file, target, NULL, MS_BIND, NULL) ? errno : 0;
}

int fl_unmount(const char *target) { return umount2(target, MNT_DETACH) ? errno : 0; }

const char *fl_error_name(int error) {
  const char *name = strerrorname_np(error);
  return name ? name : "unknown error";
}

const char *fl_error_text(int error) {
  const char *text = strerrordesc_np(error);
  return text ? text : "unknown error";
}
