import Histories

/// The updates and reads of one replicated object, in columns.
struct ReplicaHistory {
  enum Kind: UInt8 {
    /// An increment, an addition or a write.
    case add
    /// A decrement or a removal.
    case remove
  }

  enum Outcome: UInt8 { case ok, unknown, failed }

  /// Operations that an update or a read names: by their ids, or by a version vector.
  struct Named {
    /// They are `contexts[start..<end]`, or the operations of `marks[start..<end]`; `never` where none are named.
    var start = ReplicaHistory.never
    var end = ReplicaHistory.never
    var isVector = false

    var isGiven: Bool { start != ReplicaHistory.never }
  }

  /// One operation that changes the object. 64 bytes.
  struct Update {
    var kind: Kind
    var outcome: Outcome
    /// Whether its id is one that the system has chosen: told by the completion.
    var isNamedBySystem = false
    /// The element or the value written, dense in order of first use; `never` for counters.
    var element = ReplicaHistory.never
    /// What it adds to a counter: negative for a decrement.
    var amount: Int64 = 0
    var invocation: UInt32
    /// `never` unless it was acknowledged: until then nothing is certain.
    var completion = ReplicaHistory.never
    /// Its own id, dense; `never` where none was reported.
    var id = ReplicaHistory.never
    /// What it observed; the start is `never` where nothing was reported.
    var context = Named()
    /// The event that told the context; meaningless without one.
    var contextEvent: UInt32 = 0
    /// Null where none was reported.
    var timestamp = ValueWord.null

    var hasContext: Bool { context.isGiven }
    var isApplied: Bool { outcome == .ok }
  }

  /// One completed read.
  struct Read {
    var invocation: UInt32
    var completion: UInt32
    /// The replica; `never` for a read through a coordinator.
    var node = ReplicaHistory.never
    /// What a counter showed.
    var amount: Int64 = 0
    /// The elements that a set or the values that a register showed are `seen[start..<end]`.
    var start = 0
    var end = 0
    /// What it names as visible.
    var visible = Named()
    /// The timestamp of what a register showed; null where none was reported.
    var timestamp = ValueWord.null
  }

  /// "Has no such event", and of other columns: has none.
  static let never = UInt32.max

  let history: History
  /// The object; nil where the history holds one only.
  let key: Value?
  let type: ReplicatedType
  /// Whether reads of many objects at once leave out those that are as they were at first.
  let isPartOfMap: Bool
  /// In order of invocation.
  private(set) var updates: [Update] = []
  /// In order of invocation.
  private(set) var reads: [Read] = []
  /// Elements as the reads list them, duplicates included.
  private(set) var seen: [UInt32] = []
  /// Ids of operations, of contexts and of what reads name as visible.
  private var contexts: [UInt32] = []
  /// Entries of version vectors.
  private var marks: [OperationIDs.Dot] = []
  /// The words of the elements.
  private(set) var elements: [ValueWord] = []
  /// Those that somebody tried to read.
  private var tries = ReplicaTries()
  /// By id of an operation: the position of the update; `never` for ids that no update is known to have.
  private(set) var updateOfID: [UInt32] = []
  /// Updates, by position, of different values to which the system has given one id.
  private(set) var sharedIDs: [(first: Int, second: Int)] = []
  /// Whether some update that may have happened has no known id, or ids are taken for granted to be values.
  private(set) var hasUnnamedUpdates = false
  private var elementIDs = WordTable(tagBits: 3, directTag: ValueWord.intTag)
  private(set) var ids = OperationIDs()
  /// After `finish`.
  private(set) var sequences = ActorSequences(OperationIDs(), [])

  init(_ history: History, key: Value?, _ type: ReplicatedType, isPartOfMap: Bool = false) {
    (self.history, self.key, self.type, self.isPartOfMap) = (history, key, type, isPartOfMap)
  }

  /// The element as a value.
  func value(_ element: UInt32) -> Value { history.values.value(elements[Int(element)]) }

