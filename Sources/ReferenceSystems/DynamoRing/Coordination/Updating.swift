// What an update does to the coordinator's own copy. It is named after the coordinator, which is why that has to be a
// replica: it has seen, and has on disk, how far it had counted.
extension DynamoNode {
  /// Changes this replica's object.
  /// - Returns: what the client is told once the update is safe; nil if the object, or a counter in it, would become too
  ///   large.
  mutating func apply(_ update: Update, to key: Key) -> Outcome? {
    guard held(key).byteCount + update.byteCount <= configuration.limits.objectBytesMax else { return nil }
    if configuration.bug == .dotReusedAfterRestart || configuration.bug == .clockIgnoresSeen {
      namedInThisLife[key, default: 0] += 1
    }
    guard let (object, outcome) = result(of: update, on: held(key), at: key) else { return nil }
    keep(object, at: key, isOwn: true)
    return outcome
  }

  private mutating func result(of update: Update, on object: Object, at key: Key) -> (Object, Outcome)? {
    switch (update, object) {
    case (.put(let value, let context), .siblings(let register)): return put(value, over: context, in: register, key)
    case (.write(let value), .lastWriter):
      let timestamp = nextTimestamp(key)
      return (.lastWriter(LastWriter(value, at: timestamp)), .written(timestamp))
    case (.add(let amount), .counter(let counter)): return count(amount, 0, in: counter, key)
    case (.subtract(let amount), .counter(let counter)): return count(0, amount, in: counter, key)
    case (.insert(let element), .set(var set)):
      guard let dot = nextDot(in: set, key) else { return nil }
      set.add(element, dot)
      return (.set(set), .inserted(dot))
    case (.remove(let element), .set(var set)):
      let dots = set.versions.filter { $0.value == element }.map(\.dot)
      set.discard(dots)
      return (.set(set), .removed(dots))
    default: return nil
    }
  }

  /// A put takes away what its context covers, and stands beside what it does not (§4.4); nil if it cannot be named.
  private func put(
    _ value: Bytes?, over context: CausalContext, in register: DottedValues, _ key: Key
  ) -> (Object, Outcome)? {
    var register = register
    switch configuration.bug {
    case .contextIgnored: break
    case .overwritesUnread: register.discard(coveredBy: register.seen)
    default: register.discard(coveredBy: context)
    }
    var covered = context
    if let value {
      guard let dot = nextDot(in: register, key) else { return nil }
      register.add(value, dot)
      covered.insert(dot)
    }
    return (.siblings(register), .put(covered))
  }

  private mutating func nextTimestamp(_ key: Key) -> Timestamp {
    configuration.bug == .clockIgnoresSeen
      ? Timestamp(milliseconds: 0, logical: namedInThisLife[key] ?? 1, node: configuration.id)
      : clock.next(node: configuration.id)
  }

  private func nextDot(in values: DottedValues, _ key: Key) -> Dot? {
    configuration.bug == .dotReusedAfterRestart
      ? Dot(node: configuration.id, counter: namedInThisLife[key] ?? 1) : values.nextDot(of: configuration.id)
  }

  /// A replica counts in its own entry only; nil if the sum would become too large.
  private func count(_ added: UInt64, _ subtracted: UInt64, in counter: PNCounter, _ key: Key) -> (Object, Outcome)? {
    var counter = counter
    let first = ring.preferenceList(of: ring.range(of: key)).first ?? configuration.id
    let owner = configuration.bug == .counterSharesEntry ? first : configuration.id
    var entry = counter[owner]
    guard added <= PNCounter.sumMax - entry.added, subtracted <= PNCounter.sumMax - entry.subtracted else { return nil }
    entry.added += added
    entry.subtracted += subtracted
    counter[owner] = entry
    return (.counter(counter), .counted)
  }
}

extension Update {
  /// What it may add to an object, in bytes.
  fileprivate var byteCount: Int {
    switch self {
    case .put(let value, let context): (value?.count ?? 0) + 32 + context.cloud.count * 12
    case .write(let value), .insert(let value): value.count + 32
    case .add, .subtract: 20
    case .remove: 0
    }
  }
}
