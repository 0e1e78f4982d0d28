import Histories

/// Clients and the database of `SyntheticTransactions`, moment by moment.
struct SimulatedDatabase {
  /// Nanoseconds from one event to the next.
  private static let tick: Int64 = 1000
  /// Keys that one of the last transactions reads.
  private static let finalReadKeys = 16
  /// The part of the transactions, in percent, after which an anomaly is planted.
  private static let plantPercent = 97

  private struct Element {
    var value: Int
    /// The number of the commit that made it.
    var commit: Int
  }

  private struct Micro {
    var key: Int
    /// The value to append; nil for a read.
    var appended: Int?
    var read: [Int]?
  }

  private struct Client {
    var process: Int32
    var micro: [Micro] = []
    /// Micro-operations that took place.
    var done = 0
    /// The last commit when the transaction began.
    var snapshot = 0
    /// It met a lock.
    var isDoomed = false
    /// It committed, failed, or will not be answered.
    var end: EventType?
  }

  private let options: SyntheticTransactions.Options
  private var random: RandomStream
  private var keys: [[Element]] = []
  private var activeKeys: [Int] = []
  /// By key: the client that appended to it and has not committed; nil where nobody did.
  private var locks: [Int?] = []
  /// Appends that were drawn for a key, by key.
  private var drawn: [Int] = []
  private var clients: [Client]
  private var commits = 0
  private var begun = 0
  private var events = 0
  private var nextValue = 1
  private var nextProcess: Int32
  private var planted: AnomalyScript?
  /// Keys of the script.
  private var scripted: Set<Int> = []

  init(_ options: SyntheticTransactions.Options, _ random: RandomStream) {
    self.options = options
    self.random = random
    clients = (0..<options.clients).map { Client(process: Int32($0)) }
    nextProcess = Int32(options.clients)
    planted = options.planted
    activeKeys = (0..<options.activeKeys).map { _ in -1 }
    for place in activeKeys.indices { activeKeys[place] = freshKey() }
  }

  mutating func run<Failure: Error>(_ body: (Event) throws(Failure) -> Void) throws(Failure) {
    var open = Array(clients.indices)
    for client in open { try begin(client, body) }
    while !open.isEmpty {
      let place = random.below(open.count)
      let client = open[place]
      guard clients[client].end != nil else {
        step(client)
        continue
      }
      try finish(client, body)
      if let script = planted, begun * 100 >= options.transactions * Self.plantPercent { try play(script, body) }
      if begun < options.transactions {
        try begin(client, body)
      } else {
        open.swapAt(place, open.count - 1)
        open.removeLast()
      }
    }
    if let script = planted { try play(script, body) }
    try readEverything(body)
  }

  private mutating func freshKey() -> Int {
    keys.append([])
    drawn.append(0)
    locks.append(nil)
    return keys.count - 1
  }

  // MARK: One transaction

  private mutating func begin<Failure: Error>(
    _ client: Int, _ body: (Event) throws(Failure) -> Void
  ) throws(Failure) {
    begun += 1
    let micro = (0..<1 + random.below(options.microMax)).map { _ in draw() }
    clients[client].micro = micro
    clients[client].done = 0
    clients[client].end = nil
    clients[client].isDoomed = false
    clients[client].snapshot = commits
    try emit(clients[client].process, .invoke, micro, body)
  }

  /// Half of the micro-operations are on the first key, half of the others on the second, and so on.
  private mutating func draw() -> Micro {
    var place = 0
    while place + 1 < activeKeys.count, random.below(2) == 0 { place += 1 }
    if random.below(2) == 0 { return Micro(key: activeKeys[place]) }
    if drawn[activeKeys[place]] >= options.appendsPerKey { activeKeys[place] = freshKey() }
    drawn[activeKeys[place]] += 1
    nextValue += 1
    return Micro(key: activeKeys[place], appended: nextValue)
  }

  /// The next moment of a transaction: a micro-operation, or after the last its end.
  private mutating func step(_ client: Int) {
    if options.level == .strictSerializable {
      clients[client].snapshot = commits
      while clients[client].done < clients[client].micro.count { execute(client) }
    }
    if clients[client].done < clients[client].micro.count { return execute(client) }
    let crashes = random.unit() * 100 < options.crashedPercent
    let takesPlace = !crashes || random.below(2) == 0
    let hasConflict = options.level == .snapshotIsolation && hasConflict(clients[client])
    let isRefused = clients[client].isDoomed || hasConflict
    if takesPlace, !isRefused { commit(client) }
    for micro in clients[client].micro where locks[micro.key] == client { locks[micro.key] = nil }
    clients[client].end = crashes ? .info : isRefused ? .fail : .ok
  }

