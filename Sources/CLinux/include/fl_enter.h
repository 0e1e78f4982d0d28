#ifndef FL_ENTER_H
#define FL_ENTER_H

#include <stdint.h>

/// The environment variable by which the controller knows that it is inside; its value is checked, not believed.
#define FL_SANDBOX_VARIABLE "FAULTLINE_SANDBOX"

/// The steps of entering that can be refused, in their order.
typedef enum {
  FL_STEP_NONE = 0,
  FL_STEP_PREPARE,      // socketpair, opening the own executable: before anything exists
  FL_STEP_CLONE,        // clone(NEWUSER|NEWPID|NEWNET|NEWNS|NEWUTS|NEWIPC)
  FL_STEP_SETGROUPS,    // writing deny to /proc/PID/setgroups
  FL_STEP_UID_MAP,      // writing /proc/PID/uid_map
  FL_STEP_GID_MAP,      // writing /proc/PID/gid_map
  FL_STEP_PROOF,        // reading /proc/PID/ns/*
  FL_STEP_PRIVATE_ROOT, // mount(MS_REC|MS_PRIVATE) of /
  FL_STEP_PROC,         // a fresh /proc
  FL_STEP_RUN,          // a tmpfs on /run
  FL_STEP_LOOPBACK,     // lo up
  FL_STEP_FORK,         // the controller's process
  FL_STEP_EXEC,         // the controller's program
} fl_step;

/// What became of the inside. Exactly one of `step`, `exited` and `signal` is not zero, unless the init was killed,
/// which sets `init_signal`.
struct fl_inside {
  fl_step step;    // the step that was refused
  int error;       // its errno
  int exited;      // 1: the controller exited by itself with `code`
  int code;
  int signal;      // the signal that ended the controller
  int init_signal; // the signal that ended the init
  int relayed;     // bit n: signal n was passed to the inside at least once
};

/// Runs this very program once more, with `argv` and this environment plus the proof, as the controller inside new
/// namespaces, and waits until the inside has ended.
///
/// Two processes come to be: an init (pid 1 of a new PID namespace, reaps) and below it the controller. SIGINT, SIGTERM,
/// SIGHUP and SIGQUIT are passed on, each delivery once; the inside has a session of its own, so a terminal's Ctrl-C
/// reaches it only this way. Call it from a thread that stays: the init dies when this thread ends.
void fl_enter(char *const argv[], struct fl_inside *inside);

/// Inode numbers of the calling process's namespaces: what the proof is made of. Returns 0 or an errno.
struct fl_namespaces {
  uint64_t user, pid, net, mnt;
};
int fl_namespaces_of(const char *proc_directory, struct fl_namespaces *out);

/// The caller's threads' name in `ps`: exec through a descriptor would leave a number there.
void fl_set_process_name(const char *name);

/// mount(2) of `file` over `target`. Returns 0 or an errno.
int fl_bind_mount(const char *file, const char *target);
/// umount2(2) with MNT_DETACH. Returns 0 or an errno.
int fl_unmount(const char *target);

/// `EPERM` and `Operation not permitted`; never null.
const char *fl_error_name(int error);
const char *fl_error_text(int error);

#endif
