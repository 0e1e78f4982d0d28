import Histories

/// A history of a partitioned log in columns: calls, what they sent and polled, messages, and the places in the log
/// that are known to hold them.
///
/// A message is known by its partition and value, a place (*slot*) by its partition and offset. Places are known from
/// acknowledged sends and from completed polls; gaps between offsets say nothing, as logs have entries of their own
/// (Kafka's ends of transactions, for one).
struct LogColumns {
  static let never = EventIndex.never

  /// 40 bytes.
  struct Message {
    var word: ValueWord
    var partition: UInt32
    /// The call that sent it and did not fail.
    var sender = LogColumns.never
    /// Event index of the invocation of the first send that failed.
    var failed = LogColumns.never
    /// The place that its send was acknowledged with, or a resend, and the call that got it.
    var acknowledged = LogColumns.never
    var acknowledger = LogColumns.never
    /// The first place that it was met at, and another one.
    var slot = LogColumns.never
    var otherSlot = LogColumns.never
    /// The first call to complete that polled it.
    var poller = LogColumns.never

    var isPolled: Bool { poller != LogColumns.never }
  }

  /// 32 bytes.
  struct Slot {
    var offset: Int64
    var partition: UInt32
    /// What was met there first, and by which call.
    var message: UInt32
    var call: UInt32
    /// Whether another message was met there too (`others`).
    var isShared = false
    var isPolled = false
    /// Whether something that was met there was sent by a call that did not fail: no consumer may pass it by.
    var isSolid = false
    /// Its place among the slots of its partition, by offset.
    var rank: UInt32 = 0
  }

  /// One message that a call sent or polled. 12 bytes.
  struct Step {
    var message: UInt32
    /// `never` where it is not known.
    var slot: UInt32
    private let packed: UInt32

    init(message: UInt32, slot: UInt32, micro: UInt32, isSend: Bool) {
      (self.message, self.slot, packed) = (message, slot, micro << 1 | (isSend ? 1 : 0))
    }

    /// The number of its micro-operation in the call.
    var micro: UInt32 { packed >> 1 }
    var isSend: Bool { packed & 1 == 1 }
  }

  struct Call {
    enum Role: UInt8 { case transaction, assign, subscribe, other }

    var role: Role
    var outcome: EventType
    /// Dense, in order of first use.
    var process: UInt32
    var invocation: UInt32
    /// Event index; `never` where there is none.
    var completion: UInt32
    /// Where its steps begin, and the partitions that it is assigned.
    var start: Int
    var assignedStart: Int
    /// The offset that a poll says it begins at; negative where it says none.
    var from: Int64 = -1
  }

  let history: History
  var partitions = PartitionTable()
  var messages: [Message] = []
  var slots: [Slot] = []
  /// By slot: another message that was met there, and by which call. There are few.
  var others: [UInt32: (message: UInt32, call: UInt32)] = [:]
  /// By message: the least and the greatest offset that it was met at, where there are several.
  var spreads: [UInt32: ClosedRange<Int64>] = [:]
  /// In order of invocation.
  var calls: [Call] = []
  var steps: [Step] = []
  var assigned: [UInt32] = []
  var processes = ProducerTable()
  /// Polls of unknown outcome.
  var unknownPolls = 0
  /// Whether some poll says where it begins: then consumers need not begin at the beginning.
  var hasPositions = false
  /// The slots of all partitions, by partition, then by offset.
  private(set) var order: [UInt32] = []
  /// Where each partition begins in `order`, and one more.
  private(set) var starts: [Int] = []
  /// How many of the first so many slots of `order` are solid.
  private(set) var solid: [UInt32] = []

  init(_ history: History) { self.history = history }

  /// The least and the greatest offset that a message with a slot was met at.
  func offsets(of message: UInt32) -> ClosedRange<Int64> {
    if messages[Int(message)].otherSlot != Self.never, let spread = spreads[message] { return spread }
    let offset = slots[Int(messages[Int(message)].slot)].offset
    return offset...offset
  }