  private mutating func execute(_ client: Int) {
    let place = clients[client].done
    clients[client].done += 1
    let micro = clients[client].micro[place]
    if micro.appended != nil { return lock(micro.key, client) }
    let last = options.level == .readCommitted ? commits : clients[client].snapshot
    let own = clients[client].micro[..<place].filter { $0.key == micro.key }.compactMap(\.appended)
    clients[client].micro[place].read = keys[micro.key].filter { $0.commit <= last }.map(\.value) + own
  }

  private mutating func lock(_ key: Int, _ client: Int) {
    if options.level != .readCommitted { return }
    if let other = locks[key], other != client { clients[client].isDoomed = true } else { locks[key] = client }
  }

  /// Whether somebody else committed to a key of it since it began.
  private func hasConflict(_ client: Client) -> Bool {
    client.micro.contains { micro in
      micro.appended != nil && (keys[micro.key].last.map { $0.commit > client.snapshot } ?? false)
    }
  }

  private mutating func commit(_ client: Int) {
    commits += 1
    for micro in clients[client].micro {
      if let value = micro.appended { keys[micro.key].append(Element(value: value, commit: commits)) }
    }
  }

  private mutating func finish<Failure: Error>(
    _ client: Int, _ body: (Event) throws(Failure) -> Void
  ) throws(Failure) {
    guard let end = clients[client].end else { return }
    try emit(clients[client].process, end, clients[client].micro, body)
    if end == .info { clients[client].process = freshProcess() }
  }

  private mutating func freshProcess() -> Int32 {
    nextProcess += 1
    return nextProcess - 1
  }

  // MARK: Events

  private mutating func emit<Failure: Error>(
    _ process: Int32, _ type: EventType, _ micro: [Micro], _ body: (Event) throws(Failure) -> Void
  ) throws(Failure) {
    let values = micro.map { micro in
      if let value = micro.appended {
        return Value.list([.string(write), .int(Int64(micro.key)), .int(Int64(value))])
      }
      return Value.list(["r", .int(Int64(micro.key)), type == .ok ? answer(micro) : .null])
    }
    try body(
      Event(
        index: events, time: Int64(events) * Self.tick, process: ProcessID(process), type: type, function: "txn",
        value: .list(values)))
    events += 1
  }

  private var write: String { options.objects == .lists ? "append" : "w" }

  /// What a read showed: the list, or its last element.
  private func answer(_ micro: Micro) -> Value {
    guard let read = micro.read else { return .null }
    if options.objects == .lists { return .list(read.map { .int(Int64($0)) }) }
    return read.last.map { .int(Int64($0)) } ?? .null
  }

  /// The script on fresh keys, by fresh processes, with no other event in between.
  private mutating func play<Failure: Error>(
    _ script: AnomalyScript, _ body: (Event) throws(Failure) -> Void
  ) throws(Failure) {
    planted = nil
    let processes = (0..<AnomalyScript.processes).map { _ in freshProcess() }
    let fresh = (0..<AnomalyScript.keys).map { _ in freshKey() }
    for step in options.objects == .lists ? script.steps : script.registerSteps {
      let micro = step.micro.map { micro in
        switch micro {
        case .append(let key, let value): Micro(key: fresh[key], appended: value)
        case .read(let key, let values): Micro(key: fresh[key], read: values)
        }
      }
      try emit(processes[step.process], step.type, micro, body)
    }
    // What these keys hold is for the script alone to say.
    scripted.formUnion(fresh)
  }

  private mutating func readEverything<Failure: Error>(_ body: (Event) throws(Failure) -> Void) throws(Failure) {
    let process = freshProcess()
    let known = keys.indices.filter { !scripted.contains($0) }
    for first in stride(from: 0, to: known.count, by: Self.finalReadKeys) {
      let reads = known[first..<min(first + Self.finalReadKeys, known.count)].map {
        Micro(key: $0, read: keys[$0].map(\.value))
      }
      try emit(process, .invoke, reads, body)
      try emit(process, .ok, reads, body)
    }
  }
}
