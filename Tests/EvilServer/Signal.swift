import Glibc

/// Counted signals between a test and a script: each `give` lets one `take` through, in either direction.
public final class Signal: Sendable {
  private let ends: (reader: Descriptor, writer: Descriptor)

  public init() throws { ends = try Sockets.pipe() }

  public func give() { Sockets.writeByte(ends.writer) }

  /// Waits for a signal and uses it up.
  public func take() {
    var byte: UInt8 = 0
    while read(ends.reader.rawValue, &byte, 1) < 0, errno == EINTR {}
  }
}