  func steps(of call: Int) -> ArraySlice<Step> {
    steps[calls[call].start..<(call + 1 < calls.count ? calls[call + 1].start : steps.count)]
  }

  /// The partitions of an `assign`.
  func assigned(by call: Int) -> ArraySlice<UInt32> {
    assigned[calls[call].assignedStart..<(call + 1 < calls.count ? calls[call + 1].assignedStart : assigned.count)]
  }

  /// Sorts the slots; to be called when all are known.
  mutating func finish() {
    starts = [Int](repeating: 0, count: partitions.count + 1)
    for slot in slots { starts[Int(slot.partition) + 1] += 1 }
    for partition in 0..<partitions.count { starts[partition + 1] += starts[partition] }
    var next = starts
    order = [UInt32](repeating: 0, count: slots.count)
    for (number, slot) in slots.enumerated() {
      order[next[Int(slot.partition)]] = UInt32(truncatingIfNeeded: number)
      next[Int(slot.partition)] += 1
    }
    for partition in 0..<partitions.count { sort(starts[partition]..<starts[partition + 1]) }
    for step in steps where step.slot != Self.never && messages[Int(step.message)].sender != Self.never {
      slots[Int(step.slot)].isSolid = true
    }
    solid.reserveCapacity(order.count + 1)
    solid.append(0)
    for slot in order { solid.append(solid[solid.count - 1] + (slots[Int(slot)].isSolid ? 1 : 0)) }
  }

  private mutating func sort(_ range: Range<Int>) {
    let isSorted = zip(order[range], order[range].dropFirst()).allSatisfy {
      slots[Int($0)].offset < slots[Int($1)].offset
    }
    if !isSorted { order[range].sort { slots[Int($0)].offset < slots[Int($1)].offset } }
    for (rank, slot) in order[range].enumerated() { slots[Int(slot)].rank = UInt32(truncatingIfNeeded: rank) }
  }

  /// How many messages certainly lie between two places of a partition, the first of which has the lower offset.
  func messagesBetween(_ low: UInt32, _ high: UInt32) -> Int {
    let (low, high) = (place(low), place(high))
    return high <= low + 1 ? 0 : Int(solid[high] - solid[low + 1])
  }

  /// How many messages certainly lie in these places of one partition.
  func messages(in places: Range<Int>) -> Int { Int(solid[places.upperBound] - solid[places.lowerBound]) }

  /// The first place of a partition that has this offset or a greater one.
  func firstPlace(of partition: UInt32, from offset: Int64) -> Int {
    let range = starts[Int(partition)]..<starts[Int(partition) + 1]
    return order[range].partitioningIndex { slots[Int($0)].offset >= offset }
  }

  /// The slot's position in `order`.
  func place(_ slot: UInt32) -> Int {
    starts[Int(slots[Int(slot)].partition)] + Int(slots[Int(slot)].rank)
  }

  // MARK: Words

  func value(_ message: UInt32) -> Value { history.values.value(messages[Int(message)].word) }

  /// `"a" at offset 5`.
  func text(_ message: UInt32, _ slot: UInt32) -> String {
    "\(value(message)) at offset \(slots[Int(slot)].offset)"
  }

  func partition(_ number: UInt32) -> Value { .string(partitions.names[Int(number)]) }

  /// `process 3's poll (events 12–15, 11.341 s)`.
  func name(_ call: UInt32, _ witnesses: Witnesses) -> String {
    let call = calls[Int(call)]
    return witnesses.name(Int(call.invocation), call.completion == Self.never ? nil : Int(call.completion))
  }

  /// Event indices of the calls.
  func events(_ some: [UInt32]) -> [Int] {
    some.flatMap { [calls[Int($0)].invocation, calls[Int($0)].completion] }.filter { $0 != Self.never }.map { Int($0) }
  }

  func invocations(_ some: [UInt32]) -> [Int] { some.map { Int(calls[Int($0)].invocation) } }
}
