/// One step of a transaction, on one key.
///
/// The smallest language in which the usual isolation workloads can be said: list-append and rw-register need reads,
/// writes and appends, bank transfers a guard and a sum.
public enum MicroOperation: Hashable, Sendable {
  /// Gives what the key holds, the transaction's own earlier effects included.
  case read(key: Bytes)
  /// Sets the key, whatever it held.
  case write(key: Bytes, value: Bytes)
  /// Adds an element to the end of the key's list; an absent key is an empty list.
  case append(key: Bytes, element: Bytes)
  /// Adds to the key's integer; an absent key is 0.
  case add(key: Bytes, amount: Int64)
  /// Aborts the transaction unless the key's integer is as large; an absent key is 0.
  case atLeast(key: Bytes, amount: Int64)

  /// The key that it is about.
  public var key: Bytes {
    switch self {
    case .read(let key), .write(let key, _), .append(let key, _), .add(let key, _), .atLeast(let key, _): key
    }
  }

  /// Whether it changes its key.
  public var hasEffect: Bool {
    switch self {
    case .write, .append, .add: true
    case .read, .atLeast: false
    }
  }

  /// Whether its answer carries a value.
  var isRead: Bool { if case .read = self { true } else { false } }

  /// Size in bytes, near enough: the tag and the lengths count as 16.
  var byteCount: Int {
    switch self {
    case .write(let key, let value), .append(let key, let value): 16 + key.count + value.count
    default: 16 + key.count
    }
  }
}

/// Micro-operations that take effect in their order at one point of the log, all of them or none.
///
/// It is one entry, and is carried out when the entry is applied: every transaction sees exactly those before it in the
/// log. That makes the order of the log a serial order, and as an entry is answered only after it was committed, one
/// that respects real time: strict serializability, without locks or validation.
public struct Transaction: Hashable, Sendable {
  /// Clients may not ask for longer ones.
  public static let operationsMax = 128
  /// What the reads of one transaction may give together; more aborts it with ``AbortReason/tooLarge``.
  public static let readBytesMax = 4 << 20

  /// The steps, in order.
  public var operations: [MicroOperation]
  /// First committer wins: aborts the transaction if an entry behind this one changed a key that it writes. Only
  /// ``RaftBug/txnSnapshot`` needs it, as no other transaction begins before its entry is applied.
  public var unchangedSince: LogIndex?

  /// A transaction of these steps.
  public init(_ operations: [MicroOperation], unchangedSince: LogIndex? = nil) {
    self.operations = operations
    self.unchangedSince = unchangedSince
  }

  /// Whether it changes anything. One that does not needs no entry: it goes the way of single reads.
  public var hasEffect: Bool { operations.contains { $0.hasEffect } }

  /// The keys that it changes.
  var writtenKeys: Set<Bytes> { Set(operations.filter(\.hasEffect).map(\.key)) }

  var byteCount: Int { operations.reduce(16) { $0 + $1.byteCount } }
}

/// What a key holds.
public enum StoredValue: Hashable, Sendable {
  /// Set by writes.
  case register(Bytes)
  /// Grown by appends, oldest element first; never empty.
  case list([Bytes])
}

/// Why a transaction had no effect although it was carried out.
public enum AbortReason: UInt8, Hashable, Sendable, CaseIterable {
  /// ``MicroOperation/atLeast(key:amount:)`` found less.
  case insufficient = 0
  /// The key holds something of another kind: an append found a register, a sum no integer.
  case wrongType = 1
  /// A list, a sum or the answer would exceed its bound: ``ListLimits``, 64 bits, ``Transaction/readBytesMax``.
  case tooLarge = 2
  /// Another transaction changed a key that this one writes (``Transaction/unchangedSince``).
  case conflict = 3
}

/// Bounds on one list. They belong to the state machine, so they must be the same on all servers.
public enum ListLimits {
  /// Elements of one list.
  public static let elementsMax = 10_000
  /// Bytes of one list's elements.
  public static let bytesMax = 1 << 20
}
