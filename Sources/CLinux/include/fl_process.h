#ifndef FL_PROCESS_H
#define FL_PROCESS_H

#include <stdint.h>
#include <sys/types.h>

/// What a process is started with. All pointers are borrowed for the call.
struct fl_spawn {
  const char *path;
  char *const *argv;     // null-terminated
  char *const *envp;     // null-terminated; exactly what the program gets
  const char *directory; // null: the caller's
  const char *hostname;  // null: the caller's; otherwise the process gets a UTS namespace of its own
  int netns;             // network namespace to run in, or -1
  int64_t user;          // user and group to run as, without other groups; -1: the caller's
  int64_t group;
  const char *clocks; // null: the caller's; otherwise the process gets a time namespace with these offsets of its clocks
  int input;             // descriptors for 0, 1 and 2; each at least 3
  int output;
  int errors;
  int traced; // 1: it stops before the program's first instruction, until `fl_release`
};

/// The call that failed in a start.
typedef enum {
  FL_SPAWN_OK = 0,
  FL_SPAWN_CLONE,
  FL_SPAWN_PARENT, // the starting process ended meanwhile
  FL_SPAWN_GROUP,
  FL_SPAWN_NETNS,
  FL_SPAWN_HOSTNAME,
  FL_SPAWN_CLOCKS,
  FL_SPAWN_USER,
  FL_SPAWN_DIRECTORY,
  FL_SPAWN_DESCRIPTORS,
  FL_SPAWN_TRACE,
  FL_SPAWN_EXEC,
} fl_spawn_step;

struct fl_spawned {
  pid_t pid;
  int pidfd; // close-on-exec
  fl_spawn_step step;
  int error;
};

/// Starts a process in a group of its own that dies with the calling *thread*: call it from one that stays.
///
/// Returns when the program runs or could not: a refused exec is reported here, and leaves no process.
void fl_spawn(const struct fl_spawn *spec, struct fl_spawned *out);

/// Lets a process that was started `traced` run. Only from the thread that started it. Returns 0 or an errno.
int fl_release(pid_t pid);

/// How a child ended, reaping it. Returns 0, EAGAIN when it runs still, or another errno.
/// `signal` is 0 when it exited by itself with `code`.
int fl_reap(int pidfd, int *code, int *signal);

/// pidfd_open(2), close-on-exec; -1 and errno.
int fl_pidfd_open(pid_t pid);
/// pidfd_send_signal(2). Returns 0 or an errno.
int fl_pidfd_signal(int pidfd, int signal);
/// memfd_create(2), close-on-exec, numbered 3 or above; -1 and errno.
int fl_memory_file(const char *name);
/// pipe2(2), close-on-exec. Returns 0 or an errno.
int fl_pipe(int ends[2]);
/// open(2), close-on-exec, numbered 3 or above; -1 and errno.
int fl_open(const char *path, int flags, mode_t mode);

#endif
