#ifndef FAULTLINE_CASSETS_H
#define FAULTLINE_CASSETS_H

#include <stddef.h>

/// The bytes of an embedded file; `bytes` is NULL where there is no such file.
typedef struct {
  const unsigned char *_Nullable bytes;
  size_t length;
} FaultlineAsset;

/// The embedded file with this name: its path from this target's folder, as `presets/raft-kv.yaml`.
///
/// The bytes live as long as the process and have no NUL behind them.
FaultlineAsset faultline_asset(const char *_Nonnull name);

#endif
