import ProtocolKit

// Transactions and what they give, on the wire and on disk; the tags are those of `EntryCoding`.

/// The layout of a transaction's bytes. It stands in front of each, so that a log may hold several once it changes.
private let transactionFormat: UInt8 = 1

extension ByteWriter {
  /// Format, `unchangedSince` behind a flag, then the steps behind their number.
  mutating func write(_ transaction: Transaction) {
    write(transactionFormat)
    write((transaction.unchangedSince == nil ? 0 : 1) as UInt8)
    if let index = transaction.unchangedSince { write(index) }
    write(UInt32(truncatingIfNeeded: transaction.operations.count))
    for operation in transaction.operations { write(operation) }
  }

  /// A tag, the key, then what else the step has.
  private mutating func write(_ operation: MicroOperation) {
    switch operation {
    case .read: write(0 as UInt8)
    case .write: write(1 as UInt8)
    case .append: write(2 as UInt8)
    case .add: write(3 as UInt8)
    case .atLeast: write(4 as UInt8)
    }
    write(operation.key)
    switch operation {
    case .read: break
    case .write(_, let bytes), .append(_, let bytes): write(bytes)
    case .add(_, let amount), .atLeast(_, let amount): write(amount)
    }
  }

  /// What each read gave.
  mutating func write(_ reads: [StoredValue?]) {
    write(UInt32(truncatingIfNeeded: reads.count))
    for read in reads { write(read) }
  }

  mutating func write(_ value: StoredValue?) {
    switch value {
    case nil: write(0 as UInt8)
    case .register(let bytes):
      write(1 as UInt8)
      write(bytes)
    case .list(let elements):
      write(2 as UInt8)
      write(elements: elements)
    }
  }

  mutating func write(elements: [Bytes]) {
    write(UInt32(truncatingIfNeeded: elements.count))
    for element in elements { write(element) }
  }
}

extension ByteReader {
  mutating func readTransaction() throws -> Transaction {
    let format = try read(UInt8.self)
    guard format == transactionFormat else {
      throw malformed("a transaction of format \(transactionFormat), not \(format)")
    }
    let unchangedSince = try readFlag() ? try readCounter() : nil
    // A step takes five bytes at least: its tag and the length of its key.
    let operations = try readAll("steps", bytesMin: 5) { try $0.readMicroOperation() }
    return Transaction(operations, unchangedSince: unchangedSince)
  }

  private mutating func readMicroOperation() throws -> MicroOperation {
    let tag = try read(UInt8.self)
    let key = try readBytes()
    switch tag {
    case 0: return .read(key: key)
    case 1: return .write(key: key, value: try readBytes())
    case 2: return .append(key: key, element: try readBytes())
    case 3: return .add(key: key, amount: try read(Int64.self))
    case 4: return .atLeast(key: key, amount: try read(Int64.self))
    default: throw malformed("a step's tag of 0…4, not \(tag)")
    }
  }

  mutating func readReads() throws -> [StoredValue?] {
    try readAll("values", bytesMin: 1) { try $0.readStoredValue() }
  }

  mutating func readStoredValue() throws -> StoredValue? {
    switch try read(UInt8.self) {
    case 0: return nil
    case 1: return .register(try readBytes())
    case 2: return .list(try readElements())
    case let tag: throw malformed("a value's tag of 0…2, not \(tag)")
    }
  }

  mutating func readElements() throws -> [Bytes] { try readAll("elements", bytesMin: 4) { try $0.readBytes() } }

  mutating func readAbortReason() throws -> AbortReason {
    let number = try read(UInt8.self)
    guard let reason = AbortReason(rawValue: number) else { throw malformed("a reason of 0…3, not \(number)") }
    return reason
  }

  /// As many as the number in front says. One that cannot fit must not reserve memory.
  private mutating func readAll<Element>(
    _ what: String, bytesMin: Int, _ readOne: (inout ByteReader) throws -> Element
  ) throws -> [Element] {
    let count = Int(try read(UInt32.self))
    guard count <= remaining / bytesMin else { throw malformed("\(count) \(what) in \(remaining) bytes") }
    var all: [Element] = []
    all.reserveCapacity(count)
    for _ in 0..<count { all.append(try readOne(&self)) }
    return all
  }
}
