#ifndef FL_DISK_H
#define FL_DISK_H

#include <sys/types.h>

/// RENAME_EXCHANGE of renameat2.
enum { FL_RENAME_EXCHANGE = 1 << 1 };
/// tv_nsec of utimensat: the time of now, and the time as it is.
enum { FL_TIME_NOW = (1 << 30) - 1, FL_TIME_OMIT = (1 << 30) - 2 };
/// Modes of fallocate.
enum { FL_ALLOCATE_KEEP_SIZE = 1, FL_ALLOCATE_PUNCH_HOLE = 2, FL_ALLOCATE_ZERO_RANGE = 16 };

/// renameat2(2). Returns 0, or -1 and errno.
int fl_rename(int old_directory, const char *old_path, int new_directory, const char *new_path, unsigned int flags);
/// fallocate(2). Returns 0 or an errno.
int fl_allocate(int fd, int mode, off_t offset, off_t count);

#endif
