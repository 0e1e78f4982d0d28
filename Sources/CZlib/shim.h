#ifndef FAULTLINE_CZLIB_SHIM_H
#define FAULTLINE_CZLIB_SHIM_H

#include <zlib.h>

/// `deflateInit2` is a macro, which Swift does not import. 16 more window bits ask for a gzip header and trailer.
static inline int faultline_gzip_init(z_stream *stream, int level) {
  return deflateInit2(stream, level, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY);
}

/// `inflateInit2` likewise; reads what `faultline_gzip_init` makes.
static inline int faultline_gunzip_init(z_stream *stream) {
  return inflateInit2(stream, 15 + 16);
}

#endif
