import Histories

/// A map of replicated objects: the operations of each key, and what reads of the whole map show of it.
struct MapHistory {
  /// One read of all keys.
  private struct WholeRead {
    var invocation: UInt32
    /// `never` for one that did not succeed.
    var completion: UInt32
    /// `never` for a read through a coordinator.
    var node: UInt32
    var isLastTry = false
  }

  /// What a whole read shows of one key.
  private struct Entry {
    /// By position.
    var read: Int
    var state: ValueWord
  }

  private let rows: Operations
  private let lists: ListWords
  private let fields: UpdateFields
  private let nodeNames: [String]
  /// In order of invocation.
  private var wholeReads: [WholeRead] = []
  /// By key: in order of invocation.
  private var entries: [[Entry]]
  /// A key that no operation names, with something in it: the first read that shows it.
  private struct Stranger {
    var name: String
    var invocation: UInt32
    var completion: Int
  }
  private var strangers: [Stranger] = []

  /// - Throws: `MalformedHistory` for an operation without key that is no read of a map.
  init(_ rows: Operations, _ lists: ListWords) throws(MalformedHistory) {
    (self.rows, self.lists) = (rows, lists)
    fields = UpdateFields(rows.history.values, lists)
    nodeNames = rows.history.nodeNames
    entries = Array(repeating: [], count: rows.history.keys.count)
    var names = KeyNames(rows.history)
    for position in 0..<rows.count where rows.keyID(position) == nil { try append(position, &names) }
    markLastTries()
  }

  private mutating func append(_ position: Int, _ names: inout KeyNames) throws(MalformedHistory) {
    let (function, history) = (rows.function(position), rows.history)
    let (invocation, completion) = (rows.invocations[position], rows.completion(position))
    guard function == "read" || function == "local-read" else {
      throw MalformedHistory(
        index: Int(invocation), message: "a change of a map is of one key, [key, value]; only reads are of all keys")
    }
    var read = WholeRead(
      invocation: invocation, completion: ReplicaHistory.never, node: ReplicaHistory.never)
    if function == "local-read" {
      guard let node = completion.flatMap({ history.nodeID(at: $0) }) ?? history.nodeID(at: Int(invocation)) else {
        throw MalformedHistory(index: Int(invocation), message: "a local-read names the node whose replica it reads")
      }
      read.node = node
    }
    if rows.outcome(position) == .ok, let completion {
      read.completion = UInt32(truncatingIfNeeded: completion)
      try append(rows.output(position), invokedAt: invocation, at: completion, &names)
    }
    wholeReads.append(read)
  }

  /// Notes what the next whole read shows of each key.
  private mutating func append(
    _ word: ValueWord, invokedAt invocation: UInt32, at event: Int, _ names: inout KeyNames
  ) throws(MalformedHistory) {
    let map = lists.entries(word)
    guard map != nil || word.isNull else {
      throw MalformedHistory(
        index: event,
        message: "a read of a map without a key returns {key: state}, not \(rows.history.values.value(word))")
    }
    for place in stride(from: 0, to: map?.count ?? 0, by: 2) {
      guard let map else { break }
      let state = ValueWord(rawValue: map[place + 1])
      if let key = names.key(map[place]) {
        entries[Int(key)].append(Entry(read: wholeReads.count, state: state))
      } else if !isEmpty(state), let name = names.name(ifNew: map[place]) {
        strangers.append(Stranger(name: name, invocation: invocation, completion: event))
      }
    }
  }

  /// Whether it is the state of an object that nobody has changed.
  private func isEmpty(_ state: ValueWord) -> Bool {
    let value = fields.parts(state).value ?? .null
    return value.isNull || lists[value]?.isEmpty ?? (rows.history.values.int(value) == 0)
  }

  private mutating func markLastTries() {
    var last = [Int](repeating: -1, count: nodeNames.count)
    for (position, read) in wholeReads.enumerated() where read.node != ReplicaHistory.never {
      last[Int(read.node)] = position
    }
    for position in last where position >= 0 { wholeReads[position].isLastTry = true }
  }

  // MARK: Objects

  /// Reports keys that came from nowhere.
  func reportStrangers(_ log: inout FindingLog) {
    for stranger in strangers {
      log.add(.thinAirRead) { witnesses in
        let (begin, end) = (Int(stranger.invocation), stranger.completion)
        return (
          "\(witnesses.name(begin, end)) shows the key \(Value.string(stranger.name)), which nobody has changed",
          [begin],
          [begin, end]
        )
      }
    }
  }

