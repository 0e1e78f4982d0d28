#ifndef FL_SKEW_H
#define FL_SKEW_H

#include <stddef.h>
#include <stdint.h>

/// The block of code and data that stands in for a vDSO's clock functions (skew_code.S); offsets in bytes from its begin.
struct fl_skew_block {
  const uint8_t *bytes;
  size_t size;
  size_t counter; // 8 bytes, of which 4 count
  size_t slots;   // two of: base, offset (nanoseconds), rate (2^32 is 1); 8 bytes each, signed
  size_t code;    // from here on nothing ever changes
  size_t clock_gettime;
  size_t gettimeofday;
  size_t time;
};

/// Returns 0, or ENOSYS where the block was not written for this processor.
int fl_skew_block(struct fl_skew_block *out);

/// How far the clock of a copy of the block is ahead of the true one, in nanoseconds: runs its `clock_gettime` for
/// CLOCK_REALTIME between two readings of the true clock. Returns 0 or an errno; the caller vouches for the code.
int fl_skew_measure(const uint8_t *block, int64_t *ahead);

/// The address of the calling process's own vDSO, or 0.
uintptr_t fl_vdso_address(void);

#endif
