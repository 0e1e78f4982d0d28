import Histories

/// Where each client stands in each partition: what it sent and polled last.
///
/// A client is a process. What an `assign` leaves out is forgotten, what it keeps stays; after a `subscribe` the system
/// gives and takes partitions at any time, so that nothing is known until the next `assign`.
struct ClientPositions {
  struct Position {
    /// The last message polled, by its slot; the call and the micro-operation that did it.
    var polled = LogColumns.never
    var pollCall = LogColumns.never
    var pollMicro = LogColumns.never
    /// The last message sent whose offset is known, and the call that did it.
    var sent = LogColumns.never
    var sendCall = LogColumns.never
    fileprivate var epoch: UInt32 = 0
  }

  private struct Client {
    /// Counts what makes it forget its positions.
    var epoch: UInt32 = 0
    var isSubscribed = false
  }

  private var ids = WordTable(tagBits: 0, directTag: 0)
  private var positions: [Position] = []
  private var clients: [Client]

  init(processes: Int) { clients = Array(repeating: Client(), count: processes) }

  func isSubscribed(_ process: UInt32) -> Bool { clients[Int(process)].isSubscribed }

  /// The number of a client's position in a partition, for `subscript`.
  mutating func number(_ process: UInt32, _ partition: UInt32) -> Int {
    let word = UInt64(partition) * UInt64(clients.count) + UInt64(process)
    let id = Int(ids.intern(word, next: UInt32(truncatingIfNeeded: positions.count)))
    if id == positions.count { positions.append(Position()) }
    if positions[id].epoch != clients[Int(process)].epoch {
      (positions[id].polled, positions[id].epoch) = (LogColumns.never, clients[Int(process)].epoch)
    }
    return id
  }

  subscript(number: Int) -> Position {
    get { positions[number] }
    set { positions[number] = newValue }
  }

  /// The client now polls these partitions; null for those that the system chooses.
  mutating func assign(_ process: UInt32, _ partitions: ArraySlice<UInt32>?) {
    let kept = (partitions ?? []).map { number(process, $0) }
    clients[Int(process)].epoch += 1
    clients[Int(process)].isSubscribed = partitions == nil
    for number in kept { positions[number].epoch = clients[Int(process)].epoch }
  }
}