  /// An operation's id as a value.
  func idValue(_ id: UInt32) -> Value { history.values.value(ids.words[Int(id)]) }

  /// The elements that a read shows.
  func shown(_ read: Read) -> ArraySlice<UInt32> { seen[read.start..<read.end] }

  /// The ids that are named; empty for a version vector, and where nothing is.
  func named(_ some: Named) -> ArraySlice<UInt32> {
    some.isGiven && !some.isVector ? contexts[Int(some.start)..<Int(some.end)] : []
  }

  /// The entries of the version vector that names them; empty if none does.
  func vector(_ some: Named) -> ArraySlice<OperationIDs.Dot> {
    some.isGiven && some.isVector ? marks[Int(some.start)..<Int(some.end)] : []
  }

  /// The update's dot, if its id is one.
  func dot(_ update: Update) -> OperationIDs.Dot? {
    guard update.id != Self.never else { return nil }
    let dot = ids.dots[Int(update.id)]
    return dot.actor == OperationIDs.noActor ? nil : dot
  }

  /// The update with the id, if one is known to have it.
  func update(ofID id: UInt32) -> Int? { updateOfID[Int(id)] == Self.never ? nil : Int(updateOfID[Int(id)]) }

  // MARK: Lowering

  /// Adds the operation at this position of the paired history.
  mutating func append(
    _ rows: Operations, _ position: Int, _ function: String, _ fields: UpdateFields, _ lists: ListWords
  ) throws(MalformedHistory) {
    if let kind = type.kind(of: function) { return try appendUpdate(rows, position, kind, fields, lists) }
    switch function {
    case "read": try appendRead(rows, position, nodeOfReplica: nil, fields, lists)
    case "local-read":
      let node = try tries.note(rows, position)
      try appendRead(rows, position, nodeOfReplica: node, fields, lists)
    default:
      let known = (type.updates + ["read", "local-read"]).map { "'\($0)'" }.joined(separator: ", ")
      throw MalformedHistory(
        index: Int(rows.invocations[position]),
        message: "a \(type.rawValue) has the operations \(known), not '\(function)'")
    }
  }

  /// In the order of the nodes' names, after `finish`.
  var replicas: [ReplicaTries.Replica] { tries.replicas }

  /// Notes that somebody tried to read a replica.
  mutating func note(tryOf node: UInt32, at invocation: UInt32) { tries.note(tryOf: node, at: invocation) }

  private mutating func appendUpdate(
    _ rows: Operations, _ position: Int, _ kind: Kind, _ fields: UpdateFields, _ lists: ListWords
  ) throws(MalformedHistory) {
    let invocation = rows.invocations[position]
    let outcome: Outcome =
      switch rows.outcome(position) {
      case .ok: .ok
      case .fail: .failed
      case .info, .invoke: .unknown
      }
    var update = Update(kind: kind, outcome: outcome, invocation: invocation)
    let asked = fields.parts(rows.input(position))
    try set(&update, asked.value, at: Int(invocation))
    try note(asked, of: &update, at: Int(invocation), lists)
    if outcome == .ok, let completion = rows.completion(position) {
      update.completion = UInt32(truncatingIfNeeded: completion)
      let answered = fields.parts(rows.output(position))
      try requireEcho(asked.value, answered.value, rows.function(position), at: completion)
      try note(answered, of: &update, at: completion, lists)
    }
    updates.append(update)
  }

  /// Counters may answer what they like, of others one of the two events is not what happened.
  private func requireEcho(
    _ asked: ValueWord?, _ answered: ValueWord?, _ function: String, at event: Int
  ) throws(MalformedHistory) {
    guard type.state != .amount, let answered, !answered.isNull, answered != asked else { return }
    throw MalformedHistory(
      index: event,
      message: "'\(function)' of \(history.values.value(asked ?? .null)) completes with "
        + "\(history.values.value(answered)): expected its own value, or null")
  }