  /// Calls the body with each object, in the order in which keys first appear.
  func forEachObject(_ body: (ReplicaHistory) -> Void) throws(MalformedHistory) {
    let tries = wholeReads.indices.filter { wholeReads[$0].isLastTry }
    for key in 0..<UInt32(rows.history.keys.count) {
      let positions = rows.positions(key: key)
      let type = try type(key, positions)
      var object = ReplicaHistory(rows.history, key: rows.history.keys[key], type, isPartOfMap: true)
      var reads = shown(key, tries)[...]
      for position in positions {
        while let next = reads.first, wholeReads[next.read].invocation < rows.invocations[Int(position)] {
          try append(reads.removeFirst(), to: &object)
        }
        try rows.requireSameKey(Int(position))
        try object.append(rows, Int(position), rows.function(Int(position)), fields, lists)
      }
      for read in reads { try append(read, to: &object) }
      for position in tries { object.note(tryOf: wholeReads[position].node, at: wholeReads[position].invocation) }
      try object.finish(nodeNames, lists)
      body(object)
    }
  }

  /// What whole reads show of the key: those that have it, and the last of each replica even if it does not.
  private func shown(_ key: UInt32, _ tries: [Int]) -> [Entry] {
    var shown = entries[Int(key)]
    let having = Set(shown.map(\.read))
    shown += tries.filter { !having.contains($0) && wholeReads[$0].completion != ReplicaHistory.never }
      .map { Entry(read: $0, state: .null) }
    return shown.sorted { $0.read < $1.read }
  }

  private func append(_ entry: Entry, to object: inout ReplicaHistory) throws(MalformedHistory) {
    let read = wholeReads[entry.read]
    try object.appendRead(
      of: read.node == ReplicaHistory.never ? nil : read.node, invocation: read.invocation,
      completion: Int(read.completion), entry.state, fields, lists)
  }

  /// What the functions of its operations make of a key.
  private func type(_ key: UInt32, _ positions: ArraySlice<UInt32>) throws(MalformedHistory) -> ReplicatedType {
    var found: ReplicatedType?
    for position in positions {
      let type: ReplicatedType
      switch rows.function(Int(position)) {
      case "increment", "decrement": type = .pnCounter
      case "add", "remove": type = .orSet
      case "write": type = hasLists(key, positions) ? .mvRegister : .lwwRegister
      default: continue
      }
      guard found == nil || found == type else {
        throw MalformedHistory(
          index: Int(rows.invocations[Int(position)]),
          message: "key \(rows.history.keys[key]) is a \(found?.rawValue ?? ""), which has no "
            + "'\(rows.function(Int(position)))'")
      }
      found = type
      if type != .pnCounter, type != .orSet { break }
    }
    // Of what nobody changed, nothing may be shown.
    return found ?? (hasLists(key, positions) ? .orSet : hasIntegers(key, positions) ? .pnCounter : .lwwRegister)
  }

  private func hasLists(_ key: UInt32, _ positions: ArraySlice<UInt32>) -> Bool {
    states(key, positions).contains { $0.isList }
  }

  private func hasIntegers(_ key: UInt32, _ positions: ArraySlice<UInt32>) -> Bool {
    states(key, positions).contains { rows.history.values.int($0) != nil }
  }

  /// What reads show of the key.
  private func states(_ key: UInt32, _ positions: ArraySlice<UInt32>) -> some Sequence<ValueWord> {
    let own = positions.lazy.map { Int($0) }.filter { rows.function($0).hasSuffix("read") && rows.outcome($0) == .ok }
    let whole = entries[Int(key)].lazy.map { fields.parts($0.state).value ?? .null }
    return [AnySequence(whole), AnySequence(own.map { fields.parts(rows.output($0)).value ?? .null })].joined()
  }
}

/// The ids of keys by the words of a map's keys, which are always texts.
private struct KeyNames {
  private let values: ValueStore
  private var ids: [String: UInt32] = [:]
  private var found: [UInt64: UInt32] = [:]
  private var strange: Set<UInt64> = []

  init(_ history: History) {
    values = history.values
    for id in 0..<UInt32(history.keys.count) { ids[history.keys[id].string ?? history.keys[id].json] = id }
  }

  mutating func key(_ raw: UInt64) -> UInt32? {
    if let id = found[raw] { return id }
    guard let name = values.string(ValueWord(rawValue: raw)), let id = ids[name] else { return nil }
    found[raw] = id
    return id
  }

  /// A name that is met for the first time; nil for others.
  mutating func name(ifNew raw: UInt64) -> String? {
    strange.insert(raw).inserted ? values.string(ValueWord(rawValue: raw)) : nil
  }
}
