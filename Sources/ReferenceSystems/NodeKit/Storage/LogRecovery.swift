/// What opening a write-ahead log found.
public struct LogRecovery: Sendable {
  /// Payloads that were replayed.
  public internal(set) var payloadCount = 0
  /// Bytes of a record that a crash had cut short, and that were removed.
  public internal(set) var tornBytes = 0
  /// Where the next record goes.
  var end = LogRecord.fileHeader.count
}

/// The file is damaged where a crash cannot have damaged it: what was acknowledged would be lost.
public struct LogCorruption: DataDamage, CustomStringConvertible {
  /// The damaged file.
  public let path: String
  /// Where the damage starts, in bytes from the start of the file.
  public let offset: Int
  /// How it is known to be no torn write.
  public let reason: String

  /// What is wrong, and where.
  public var description: String {
    "\(path) is corrupt at byte \(offset): \(reason). Starting would lose acknowledged data"
  }
}

extension LogRecovery {
  /// Reads all records, hands their payloads to `replay`, and cuts off a torn tail.
  /// - Parameter witness: as ``WriteAheadLog`` has it: a file without a header is then no new one.
  /// - Throws: ``LogCorruption``, ``LogMissing``, ``FileError``, and whatever `replay` throws.
  static func run(
    _ file: POSIXFile, witness: String? = nil, replay: ([UInt8]) throws -> Void
  ) throws -> LogRecovery {
    var recovery = LogRecovery()
    let size = try file.size()
    guard try hasHeader(file, size: size) else {
      if let witness { throw LogMissing(path: file.path, bytes: size, witness: witness) }
      recovery.tornBytes = size
      try file.truncate(to: 0)
      try file.write(LogRecord.fileHeader, at: 0)
      try file.sync()
      return recovery
    }
    while let body = try body(in: file, at: recovery.end, size: size) {
      guard let payloads = LogRecord.payloads(of: body) else {
        throw LogCorruption(
          path: file.path, offset: recovery.end, reason: "a record with a valid checksum makes no sense")
      }
      for payload in payloads { try replay(payload) }
      recovery.payloadCount += payloads.count
      recovery.end += LogRecord.headerBytes + body.count
    }
    try recovery.cutTail(of: file, size: size)
    return recovery
  }

  /// False for a file whose creation was cut short.
  private static func hasHeader(_ file: POSIXFile, size: Int) throws -> Bool {
    let header = try file.read(count: LogRecord.fileHeader.count, at: 0)
    if header == LogRecord.fileHeader { return true }
    guard size <= header.count, header.allSatisfy({ $0 == 0 }) || LogRecord.fileHeader.starts(with: header) else {
      throw LogCorruption(path: file.path, offset: 0, reason: "it is not a write-ahead log")
    }
    return false
  }

  /// The body of the valid record at `offset`; nil if there is none.
  private static func body(in file: POSIXFile, at offset: Int, size: Int) throws -> [UInt8]? {
    let header = try file.read(count: LogRecord.headerBytes, at: offset)
    guard let (length, checksum) = LogRecord.header(header[...]), length <= size - offset - header.count else {
      return nil
    }
    let body = try file.read(count: length, at: offset + header.count)
    return LogRecord.checksum(body[...], at: offset) == checksum ? body : nil
  }

  /// What follows the last valid record is a torn record, if no valid one comes after it.
  private mutating func cutTail(of file: POSIXFile, size: Int) throws {
    guard end < size else { return }
    let tail = size - end
    guard tail <= LogRecord.headerBytes + LogRecord.bodyBytesMax else {
      throw LogCorruption(path: file.path, offset: end, reason: "\(tail) bytes are damaged, more than one record has")
    }
    guard !LogRecord.isAnyValid(in: try file.read(count: tail, at: end), at: end) else {
      throw LogCorruption(path: file.path, offset: end, reason: "a damaged record is followed by a valid one")
    }
    try file.truncate(to: end)
    try file.sync()
    tornBytes = tail
  }
}