  /// What the update is about.
  private mutating func set(
    _ update: inout Update, _ value: ValueWord?, at event: Int
  ) throws(MalformedHistory) {
    guard type.state == .amount else {
      update.element = try element(value ?? .null, at: event)
      return
    }
    guard let amount = value.flatMap({ history.values.int($0) }), amount >= 0 else {
      throw MalformedHistory(
        index: event,
        message: "a counter changes by an integer from 0, not by \(history.values.value(value ?? .null))"
          + KeyHint.text(value ?? .null, history))
    }
    update.amount = update.kind == .remove ? -amount : amount
  }

  /// What the system reports of the update: a completion says more than the invocation.
  private mutating func note(
    _ parts: UpdateFields.Parts, of update: inout Update, at event: Int, _ lists: ListWords
  ) throws(MalformedHistory) {
    if !parts.id.isNull {
      update.id = try id(parts.id, at: event, lists)
      update.isNamedBySystem = event != Int(update.invocation)
    }
    if !parts.context.isNull {
      update.context = try append(ids: parts.context, "what an update has observed", at: event, lists)
      update.contextEvent = UInt32(truncatingIfNeeded: event)
    }
    if !parts.timestamp.isNull { update.timestamp = try timestamp(parts.timestamp, at: event) }
  }

  private func timestamp(_ word: ValueWord, at event: Int) throws(MalformedHistory) -> ValueWord {
    guard Timestamp.isOne(word, history.values) else {
      throw MalformedHistory(
        index: event,
        message: "a timestamp is an integer, or a list of integers and texts, not \(history.values.value(word))")
    }
    return word
  }

  private mutating func append(
    ids word: ValueWord, _ what: String, at event: Int, _ lists: ListWords
  ) throws(MalformedHistory) -> Named {
    let first = UInt32(truncatingIfNeeded: marks.count)
    if ids.appendVector(word, to: &marks, history.values, lists) {
      return Named(start: first, end: UInt32(truncatingIfNeeded: marks.count), isVector: true)
    }
    guard let list = lists[word] else {
      throw MalformedHistory(
        index: event,
        message: "\(what) is a list of operation ids, or a version vector {actor: n, …}, not "
          + "\(history.values.value(word))")
    }
    let start = UInt32(truncatingIfNeeded: contexts.count)
    for raw in list { contexts.append(try id(ValueWord(rawValue: raw), at: event, lists)) }
    return Named(start: start, end: UInt32(truncatingIfNeeded: contexts.count))
  }

  private mutating func id(
    _ word: ValueWord, at event: Int, _ lists: ListWords
  ) throws(MalformedHistory) -> UInt32 {
    guard let id = ids.id(word, history.values, lists) else {
      throw MalformedHistory(
        index: event,
        message: "an operation's id is a number, a text, or a dot [actor, n from 1], not "
          + "\(history.values.value(word))")
    }
    return id
  }

  @inline(__always)
  private mutating func element(_ word: ValueWord, at event: Int) throws(MalformedHistory) -> UInt32 {
    guard word.isScalar, !word.isNull else {
      throw MalformedHistory(
        index: event,
        message: "an element is a number, a text or a truth value, not \(history.values.value(word))"
          + KeyHint.text(word, history))
    }
    let id = elementIDs.intern(word.rawValue, next: UInt32(elements.count))
    if id == elements.count { elements.append(word) }
    return id
  }

  // MARK: Reads

  private mutating func appendRead(
    _ rows: Operations, _ position: Int, nodeOfReplica node: UInt32?, _ fields: UpdateFields, _ lists: ListWords
  ) throws(MalformedHistory) {
    guard rows.outcome(position) == .ok, let completion = rows.completion(position) else { return }
    try appendRead(
      of: node, invocation: rows.invocations[position], completion: completion, rows.output(position), fields, lists)
  }

