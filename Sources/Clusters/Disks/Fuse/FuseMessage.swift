import CLinux
import Glibc

/// A request as the kernel wrote it; borrowed from the buffer of the thread that serves it.
struct FuseRequest {
  let header: fuse_in_header
  /// What follows the header.
  private let body: UnsafeRawBufferPointer

  /// Nil for what is no complete request.
  init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count >= MemoryLayout<fuse_in_header>.size else { return nil }
    header = bytes.loadUnaligned(as: fuse_in_header.self)
    guard header.len == bytes.count else { return nil }
    body = UnsafeRawBufferPointer(rebasing: bytes[MemoryLayout<fuse_in_header>.size...])
  }

  var node: UInt64 { header.nodeid }

  /// The fixed part of an operation; a kernel that sent less than it promised gets EINVAL.
  func load<Value: BitwiseCopyable>(_ type: Value.Type, at offset: Int = 0) throws(FuseError) -> Value {
    guard offset + MemoryLayout<Value>.size <= body.count else { throw FuseError(EINVAL) }
    return body.loadUnaligned(fromByteOffset: offset, as: type)
  }

  /// The bytes behind the fixed part.
  func bytes(after offset: Int, count: Int) throws(FuseError) -> UnsafeRawBufferPointer {
    guard count >= 0, offset + count <= body.count else { throw FuseError(EINVAL) }
    return UnsafeRawBufferPointer(rebasing: body[offset..<offset + count])
  }

  /// The null-terminated name at an offset, and where it ends.
  func name(at offset: Int = 0) throws(FuseError) -> (FileName, end: Int) {
    guard offset <= body.count, let end = body[offset...].firstIndex(of: 0) else { throw FuseError(EINVAL) }
    return (FileName(Array(body[offset..<end])), end + 1)
  }
}

/// An operation that is answered with an errno.
struct FuseError: Error {
  var errno: Int32

  init(_ errno: Int32) { self.errno = errno }

  /// For a call that returns -1 with `errno` set.
  static func check(_ result: Int32) throws(FuseError) {
    if result < 0 { throw FuseError(Glibc.errno) }
  }

  /// For a call that returns 0 or an errno.
  static func pass(_ error: Int32) throws(FuseError) {
    if error != 0 { throw FuseError(error) }
  }
}

/// The answer to one request: a header, and what the operation puts behind it.
struct FuseReply {
  static let headerBytes = MemoryLayout<fuse_out_header>.size

  private let buffer: UnsafeMutableRawBufferPointer
  private(set) var count = headerBytes

  init(_ buffer: UnsafeMutableRawBufferPointer) { self.buffer = buffer }

  mutating func put<Value: BitwiseCopyable>(_ value: Value) {
    buffer.storeBytes(of: value, toByteOffset: count, as: Value.self)
    count += MemoryLayout<Value>.size
  }

  mutating func put(_ bytes: [UInt8]) {
    buffer.baseAddress?.advanced(by: count).copyMemory(from: bytes, byteCount: bytes.count)
    count += bytes.count
  }

  mutating func put(zeroes: Int) {
    for index in count..<count + zeroes { buffer[index] = 0 }
    count += zeroes
  }

  /// Lets the body fill up to `limit` bytes in place; it returns how many it filled.
  mutating func fill(_ limit: Int, _ body: (UnsafeMutableRawPointer) -> Int) {
    guard let start = buffer.baseAddress, count + limit <= buffer.count else { return }
    count += body(start.advanced(by: count))
  }

  /// Sends it, or the error alone. An interrupted request has nobody to answer: that is no failure.
  mutating func send(to device: Int32, unique: UInt64, error: Int32) {
    if error != 0 { count = Self.headerBytes }
    let header = fuse_out_header(len: UInt32(count), error: -error, unique: unique)
    buffer.storeBytes(of: header, as: fuse_out_header.self)
    _ = write(device, buffer.baseAddress, count)
  }
}
