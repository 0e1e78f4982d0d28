// File system calls that Swift's Glibc module does not show.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "fl_disk.h"

_Static_assert(FL_RENAME_EXCHANGE == RENAME_EXCHANGE && FL_TIME_NOW == UTIME_NOW && FL_TIME_OMIT == UTIME_OMIT,
               "as the kernel has them");
_Static_assert(FL_ALLOCATE_KEEP_SIZE == FALLOC_FL_KEEP_SIZE && FL_ALLOCATE_PUNCH_HOLE == FALLOC_FL_PUNCH_HOLE &&
                 FL_ALLOCATE_ZERO_RANGE == FALLOC_FL_ZERO_RANGE,
               "as the kernel has them");

int fl_rename(int old_directory, const char *old_path, int new_directory, const char *new_path, unsigned int flags) {
  return renameat2(old_directory, old_path, new_directory, new_path, flags);
}

int fl_allocate(int fd, int mode, off_t offset, off_t count) { return fallocate(fd, mode, offset, count) ? errno : 0; }