  /// Adds a completed read.
  ///
  /// - Parameter node: the replica that was read; nil for a read through a coordinator.
  mutating func appendRead(
    of node: UInt32?, invocation: UInt32, completion: Int, _ state: ValueWord, _ fields: UpdateFields,
    _ lists: ListWords
  ) throws(MalformedHistory) {
    let parts = fields.parts(state)
    var read = Read(invocation: invocation, completion: UInt32(truncatingIfNeeded: completion))
    if let node { read.node = node }
    read.start = seen.count
    try appendState(&read, parts.value ?? .null, at: completion, lists)
    read.end = seen.count
    if !parts.timestamp.isNull { read.timestamp = try timestamp(parts.timestamp, at: completion) }
    if !parts.visible.isNull {
      read.visible = try append(ids: parts.visible, "what a read names as visible", at: completion, lists)
    }
    reads.append(read)
  }

  private mutating func appendState(
    _ read: inout Read, _ word: ValueWord, at event: Int, _ lists: ListWords
  ) throws(MalformedHistory) {
    switch type.state {
    case .amount where word.isNull && isPartOfMap: break
    case .amount:
      guard let amount = history.values.int(word) else { throw malformed("an integer", word, at: event) }
      read.amount = amount
    case .value:
      if !word.isNull { seen.append(try element(word, at: event)) }
    case .elements:
      if let list = lists[word] {
        for raw in list { seen.append(try element(ValueWord(rawValue: raw), at: event)) }
      } else if !word.isNull {
        throw malformed("a list", word, at: event)
      }
    }
  }

  private func malformed(_ wanted: String, _ word: ValueWord, at event: Int) -> MalformedHistory {
    MalformedHistory(
      index: event, message: "a read of a \(type.rawValue) returns \(wanted), not \(history.values.value(word))")
  }

  // MARK: After the last operation

  /// Finds the operation of each id.
  ///
  /// Of a register of many values whose operations report no ids, a value is the id of its write, and so must be one.
  ///
  /// - Throws: `MalformedHistory` for an id, or such a value, that two operations have, unless the system chose the id:
  ///   then it is one of `sharedIDs`, if they are of different values.
  mutating func finish(_ nodeNames: [String], _ lists: ListWords) throws(MalformedHistory) {
    tries.sort(nodeNames)
    if type == .mvRegister { try nameWritesByValue(lists) }
    updateOfID = Array(repeating: Self.never, count: ids.words.count)
    for (position, update) in updates.enumerated() where update.outcome != .failed {
      guard update.id != Self.never else {
        hasUnnamedUpdates = true
        continue
      }
      let other = updateOfID[Int(update.id)]
      if other != Self.never, update.isNamedBySystem {
        // An addition of what is there already may be taken for the same one.
        if updates[Int(other)].element != update.element { sharedIDs.append((Int(other), position)) }
        continue
      }
      guard other == Self.never else {
        throw MalformedHistory(
          index: Int(update.invocation),
          message: "the operation has the id \(idValue(update.id)) of that of event \(updates[Int(other)].invocation)")
      }
      updateOfID[Int(update.id)] = UInt32(truncatingIfNeeded: position)
    }
    sequences = ActorSequences(ids, updateOfID)
  }

  private mutating func nameWritesByValue(_ lists: ListWords) throws(MalformedHistory) {
    var writer = [UInt32](repeating: Self.never, count: elements.count)
    let namesThemselves = updates.contains { $0.id != Self.never }
    if !namesThemselves { hasUnnamedUpdates = true }
    for (position, update) in updates.enumerated() where update.outcome != .failed {
      let (element, event) = (Int(update.element), Int(update.invocation))
      guard writer[element] == Self.never else {
        throw MalformedHistory(
          index: event,
          message: "\(value(update.element)) is written again (first at event "
            + "\(updates[Int(writer[element])].invocation)); every write needs a value of its own")
      }
      writer[element] = UInt32(truncatingIfNeeded: position)
      if !namesThemselves { updates[position].id = try id(elements[element], at: event, lists) }
    }
  }
}
