import Foundation
import RunStore
import Synchronization

/// `faultline.log`: what the harness did, a line each, with the seconds since the command began.
public final class RunLog: Sendable {
  private let descriptor: Int32
  private let start = RunClock.monotonic()

  /// - Throws: `StoreError` when the file cannot be made.
  public init(path: String) throws {
    descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw StoreError(path: path, message: String(cString: strerror(errno))) }
  }

  deinit { close(descriptor) }

  /// One write call a line, so that lines of several threads do not mix.
  public func note(_ message: String) {
    let seconds = Double(RunClock.monotonic() - start) / 1e9
    let line = Array((String(format: "%9.3f ", seconds) + message + "\n").utf8)
    _ = line.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
  }
}
