// The bytes of skew_code.S, and running a copy of them.

#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "fl_skew.h"

#if defined(__x86_64__)

extern const uint8_t fl_skew_begin[], fl_skew_counter[], fl_skew_slots[], fl_skew_code[], fl_skew_end[];
extern const uint8_t fl_skew_clock_gettime[], fl_skew_gettimeofday[], fl_skew_time[];

int fl_skew_block(struct fl_skew_block *out) {
  *out = (struct fl_skew_block){
    .bytes = fl_skew_begin,
    .size = (size_t)(fl_skew_end - fl_skew_begin),
    .counter = (size_t)(fl_skew_counter - fl_skew_begin),
    .slots = (size_t)(fl_skew_slots - fl_skew_begin),
    .code = (size_t)(fl_skew_code - fl_skew_begin),
    .clock_gettime = (size_t)(fl_skew_clock_gettime - fl_skew_begin),
    .gettimeofday = (size_t)(fl_skew_gettimeofday - fl_skew_begin),
    .time = (size_t)(fl_skew_time - fl_skew_begin),
  };
  return 0;
}

static int64_t nanoseconds(const struct timespec *time) {
  return (int64_t)time->tv_sec * 1000000000 + time->tv_nsec;
}

typedef int clock_function(clockid_t, struct timespec *);

// The true readings are by system call as well: it is the same clock, read the same way.
static int measure(clock_function *skewed, int64_t *ahead) {
  struct timespec before, there, after;
  if (syscall(SYS_clock_gettime, CLOCK_REALTIME, &before)) return errno;
  int error = -skewed(CLOCK_REALTIME, &there);
  if (error) return error;
  if (syscall(SYS_clock_gettime, CLOCK_REALTIME, &after)) return errno;
  int64_t start = nanoseconds(&before);
  *ahead = nanoseconds(&there) - (start + (nanoseconds(&after) - start) / 2);
  return 0;
}

int fl_skew_measure(const uint8_t *block, int64_t *ahead) {
  struct fl_skew_block own;
  fl_skew_block(&own);
  uint8_t *copy = mmap(NULL, own.size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (copy == MAP_FAILED) return errno;
  memcpy(copy, block, own.size);
  int error = mprotect(copy, own.size, PROT_READ | PROT_EXEC) ? errno : 0;
  if (!error) error = measure((clock_function *)(void *)(copy + own.clock_gettime), ahead);
  munmap(copy, own.size);
  return error;
}

#else

int fl_skew_block(struct fl_skew_block *out) {
  *out = (struct fl_skew_block){0};
  return ENOSYS;
}

int fl_skew_measure(const uint8_t *block, int64_t *ahead) {
  (void)block;
  *ahead = 0;
  return ENOSYS;
}

#endif

uintptr_t fl_vdso_address(void) { return getauxval(AT_SYSINFO_EHDR); }
