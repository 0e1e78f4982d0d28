import Foundation
import Histories

/// Streams a run's events to `history.jsonl` while it goes.
///
/// Confined to the thread that records. What a crash can lose is the buffer: at most `bufferBytesMax` or
/// `delayNanosecondsMax` of the run, and a torn last line, which readers of a run directory accept.
public struct HistoryWriter: ~Copyable, Sendable {
  static var bufferBytesMax: Int { 64 << 10 }
  static var delayNanosecondsMax: Int64 { 200_000_000 }

  private let path: String
  private let descriptor: Int32
  private var buffer: [UInt8] = []
  /// When the oldest byte of the buffer was put there, on the events' clock.
  private var oldest: Int64 = 0

  /// Creates the file.
  ///
  /// - Throws: `StoreError` when it cannot be created.
  public init(path: String) throws(StoreError) {
    self.path = path
    descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw StoreError(path: path, message: RunFiles.lastError()) }
    buffer.reserveCapacity(2 * Self.bufferBytesMax)
  }

  deinit { close(descriptor) }

  /// Takes the event; writes when the buffer is full or old.
  public mutating func append(_ event: Event) throws(StoreError) {
    if buffer.isEmpty { oldest = event.time }
    JSONLines.append(event, to: &buffer)
    try flushIfDue(now: event.time)
  }

  /// Writes when the buffer is full or old; for moments without events.
  public mutating func flushIfDue(now: Int64) throws(StoreError) {
    if buffer.count >= Self.bufferBytesMax || (!buffer.isEmpty && now - oldest >= Self.delayNanosecondsMax) {
      try flush()
    }
  }

  /// Writes what is buffered.
  public mutating func flush() throws(StoreError) {
    var written = 0
    while written < buffer.count {
      let count = buffer.withUnsafeBytes { bytes in
        write(descriptor, bytes.baseAddress.map { $0 + written }, bytes.count - written)
      }
      if count < 0 {
        if errno == EINTR { continue }
        throw StoreError(path: path, message: RunFiles.lastError())
      }
      written += count
    }
    buffer.removeAll(keepingCapacity: true)
  }
}
