/// A thread of the scheduler: clients are 0, 1, …, the nemesis is its own.
///
/// Threads last for the whole run; the *process* on a thread changes when an operation ends `info`.
public struct ThreadID: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The client's number, or -1 for the nemesis.
  public let rawValue: Int

  /// The client thread with this number.
  public init(_ rawValue: Int) { self.rawValue = rawValue }

  /// The one thread that runs faults.
  public static let nemesis = ThreadID(-1)
  /// Whether this is the nemesis' thread.
  public var isNemesis: Bool { rawValue < 0 }
  public var description: String { isNemesis ? "nemesis" : "\(rawValue)" }
  public static func < (left: ThreadID, right: ThreadID) -> Bool { left.rawValue < right.rawValue }
}

/// A set of threads: clients as bits, the nemesis apart.
///
/// The first 64 clients live in one word beside the struct, so that the sets that every step of the scheduler makes
/// cost no allocation; only a run with more threads pays for the array behind it.
public struct ThreadSet: Hashable, Sendable {
  /// Bit t: client t, for t < 64.
  private var low: UInt64 = 0
  /// Bit t of word w: client 64 (w + 1) + t. Never ends in a zero word, so that equal sets are equal values.
  private var high: [UInt64] = []
  /// Whether the nemesis is in the set.
  public private(set) var hasNemesis: Bool

  /// The clients with these numbers, and the nemesis if asked for.
  public init(clients: Range<Int> = 0..<0, nemesis: Bool = false) {
    hasNemesis = nemesis
    for client in clients { insert(ThreadID(client)) }
  }

  /// Exactly these threads.
  public init(_ threads: some Sequence<ThreadID>) {
    self.init()
    for thread in threads { insert(thread) }
  }

  /// This thread alone.
  public init(_ thread: ThreadID) {
    self.init(nemesis: false)
    insert(thread)
  }

  /// Puts the thread in; nothing happens if it is there.
  public mutating func insert(_ thread: ThreadID) {
    let client = thread.rawValue
    if thread.isNemesis {
      hasNemesis = true
    } else if client < 64 {
      low |= 1 << UInt64(client)
    } else {
      while high.count < client / 64 { high.append(0) }
      high[client / 64 - 1] |= 1 << UInt64(client % 64)
    }
  }

  /// Takes the thread out; nothing happens if it is not there.
  public mutating func remove(_ thread: ThreadID) {
    let client = thread.rawValue
    if thread.isNemesis {
      hasNemesis = false
    } else if client < 64 {
      low &= ~(1 << UInt64(client))
    } else if client / 64 <= high.count {
      high[client / 64 - 1] &= ~(1 << UInt64(client % 64))
      trim()
    }
  }

  /// Whether the thread is in the set.
  public func contains(_ thread: ThreadID) -> Bool {
    thread.isNemesis ? hasNemesis : word(thread.rawValue / 64) >> UInt64(thread.rawValue % 64) & 1 == 1
  }

  /// Whether no thread is in the set.
  public var isEmpty: Bool { low == 0 && !hasNemesis && high.isEmpty }
  /// How many clients are in the set.
  public var clientCount: Int { high.reduce(low.nonzeroBitCount) { $0 + $1.nonzeroBitCount } }
  /// How many threads are in the set, the nemesis among them.
  public var count: Int { clientCount + (hasNemesis ? 1 : 0) }

  /// The threads of both sets.
  public func intersection(_ other: ThreadSet) -> ThreadSet {
    var result = ThreadSet(nemesis: hasNemesis && other.hasNemesis)
    result.low = low & other.low
    if !high.isEmpty, !other.high.isEmpty {
      result.high = zip(high, other.high).map { $0 & $1 }
      result.trim()
    }
    return result
  }

  /// The set without those of the other.
  public func subtracting(_ other: ThreadSet) -> ThreadSet {
    var result = self
    result.hasNemesis = hasNemesis && !other.hasNemesis
    result.low &= ~other.low
    for word in 0..<min(high.count, other.high.count) { result.high[word] &= ~other.high[word] }
    result.trim()
    return result
  }

  /// The clients of the set.
  public var clients: ThreadSet {
    var result = self
    result.hasNemesis = false
    return result
  }

  /// The first client at or after `start`, going round; else the nemesis; nil when empty.
  public func first(from start: Int) -> ThreadID? {
    client(from: start) ?? client(from: 0) ?? (hasNemesis ? .nemesis : nil)
  }

  /// In ascending order, the nemesis last.
  public var threads: [ThreadID] {
    var threads: [ThreadID] = []
    var start = 0
    while let found = client(from: start) {
      threads.append(found)
      start = found.rawValue + 1
    }
    return hasNemesis ? threads + [.nemesis] : threads
  }

  private var wordCount: Int { high.count + 1 }

  private func word(_ index: Int) -> UInt64 {
    if index == 0 { return low }
    return index <= high.count ? high[index - 1] : 0
  }

  private mutating func trim() {
    while high.last == 0 { high.removeLast() }
  }

  private func client(from start: Int) -> ThreadID? {
    var index = start
    while index < wordCount * 64 {
      let rest = word(index / 64) >> UInt64(index % 64)
      if rest != 0 { return ThreadID(index + rest.trailingZeroBitCount) }
      index = (index / 64 + 1) * 64
    }
    return nil
  }
}
